"""Freeze the client for this platform into `dist/` and prove that it runs: `make package`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from slim import FORBIDDEN
from smoke import smoke

ROOT = Path(__file__).resolve().parent.parent
BUNDLE = ROOT / "dist" / "counterpart"


def main() -> int:
    """Freeze, inspect, start. Gives the exit code."""
    started = time.monotonic()
    shutil.rmtree(BUNDLE, ignore_errors=True)
    freeze()
    problems = inspect(BUNDLE)
    if problems:
        sys.stderr.write(
            "The frozen app is not as it should be:\n" + "".join(f"- {text}\n" for text in problems)
        )
        return 1
    size = sum(file.stat().st_size for file in BUNDLE.rglob("*") if file.is_file() and not file.is_symlink())
    print(
        f"Frozen in {time.monotonic() - started:.0f} s: {BUNDLE.relative_to(ROOT)}, {size / 1e6:.0f} MB",
        flush=True,
    )
    return smoke(BUNDLE / ("counterpart.exe" if sys.platform == "win32" else "counterpart"))


def freeze() -> None:
    """Run PyInstaller over the spec file."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "PyInstaller",
            "--noconfirm",
            "--log-level=WARN",
            f"--distpath={ROOT / 'dist'}",
            f"--workpath={ROOT / 'build' / 'freeze'}",
            str(ROOT / "packaging" / "counterpart.spec"),
        ],
        cwd=ROOT,
        check=True,
    )


def inspect(bundle: Path) -> list[str]:
    """Return what is wrong with the bundle's content: forbidden files, missing fonts, icons or licences."""
    names = [file.relative_to(bundle).as_posix() for file in bundle.rglob("*") if file.is_file()]
    problems = [f"{name} must not ship" for name in names if any(word in name.lower() for word in FORBIDDEN)]
    needed = ("resources/fonts/", "resources/icons/", "resources/licences/", "resources/help/")
    problems += [f"{part} is missing" for part in needed if not any(part in name for name in names)]
    if not any("/platforms/" in name for name in names):
        problems.append("no Qt platform plugin")
    return problems


if __name__ == "__main__":
    sys.exit(main())
