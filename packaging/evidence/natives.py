"""What ships inside the packages without being one: Qt, the encrypted database, OpenSSL, PDFium, Python, fonts, icons.

Their versions are asked for in the environment that freezes, so that none is written down twice.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.contract.version import RELEASE

ROOT = Path(__file__).resolve().parents[2]
LICENCES = ROOT / "resources" / "licences"

_QUESTION = """
import json, platform
from PySide6.QtCore import qVersion
from cryptography.hazmat.backends.openssl import backend
from pypdfium2 import PDFIUM_INFO
from sqlcipher3 import dbapi2
cipher = dbapi2.connect(":memory:").execute("pragma cipher_version").fetchone()[0]
print(json.dumps({
    "Qt": qVersion(), "SQLCipher": cipher.split()[0], "SQLite": dbapi2.sqlite_version,
    "OpenSSL": backend.openssl_version_text().split()[1], "PDFium": str(PDFIUM_INFO).split("@")[0],
    "Python": platform.python_version(),
}))
"""


@dataclass(frozen=True)
class Native:
    """One such work. `within`: the package that brings it, or our own tree. `texts`: its licence's files."""

    name: str
    version: str
    licence: str
    purl: str
    within: str
    texts: tuple[str, ...]


def versions(python: Path) -> dict[str, str]:
    """Return the versions by name, as the packages of an environment say themselves."""
    asked = subprocess.run([str(python), "-c", _QUESTION], capture_output=True, text=True, check=True)
    return {str(name): str(version) for name, version in json.loads(asked.stdout).items()}


def natives(found: Mapping[str, str], freezer: str) -> tuple[Native, ...]:
    """Return all of them. `found`: from `versions`; `freezer`: the version of PyInstaller."""
    said = (LICENCES / "README.md").read_text("utf-8")
    inter, tabler = (_match(rf"{name} (\d[\d.]*\d)", said) for name in ("Inter", "Tabler Icons"))
    qt, cipher, lite = found["Qt"], found["SQLCipher"], found["SQLite"]
    ssl, pdfium, python = found["OpenSSL"], found["PDFium"], found["Python"]
    return (
        Native(
            "Qt",
            qt,
            "LGPL-3.0-only",
            f"pkg:generic/qt@{qt}",
            "pyside6-essentials",
            ("qt", "lgpl-3.0", "gpl-3.0"),
        ),
        Native(
            "SQLCipher",
            cipher,
            "BSD-3-Clause",
            f"pkg:github/sqlcipher/sqlcipher@v{cipher}",
            "sqlcipher3",
            ("sqlcipher",),
        ),
        Native("SQLite", lite, "blessing", f"pkg:generic/sqlite@{lite}", "sqlcipher3", ("sqlite",)),
        Native("OpenSSL", ssl, "Apache-2.0", f"pkg:generic/openssl@{ssl}", "cryptography", ("apache-2.0",)),
        Native(
            "PDFium", pdfium, "BSD-3-Clause AND Apache-2.0", f"pkg:generic/pdfium@{pdfium}", "pypdfium2", ()
        ),
        Native("CPython", python, "PSF-2.0", f"pkg:generic/python@{python}", "", ("python",)),
        Native(
            "PyInstaller bootloader",
            freezer,
            "GPL-2.0-or-later WITH Bootloader-exception",
            f"pkg:pypi/pyinstaller@{freezer}",
            "",
            ("pyinstaller",),
        ),
        Native("Inter", inter, "OFL-1.1", f"pkg:github/rsms/inter@v{inter}", "", ("inter",)),
        Native("Tabler Icons", tabler, "MIT", f"pkg:npm/%40tabler/icons@{tabler}", "", ("tabler-icons",)),
    )


def product() -> tuple[str, str]:
    """Return name and version of what ships."""
    return "counterpart", RELEASE


def _match(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, f"resources/licences/README.md says no {pattern}"
    return found[1]
