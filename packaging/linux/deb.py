"""The Debian package of a frozen app, the same bytes for the same payload and date.

`python packaging/linux/deb.py dist/counterpart` makes it anew from what was frozen.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]

from freezing import source_date  # noqa: E402  # the two folders above come first

from app.contract.version import RELEASE  # noqa: E402
from linux.depends import scanned  # noqa: E402
from linux.layout import FILES, ICON_EDGES, lay_out  # noqa: E402

MAINTAINER = "Counterpart <packages@counterpart.invalid>"

_DESCRIPTION = """portal of a vendor on the desktop, also without a network
 Partners of a vendor register deals, follow orders, answer requests and read
 documents, with or without a network. When there is one again both sides
 agree, nothing is lost, and where two people changed the same thing a person
 decides. Everything is kept encrypted on the computer.
 .
 An organisation sets what holds in /etc/counterpart/policy.toml."""


def build_deb(
    payload: Path, target: Path, work: Path, icons: Mapping[int, bytes], *, version: str = RELEASE
) -> Path:
    """Make the package of `payload` in the folder `target`; gives its file. `work`: a folder that is emptied first."""
    shutil.rmtree(work, ignore_errors=True)
    tree = work / "tree"
    when = source_date()
    architecture = _said(["dpkg", "--print-architecture"])
    lay_out(payload, tree, version, when, icons)
    (tree / "DEBIAN").mkdir(mode=0o755)  # by it the scan knows what is of this package
    needs = scanned(tree)
    _control_files(tree, control(version, architecture, installed_size(tree), needs))
    for path in sorted(tree.rglob("*"), reverse=True):
        os.utime(path, (when, when), follow_symlinks=False)
    target.mkdir(parents=True, exist_ok=True)
    made = target / f"counterpart_{version}_{architecture}.deb"
    # One thread: xz cuts its blocks by how many it has.
    packing = ["-Zxz", "-z3", "--threads-max=1", "--root-owner-group"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(when), "LC_ALL": "C.UTF-8"}
    subprocess.run(
        ["dpkg-deb", *packing, "--build", str(tree), str(made)],
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return made


def control(version: str, architecture: str, kilobytes: int, needs: Mapping[str, Sequence[str]]) -> str:
    """Return the text of the control file."""
    fields = {
        "Package": "counterpart",
        "Version": version,
        "Architecture": architecture,
        "Maintainer": MAINTAINER,
        "Installed-Size": str(kilobytes),
        **{name: ", ".join(packages) for name, packages in needs.items() if packages},
        "Section": "misc",
        "Priority": "optional",
        "Description": _DESCRIPTION,
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def installed_size(tree: Path) -> int:
    """Return what Debian calls so: kilobytes of files, each rounded up, and one for everything else."""
    return sum(
        -(-path.stat().st_size // 1024) if path.is_file() and not path.is_symlink() else 1
        for path in tree.rglob("*")
    )


def md5sums(tree: Path) -> str:
    """Return the sums of all files but those of the control part and the conffiles, as dpkg writes them."""
    files = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    named = [(path, path.relative_to(tree).as_posix()) for path in files]
    return "".join(
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {name}\n"
        for path, name in named
        if not name.startswith(("DEBIAN/", "etc/"))
    )


def _control_files(tree: Path, text: str) -> None:
    folder = tree / "DEBIAN"
    sums = md5sums(tree)
    contents = {"control": text, "md5sums": sums, "conffiles": "/etc/counterpart/README\n"}
    for name, content in contents.items():
        (folder / name).write_text(content, "utf-8")
        (folder / name).chmod(0o644)
    shutil.copyfile(FILES / "postrm", folder / "postrm")
    (folder / "postrm").chmod(0o755)


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    from tile import tiles

    print(build_deb(Path(sys.argv[1]), ROOT / "dist", ROOT / "build" / "deb", tiles(ICON_EDGES)))
