"""The Debian package on a machine that has nothing: installed by apt, used by an ordinary user, removed and purged."""

from __future__ import annotations

import configparser
import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from app.__main__ import cli
from app.composition.browser import FormBrowser
from app.composition.demo import GatewayProcess, Ready
from app.composition.headless import Wanted, opened, portal_of
from app.composition.surroundings import real_surroundings
from app.contract.version import RELEASE
from tests.packaging.bare import Bare, bare_debian
from tools.project import ROOT

if sys.platform != "linux":
    pytest.skip("the package of Linux", allow_module_level=True)

pytestmark = [
    pytest.mark.package,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may make and enter another machine"),
]

USER = "maya"
PASSPHRASE = "a passphrase for a bare machine\n"
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen", "BROWSER": "/usr/local/bin/stand-in-browser %s"}

#: What opens addresses there: it puts them where somebody on our side finds them.
BROWSER = '#!/bin/sh\nprintf "%s" "$1" > ~/address.part && mv ~/address.part ~/address\n'


@pytest.fixture(scope="module")
def deb() -> Path:
    found = sorted((ROOT / "dist").glob(f"counterpart_{RELEASE}_*.deb"))
    assert len(found) == 1, f"packages of this release in dist: {found}; `make package` makes one"
    return found[0]


@pytest.fixture(scope="module")
def machine(deb: Path) -> Iterator[Bare]:
    """A bare Debian on which apt has installed the package, and what a desktop brings to know of it."""
    with bare_debian() as bare:
        shutil.copyfile(deb, bare.path(f"/tmp/{deb.name}"))
        bare.apt("update")
        bare.apt(
            "install", "--no-install-recommends", f"/tmp/{deb.name}", "desktop-file-utils", "shared-mime-info"
        )
        bare.run("useradd", "--create-home", USER)
        browser = bare.path("/usr/local/bin/stand-in-browser")
        browser.write_text(BROWSER)
        browser.chmod(0o755)
        yield bare


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    with GatewayProcess(tmp_path_factory.mktemp("gateway")) as process:
        yield process.ready()


class Person:
    """Sits on our side and signs in at whatever address the stand-in browser was given."""

    def __init__(self, machine: Bare, ready: Ready) -> None:
        self._address = machine.path(f"/home/{USER}/address")
        self._ready = ready
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._gone.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._gone.wait(0.05):
            if self._address.exists():
                address = self._address.read_text()
                self._address.unlink()
                FormBrowser(self._ready.email, self._ready.password).visit(address)


def counterpart(machine: Bare, *arguments: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
    return machine.run(
        "counterpart", *arguments, user=USER, variables=OFFSCREEN, typed=PASSPHRASE, seconds=seconds
    )


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    """What a command says as JSON; it ended well and complained of nothing."""
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert isinstance(found, dict)
    return found


def desktop_command(machine: Bare, address: str) -> Sequence[str]:
    """What a desktop runs for an address, by the entry that was installed."""
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(machine.path("/usr/share/applications/counterpart.desktop"), "utf-8")
    return [address if word == "%u" else word for word in shlex.split(entry["Desktop Entry"]["Exec"])]


def a_deal(machine: Bare) -> tuple[str, str]:
    """Number and gid of a deal of that user, read from the store on that machine."""
    data = machine.path(f"/home/{USER}/.local/share/Counterpart")
    wanted = Wanted("", "", PASSPHRASE.strip)
    with opened(real_surroundings(data, ring=lambda: None), wanted) as account, portal_of(account) as portal:
        (deal,) = portal.records.rows(portal.records.ids("deal_registration", most=1))
        return deal.number, deal.gid


def test_every_library_is_found_there(machine: Bare) -> None:
    listed = machine.run(
        "sh",
        "-c",
        "find /opt/counterpart -name '*.so*' ! -name libcupsprintersupport.so -exec ldd {} + 2>/dev/null",
    )
    assert listed.stdout.count("=>") > 100
    assert [line for line in listed.stdout.splitlines() if "not found" in line] == []


def test_the_desktop_knows_links_and_receipts(machine: Bare) -> None:
    known = machine.path("/usr/share/applications/mimeinfo.cache").read_text("utf-8").splitlines()
    assert "x-scheme-handler/counterpart=counterpart.desktop;" in known
    assert "application/vnd.counterpart.receipt+json=counterpart.desktop;" in known
    endings = machine.path("/usr/share/mime/globs2").read_text("utf-8")
    assert "application/vnd.counterpart.receipt+json:*.counterpart-receipt" in endings


def test_the_tour(machine: Bare, gateway: Ready) -> None:
    version = counterpart(machine, "--version")
    assert (version.stdout, version.stderr) == (f"{RELEASE}\n", "")
    with Person(machine, gateway):
        synced = counterpart(
            machine, "open", "--gateway", gateway.url, "--exit-after-sync", "--passphrase-stdin", seconds=180
        )
    assert answer(synced)["synced"] is True
    shown = answer(counterpart(machine, "status", "--json", "--passphrase-stdin"))
    assert shown["gateway"] == gateway.url
    proven = answer(counterpart(machine, "verify", "--json", "--passphrase-stdin"))
    assert proven["identical"] is True


def test_a_link_that_the_desktop_hands_over_shows_its_record(machine: Bare) -> None:
    number, gid = a_deal(machine)
    program, verb, *rest = desktop_command(machine, f"counterpart://deal/{number}")
    assert (program, verb, rest[0]) == ("/usr/bin/counterpart", "open", "--")
    shown = machine.run(
        *(program, verb, "--exit-when-shown", "--passphrase-stdin", *rest),
        user=USER,
        variables=OFFSCREEN,
        typed=PASSPHRASE,
        seconds=60,
    )
    assert answer(shown) == {"shown": "deal_registration", "gid": gid}


def commands() -> set[str]:
    """The commands of the program as its source has them, without those that are not listed."""
    listed = [one for one in cli.registered_commands if not one.hidden]
    return {one.name or (one.callback.__name__ if one.callback else "") for one in listed}


def test_every_command_is_there(machine: Bare) -> None:
    told = counterpart(machine, "--help")
    assert (told.returncode, told.stderr) == (0, "")
    assert {name for name in commands() if name not in told.stdout} == set()


def test_what_is_wrong_there_is_told_by_the_doctor(machine: Bare) -> None:
    told = counterpart(machine, "doctor", "--json")
    assert told.stderr == ""
    assert json.loads(told.stdout)


def test_removed_and_purged_it_leaves_only_what_users_entered(machine: Bare, deb: Path) -> None:
    """The last test of the file: the package is gone after it."""
    own = machine.path("/etc/counterpart/policy.toml")
    own.write_text("")
    machine.apt("remove", "counterpart")
    assert not machine.path("/opt/counterpart").exists()
    assert machine.path("/etc/counterpart/README").exists()
    said = machine.apt("purge", "counterpart")
    assert "stays in their homes" in said
    left = machine.run(
        "find",
        "/",
        "-xdev",
        "(",
        "-path",
        "/proc",
        "-o",
        "-path",
        "/tmp",
        ")",
        "-prune",
        "-o",
        "-iname",
        "*counterpart*",
        "-print",
    ).stdout.split()
    assert left
    assert [path for path in left if not path.startswith(f"/home/{USER}/")] == []
    assert "counterpart" not in machine.path("/usr/share/applications/mimeinfo.cache").read_text("utf-8")
