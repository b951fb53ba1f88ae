"""Freezing: the same source and locks give the same bytes, on the same kind of machine."""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def source_date() -> int:
    """Return the time everything is dated to: that of the last commit, or what SOURCE_DATE_EPOCH says."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    if told:
        return int(told)
    asked = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return int(asked.stdout)


def freeze(python: Path, spec: Path, target: Path, work: Path) -> Path:
    """Run PyInstaller over a spec file or a script; gives the folder with the frozen app, in `target`.

    Modules keep their place in the archive and dates are the commit's, so that two runs agree. `work` is emptied first:
    what PyInstaller keeps there from an earlier run would decide about this one.
    """
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
    environment |= {
        "PYTHONHASHSEED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "SOURCE_DATE_EPOCH": str(source_date()),
        "PYINSTALLER_CONFIG_DIR": str(work / "config"),
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
    }
    options = ["--noconfirm", "--log-level=ERROR", f"--distpath={target}", f"--workpath={work}"]
    if spec.suffix == ".py":
        options += ["--onedir", f"--specpath={work}"]
    subprocess.run(
        [str(python), "-m", "PyInstaller", *options, str(spec)], cwd=ROOT, env=environment, check=True
    )
    return target / spec.stem


def differences(one: Path, other: Path) -> list[str]:
    """Return the paths that are not the same in both trees: missing in one, of another kind, mode or content."""
    names = {path.relative_to(tree) for tree in (one, other) for path in tree.rglob("*")}
    return sorted(name.as_posix() for name in names if not _same(one / name, other / name))


def size(tree: Path) -> int:
    """Return the bytes of all files of a tree."""
    return sum(file.lstat().st_size for file in tree.rglob("*") if file.is_file() and not file.is_symlink())


def _same(one: Path, other: Path) -> bool:
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
    if one.is_dir() or other.is_dir():
        return one.is_dir() and other.is_dir()
    if not (one.exists() and other.exists()) or one.stat().st_mode != other.stat().st_mode:
        return False
    return filecmp.cmp(one, other, shallow=False)
