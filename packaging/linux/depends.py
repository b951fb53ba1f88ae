"""What the package depends on: Debian's own scan of every program and library in it."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

#: What no library names: certificates of the system, and time zones.
ALWAYS = ("ca-certificates", "tzdata")

#: What it is better with: opening the browser, the key store, icons and file types on a desktop, printers.
BETTER_WITH = (
    "desktop-file-utils",
    "gnome-keyring | libkf5wallet-bin",
    "hicolor-icon-theme",
    "shared-mime-info",
    "xdg-utils",
)

#: Plugins without which it works as well; what only they need is recommended.
_OPTIONAL = ("libcupsprintersupport.so",)

_ELF = b"\x7fELF"
_FIELD = re.compile(r"^shlibs:(Depends|Recommends)=(.*)$", re.MULTILINE)


class UnknownLibrary(Exception):
    """A library that is linked to belongs to no package of this system; the message names it."""


def elf_files(tree: Path) -> list[Path]:
    """Return all programs and libraries of a tree, in order."""
    return sorted(
        path for path in tree.rglob("*") if path.is_file() and not path.is_symlink() and _is_elf(path)
    )


def scanned(tree: Path) -> dict[str, tuple[str, ...]]:
    """Return what `Depends` and `Recommends` come to, by dpkg-shlibdeps over the tree. Raises UnknownLibrary."""
    files = elf_files(tree)
    if not files:
        return fields("")
    own = sorted({str(file.parent) for file in files})
    needed = [f"-e{file}" for file in files if file.name not in _OPTIONAL]
    better = [f"-e{file}" for file in files if file.name in _OPTIONAL]
    with tempfile.TemporaryDirectory(prefix="counterpart-depends-") as folder:
        (Path(folder) / "debian").mkdir()
        (Path(folder) / "debian" / "control").write_text(
            "Source: counterpart\n\nPackage: counterpart\nArchitecture: any\n"
        )
        done = subprocess.run(
            ["dpkg-shlibdeps", "-O", "--warnings=1", *(f"-l{place}" for place in own), "-dDepends", *needed]
            + (["-dRecommends", *better] if better else []),
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise UnknownLibrary(done.stderr.strip())
    return fields(done.stdout)


def fields(output: str) -> dict[str, tuple[str, ...]]:
    """Return the packages by field, with what is always needed; what is needed anyway is not recommended."""
    found = {name: _listed(value) for name, value in _FIELD.findall(output)}
    depends = tuple(sorted({*found.get("Depends", ()), *ALWAYS}))
    recommends = tuple(sorted({*found.get("Recommends", ()), *BETTER_WITH} - set(depends)))
    return {"Depends": depends, "Recommends": recommends}


def _listed(value: str) -> Iterable[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == _ELF
