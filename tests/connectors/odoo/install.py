"""Getting a real Odoo 19 onto this machine, without Docker and without touching what is installed here.

Debian packages it in *sid*. The machine's own source of Debian packages is asked for that suite through a state of apt
that is nobody else's; the package is unpacked into a folder, and what it needs of Python goes into a venv of its own.
Each step writes into a folder beside its place and is moved there when it is complete, so that one that was
interrupted begins anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = "odoo-19"
_HELPDESK = "odoo-addon-helpdesk-mgmt==19.0.1.3.2"

#: Odoo as packaged says which versions of Python it takes (odoo/release.py).
_PYTHONS = ((3, 10), (3, 13))

#: Country-specific parts and translations are half of it.
_LEFT_OUT = ("*/l10n_*", "*/i18n/*.po", "*/i18n/*.pot", "*/dist-packages/addons/*", "*/dist-packages/setup/*")
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class CannotInstall(Exception):
    """Odoo cannot be had here; the message says what is in the way and what to do."""


def say(text: str) -> None:
    """Tell how far it has come."""
    sys.stderr.write(f"odoo: {text}\n")
    sys.stderr.flush()


@dataclass(frozen=True)
class Installed:
    """Where things are. `python`: the interpreter that has what Odoo needs."""

    python: Path
    packages: Path
    addons: Path

    @property
    def program(self) -> list[str]:
        """The command that Odoo's own arguments follow."""
        return [str(self.python), "-m", "odoo"]

    @property
    def addons_path(self) -> str:
        """Where modules are, as Odoo takes it."""
        return f"{self.packages / 'odoo' / 'addons'},{self.addons / 'odoo' / 'addons'}"


def cache_folder() -> Path:
    """Return where all of it is kept: COUNTERPART_LIVE_CACHE, or a folder in the user's cache."""
    named = os.environ.get("COUNTERPART_LIVE_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "counterpart-live"


def install(folder: Path) -> Installed:
    """Make whatever is not there yet. Raises CannotInstall."""
    if not _PYTHONS[0] <= sys.version_info[:2] <= _PYTHONS[1]:
        raise CannotInstall(f"Odoo 19 runs on Python 3.10 to 3.13, and this is {sys.version.split()[0]}.")
    folder.mkdir(parents=True, exist_ok=True)
    packages, venv, addons = folder / "packages", folder / "venv", folder / "addons"
    if not packages.exists():
        _unpack(_download(folder), packages)
    if not venv.exists():
        _make_venv(venv)
    if not addons.exists():
        _add_helpdesk(venv, addons)
    return Installed(venv / "bin" / "python", packages / "usr" / "lib" / "python3" / "dist-packages", addons)


# ---------------------------------------------------------------------------------------------------- the package


def _download(folder: Path) -> Path:
    """Return the Debian package, got through an apt that leaves the machine's own alone."""
    apt, kept = folder / "apt", folder / "download"
    for part in ("state", "lists/partial", "cache/archives/partial"):
        (apt / part).mkdir(parents=True, exist_ok=True)
    kept.mkdir(exist_ok=True)
    (apt / "state" / "status").touch()
    signed = f"signed-by={_KEYRING} " if _KEYRING.exists() else ""
    (apt / "sources.list").write_text(f"deb [{signed}check-valid-until=no] {_debian()} sid main\n")
    options = {
        "Dir::State": apt / "state",
        "Dir::State::Lists": apt / "lists",
        "Dir::Cache": apt / "cache",
        "Dir::Etc::SourceList": apt / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::Etc::Preferences": "/dev/null",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
    }
    apart = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    say("asking Debian sid for the package odoo-19")
    _run(["apt-get", *apart, "-qq", "update"], "The lists of Debian sid cannot be had.")
    say("downloading it (120 MB)")
    _run(["apt-get", *apart, "-qq", "download", _PACKAGE], "Debian sid has no package odoo-19 for us.", kept)
    found = sorted(kept.glob(f"{_PACKAGE}_*.deb"))
    if not found:
        raise CannotInstall(f"apt-get says that it downloaded {_PACKAGE}, and there is none in {kept}.")
    return found[-1]


def _debian() -> str:
    """Return the address of the machine's own Debian archive."""
    listed = _run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(COMPONENT)", "Created-By: Packages"],
        "The machine's apt cannot say where its packages come from.",
    )
    for line in listed.splitlines():
        address, _, component = line.partition(" ")
        if component == "main" and address.rstrip("/").endswith("/debian"):
            return address
    raise CannotInstall(
        "Odoo 19 comes from Debian sid, by way of the machine's own source of Debian packages, and apt names none "
        "(`apt-get indextargets`). It works on Debian 12 and 13."
    )


def _unpack(package: Path, target: Path) -> None:
    say("unpacking it")
    part = _part(target)
    left_out = [f"--exclude={pattern}" for pattern in _LEFT_OUT]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as unpacking:
        taken = subprocess.run(
            ["tar", "xf", "-", "-C", part, *left_out, "--wildcards", "./usr/lib/python3/*"],
            stdin=unpacking.stdout,
            capture_output=True,
            check=False,
        )
    if taken.returncode or unpacking.returncode:
        raise CannotInstall(f"{package} cannot be unpacked: {taken.stderr.decode(errors='replace').strip()}")
    part.rename(target)
    shutil.rmtree(package.parent)


# --------------------------------------------------------------------------------------------------- what it needs


def _make_venv(target: Path) -> None:
    say("making its Python environment (half a minute)")
    # Its programs would not survive the move, but `python -m` does, and nothing else is called.
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    _run([sys.executable, "-m", "venv", "--copies", part], "The Python environment cannot be made.")
    needed = Path(__file__).with_name("requirements.txt")
    pip: list[str | Path] = [
        part / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    _run([*pip, "-r", needed], "What Odoo needs of Python cannot be installed.")
    part.rename(target)


def _add_helpdesk(venv: Path, target: Path) -> None:
    say("adding the module helpdesk_mgmt")
    part = _part(target)
    pip: list[str | Path] = [
        venv / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    _run([*pip, "--no-deps", "--target", part, _HELPDESK], "The module helpdesk_mgmt cannot be installed.")
    part.rename(target)


def _part(target: Path) -> Path:
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    return part


def _run(command: Sequence[str | Path], what: str, folder: Path | None = None) -> str:
    """Run a program to its end and return what it printed. Raises CannotInstall with `what` went wrong."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise CannotInstall(f"{what} There is no program {command[0]} here.") from error
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise CannotInstall(f"{what} {command[0]} said:\n{last}")
    return done.stdout
