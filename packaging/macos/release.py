"""Sign, notarise and pack the frozen app: `python packaging/macos/release.py dist/Counterpart.app --kind managed`.

`managed` makes the package for MDM, `per_user` the archive for users who install it themselves; each has the app of
its own, since how it is installed is under the signature. `--dry-run` prints the commands and runs none.

The environment says who signs: `COUNTERPART_MAC_APPLICATION` and `COUNTERPART_MAC_INSTALLER` (names of certificates in
the keychain), `COUNTERPART_NOTARY_KEY` (a file), `COUNTERPART_NOTARY_KEY_ID`, `COUNTERPART_NOTARY_ISSUER`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import plistlib
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import assert_never

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]

from app.contract.version import RELEASE  # noqa: E402  # the two folders above come first
from macos import steps  # noqa: E402
from macos.bundle import APP  # noqa: E402
from macos.steps import Credentials, Step  # noqa: E402

_NEEDED = ("MAC_APPLICATION", "MAC_INSTALLER", "NOTARY_KEY", "NOTARY_KEY_ID", "NOTARY_ISSUER")

#: Runs a command; gives its exit code and what it printed.
Run = Callable[[Sequence[str]], tuple[int, str]]


class NotReleased(Exception):
    """A step failed, or something is missing; the text says which and why."""


class Kind(StrEnum):
    """Who looks after the installation; as `installation.json` says it."""

    MANAGED = "managed"
    PER_USER = "per_user"


@dataclass(frozen=True)
class Who:
    """Who signs: the certificates for the app and for packages, and the key for the notary."""

    application: str
    installer: str
    notary: Credentials


def who(environment: Mapping[str, str]) -> Who:
    """What the environment says. Raises NotReleased for what it does not."""
    said = {name: environment.get(f"COUNTERPART_{name}", "").strip() for name in _NEEDED}
    missing = [f"COUNTERPART_{name}" for name, value in said.items() if not value]
    if missing:
        raise NotReleased(f"not set: {', '.join(missing)}")
    notary = Credentials(Path(said["NOTARY_KEY"]), said["NOTARY_KEY_ID"], said["NOTARY_ISSUER"])
    return Who(said["MAC_APPLICATION"], said["MAC_INSTALLER"], notary)


def prepare(frozen: Path, work: Path, kind: Kind, architecture: str, version: str = RELEASE) -> Path:
    """Copy the app into a folder of its own, say there how it is installed, and write what the package needs."""
    shutil.rmtree(work, ignore_errors=True)
    app = work / "root" / APP
    shutil.copytree(frozen, app, symlinks=True)
    said = app / "Contents" / "Resources" / "installation.json"
    said.parent.mkdir(parents=True, exist_ok=True)
    said.write_text(json.dumps({"kind": kind.value}) + "\n", encoding="utf-8")
    (work / "component.plist").write_bytes(plistlib.dumps(steps.component()))
    (work / "distribution.xml").write_text(steps.distribution(version, architecture), encoding="utf-8")
    return app


def plan(app: Path, target: Path, kind: Kind, names: Who, version: str = RELEASE) -> list[Step]:
    """All steps, in order. `app`: as `prepare` left it. `target`: the package or archive to make."""
    work = app.parent.parent
    signed = [
        *steps.sign_app(app, names.application),
        *steps.notarise_app(app, work / "for-the-notary.zip", names.notary),
    ]
    match kind:
        case Kind.MANAGED:
            made = steps.make_package(app.parent, work, target, version, names.installer)
            return [*signed, *made, *steps.notarise_package(target, names.notary)]
        case Kind.PER_USER:
            return [*signed, *steps.pack_app(app, target)]
        case _:
            assert_never(kind)


def carry_out(todo: Iterable[Step], notary: Credentials, run: Run) -> None:
    """Run the steps one after the other. Raises NotReleased at the first that fails."""
    for step in todo:
        print(f"{step.what} …", flush=True)
        code, printed = run(step.command)
        if step.notarises:
            _accepted(step, printed, notary, run)
        elif code != 0:
            raise NotReleased(f"{step.what}: {step.command[0]} ended with {code}\n{printed}")


def _accepted(step: Step, printed: str, notary: Credentials, run: Run) -> None:
    """The notary's tool ends with 0 also when Apple says no."""
    try:
        answer = json.loads(printed)
    except ValueError:
        answer = {}
    if isinstance(answer, dict) and answer.get("status") == "Accepted":
        return
    submission = str(answer.get("id", "")) if isinstance(answer, dict) else ""
    why = run(steps.notary_log(submission, notary))[1] if submission else printed
    raise NotReleased(f"{step.what}: Apple did not accept it\n{why}")


def _run(command: Sequence[str]) -> tuple[int, str]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise NotReleased(f"{command[0]} is not on this computer; this runs on macOS") from error
    return done.returncode, done.stdout or done.stderr


def file_name(kind: Kind, architecture: str, version: str = RELEASE) -> str:
    """The file that is made."""
    return f"counterpart-{version}-macos-{architecture}.{'pkg' if kind is Kind.MANAGED else 'zip'}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Gives the exit code."""
    parser = argparse.ArgumentParser(description="Sign, notarise and pack the app for macOS.")
    parser.add_argument("app", type=Path, help="the frozen app, such as dist/Counterpart.app")
    parser.add_argument("--kind", type=Kind, choices=list(Kind), required=True)
    parser.add_argument("--architecture", default=platform.machine(), help="arm64 or x86_64; this computer's")
    parser.add_argument("--to", type=Path, default=ROOT / "dist")
    parser.add_argument("--dry-run", action="store_true", help="print the commands, run none")
    options = parser.parse_args(arguments)
    target = options.to.resolve() / file_name(options.kind, options.architecture)
    try:
        names = who(os.environ)
        work = ROOT / "build" / f"macos-{options.kind}"
        todo = plan(
            prepare(options.app, work, options.kind, options.architecture), target, options.kind, names
        )
        if options.dry_run:
            print("\n".join(shlex.join(step.command) for step in todo))
            return 0
        target.parent.mkdir(parents=True, exist_ok=True)
        carry_out(todo, names.notary, _run)
    except NotReleased as error:
        sys.stderr.write(f"{error}\n")
        return 1
    print(f"{target}: {target.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
