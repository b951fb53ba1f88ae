"""What IT departments need besides a package, as one archive of a release: templates of the policy, and docs/admin.md.

Whoever rolls Counterpart out has packages, not this repository. The same bytes for the same files and date.
"""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

from freezing import source_date

from app.contract.version import RELEASE

ROOT = Path(__file__).resolve().parent.parent
POLICY = ROOT / "packaging" / "policy"
PAGE = ROOT / "docs" / "admin.md"

#: The first moment that an archive can hold.
_FIRST = 315532800


def policy_archive(target: Path, *, version: str = RELEASE) -> Path:
    """Make the archive in the folder `target`; gives its file."""
    files = {path.relative_to(POLICY).as_posix(): path for path in POLICY.rglob("*") if path.is_file()}
    files[PAGE.name] = PAGE
    target.mkdir(parents=True, exist_ok=True)
    made = target / f"counterpart-{version}-policies.zip"
    when = time.gmtime(max(source_date(), _FIRST))[:6]
    with zipfile.ZipFile(made, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, when)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, files[name].read_bytes(), zipfile.ZIP_DEFLATED)
    return made
