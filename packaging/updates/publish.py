"""The publisher's tool: keys, releases, channels, and what keeps their signatures alive. See docs/updates.md.

    cd packaging/updates
    python publish.py init PLACE --keys KEYS
    python publish.py add PLACE --keys KEYS --channel beta --version 0.2.0 --platform linux-x86_64 FROZEN
    python publish.py promote PLACE --keys KEYS --version 0.2.0 --platform linux-x86_64
    python publish.py resign PLACE --keys KEYS

The passphrase of the keys is asked for, or read from COUNTERPART_KEYS_PASSPHRASE.
"""

from __future__ import annotations

import argparse
import getpass
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from update_keys import CHANNELS, ROLES, Keys
from update_package import make_package
from update_repository import Repository

PASSPHRASE = "COUNTERPART_KEYS_PASSPHRASE"  # noqa: S105  # the name of a variable


ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    passphrase = os.environ.get(PASSPHRASE) or getpass.getpass("Passphrase of the keys: ")
    try:
        repository = Repository(options.place, Keys(options.keys, passphrase))
        run: Callable[[Repository, argparse.Namespace], None] = options.run
        run(repository, options)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"Nothing was published: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="publish.py", description="Publish releases of Counterpart.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, words: str, run: Callable[[Repository, argparse.Namespace], None]
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=words, description=words)
        made.add_argument("place", type=Path, help="the folder that the web server serves")
        made.add_argument("--keys", type=Path, required=True, help="the folder of the keys that are needed")
        made.set_defaults(run=run)
        return made

    command("init", "Make all keys and the first metadata.", lambda repository, _options: repository.create())
    add = command("add", "Offer a release in a channel.", _add)
    add.add_argument("frozen", type=Path, help="the frozen app; on macOS the folder with Counterpart.app")
    add.add_argument("--channel", choices=CHANNELS, default="beta")
    add.add_argument("--minimum-system", default="", help="such as 10.0.19041, 13.0, or glibc's 2.31")
    add.add_argument("--store-schema", type=int, default=_store_schema(), help="steps of the store's schema")
    add.add_argument("--notes", action="append", default=[], metavar="LANGUAGE=FILE", help="what is new")
    promote = command("promote", "Offer in stable what beta offers: the same bytes.", _promote)
    for made in (add, promote):
        made.add_argument("--version", required=True)
        made.add_argument(
            "--platform", required=True, help="such as linux-x86_64, windows-x86_64, macos-arm64"
        )
    command("resign", "Sign the timestamp anew, every day.", lambda repository, _options: repository.resign())
    renew = command(
        "renew", "Sign the root, targets or a channel anew.", lambda repository, o: repository.renew(o.role)
    )
    renew.add_argument("role", choices=("root", "targets", *CHANNELS))
    rotate = command("rotate-root", "Put a new root key in the place of one.", _rotate)
    rotate.add_argument("--old", required=True, metavar="KEY", help="such as root-2; its file is not needed")
    rotate.add_argument(
        "--new", required=True, metavar="KEY", help="such as root-4; made when it is not there"
    )
    replace = command("replace-key", "Put a new key in the place of any that is no root key.", _replace)
    replace.add_argument("role", choices=ROLES)
    root = command("root", "Write the newest root where a release takes it from.", _root)
    root.add_argument("--to", type=Path, default=ROOT / "resources/updates/root.json")
    command("show", "Say what the channels offer, and when what expires.", _show)
    return parser


def _store_schema() -> int:
    sys.path.insert(0, str(ROOT))
    from app.store.migrations.known import KNOWN_STEPS  # noqa: PLC0415  # the tree is no package of this script

    return len(KNOWN_STEPS)


def _add(repository: Repository, options: argparse.Namespace) -> None:
    notes = dict(note.split("=", 1) for note in options.notes)
    with tempfile.TemporaryDirectory(prefix="counterpart-package-") as passing:
        package = Path(passing) / "package.zip"
        size = make_package(options.frozen, package, options.version, options.platform)
        custom: dict[str, Any] = {
            "version": options.version,
            "platform": options.platform,
            "minimum_system": options.minimum_system,
            "store_schema": options.store_schema,
            "unpacked": size,
            "notes": {language: Path(file).read_text("utf-8").strip() for language, file in notes.items()},
        }
        offer = repository.add(options.channel, package, custom)
    print(f"{options.channel} offers {options.version} as {offer.path}")


def _promote(repository: Repository, options: argparse.Namespace) -> None:
    offer = repository.promote(options.platform, options.version)
    print(f"stable offers {options.version} as {offer.path}")


def _rotate(repository: Repository, options: argparse.Namespace) -> None:
    repository.rotate_root(options.old, options.new)
    print(f"{repository.newest_root().name} has {options.new} in the place of {options.old}")


def _replace(repository: Repository, options: argparse.Namespace) -> None:
    repository.replace_key(options.role, f"{options.role}-new")
    print(f"{options.role} has another key; ship {repository.newest_root().name} with the next release")


def _root(repository: Repository, options: argparse.Namespace) -> None:
    options.to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(repository.newest_root(), options.to)
    print(f"{options.to} is {repository.newest_root().name}")


def _show(repository: Repository, _options: argparse.Namespace) -> None:
    for channel in CHANNELS:
        for offer in repository.offers(channel):
            print(f"{channel}: {offer.custom['version']} for {offer.custom['platform']}")
    now = datetime.now(UTC)
    for role, expires in repository.expiries().items():
        print(f"{role} expires {expires:%Y-%m-%d}, in {(expires - now).days} days")


if __name__ == "__main__":
    sys.exit(main())
