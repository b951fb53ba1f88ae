"""Where everything of the package goes: the program below /opt, and what the desktop looks for where it looks."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from linux.depends import elf_files

FILES = Path(__file__).with_name("files")

#: The policy with every setting in it, to copy from.
SAMPLE = Path(__file__).parents[1] / "policy" / "policy.toml"

PROGRAM = Path("opt/counterpart")
_DOC = Path("usr/share/doc/counterpart")

#: Places of files of ours, by their names in `files/`.
PLACES: Mapping[str, str] = {
    "counterpart.desktop": "usr/share/applications/counterpart.desktop",
    "counterpart-mime.xml": "usr/share/mime/packages/counterpart.xml",
    "app.counterpart.desktop.metainfo.xml": "usr/share/metainfo/app.counterpart.desktop.metainfo.xml",
    "etc-README": "etc/counterpart/README",
    "copyright": "usr/share/doc/counterpart/copyright",
    "lintian-overrides": "usr/share/lintian/overrides/counterpart",
}

#: What `installation.json` says: whoever looks after this computer brings new releases.
MANAGED = '{"kind": "managed"}\n'

#: Icons by their edge in pixels.
ICON_EDGES = (16, 24, 32, 48, 64, 128, 256)


def lay_out(payload: Path, tree: Path, version: str, when: int, icons: Mapping[int, bytes]) -> None:
    """Put the package's content into `tree`. `when`: seconds since 1970, for everything that carries a date."""
    shutil.copytree(payload, tree / PROGRAM, symlinks=True)
    _write(tree / PROGRAM / "installation.json", MANAGED.encode())
    day = datetime.fromtimestamp(when, UTC)
    for name, place in PLACES.items():
        _write(tree / place, filled(name, version, day))
    _write(tree / _DOC / "examples" / SAMPLE.name, SAMPLE.read_bytes())
    _packed(tree / "usr/share/man/man1/counterpart.1.gz", filled("counterpart.1", version, day))
    _packed(tree / _DOC / "changelog.gz", changelog(version, day).encode())
    for edge, png in icons.items():
        _write(tree / f"usr/share/icons/hicolor/{edge}x{edge}/apps/counterpart.png", png)
    link = tree / "usr/bin/counterpart"
    link.parent.mkdir(parents=True)
    link.symlink_to("/opt/counterpart/counterpart")
    settle(tree)


def filled(name: str, version: str, day: datetime) -> bytes:
    """Return a file of ours with version and date put in."""
    text = (FILES / name).read_text("utf-8")
    return text.replace("@VERSION@", version).replace("@DATE@", day.strftime("%Y-%m-%d")).encode()


def changelog(version: str, day: datetime) -> str:
    """Return Debian's changelog with this release as its one entry."""
    stamp = day.strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (
        f"counterpart ({version}) stable; urgency=medium\n\n  * Release {version}.\n\n"
        f" -- Counterpart <packages@counterpart.invalid>  {stamp}\n"
    )


def settle(tree: Path) -> None:
    """Give everything the rights it has on any computer: root's to write, everybody's to read; programs run."""
    programs = {path for path in elf_files(tree) if ".so" not in path.name}
    for path in sorted(tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path in programs else 0o644)
    tree.chmod(0o755)


def _packed(target: Path, content: bytes) -> None:
    # Without a name and a time in it, which is what makes it the same each time.
    _write(target, gzip.compress(content, 9, mtime=0))


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
