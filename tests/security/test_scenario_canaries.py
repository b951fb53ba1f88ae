"""A whole client at work, in a process and folders of its own: of all that was read, typed, searched and signed in
with, no word is found in any file it has written, in any encoding; not while it works, not after it was killed or
has crashed, and after signing out nothing is left at all.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.e2e.kiosk import colleague
from tests.e2e.together import DEAL, PASSWORD, Vendor
from tests.security.canary import scan
from tests.security.hard_at_work import Job
from tests.security.source import ROOT

WORDS = {
    name: f"canary{name}Q{number}x7"
    for number, name in enumerate(
        ("vendor", "edit", "message", "draft", "unfinished", "file", "content", "search"), start=3
    )
}


class Home:
    """The folders of one user of the system, and the processes that see nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "home"
        self.outside = folder / "documents"
        self.job = folder / "job.json"
        self.outside.mkdir()
        for name in ("data", "config", "cache", "state", "run", "tmp", "here"):
            (self.folder / name).mkdir(parents=True, mode=0o700)

    def environment(self) -> dict[str, str]:
        own = {
            "HOME": self.folder,
            "XDG_DATA_HOME": self.folder / "data",
            "XDG_CONFIG_HOME": self.folder / "config",
            "XDG_CACHE_HOME": self.folder / "cache",
            "XDG_STATE_HOME": self.folder / "state",
            "XDG_RUNTIME_DIR": self.folder / "run",
            "TMPDIR": self.folder / "tmp",
        }
        kept = {
            name: os.environ[name]
            for name in ("PATH", "QT_QPA_PLATFORM", "SSL_CERT_FILE")
            if name in os.environ
        }
        return {**kept, "PYTHONPATH": str(ROOT), **{name: str(path) for name, path in own.items()}}

    def run(self, job: Job, *how: str) -> subprocess.CompletedProcess[str]:
        self.job.write_text(json.dumps(asdict(job)))
        command = [sys.executable, "-m", "tests.security.hard_at_work", str(self.job), *how]
        return subprocess.run(
            command,
            cwd=self.folder / "here",
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )


@pytest.mark.nightly
def test_nor_after_a_crash(vendor: Vendor, tmp_path: Path) -> None:
    home = Home(tmp_path)
    person = colleague(vendor, "Tom Reyes")
    vendor.edit(DEAL, pain=f"{WORDS['vendor']} loses its tills.", cust_name=f"{WORDS['vendor']} Foods")
    vendor.gateway.backfill()
    job = Job(vendor.url, person.email, PASSWORD, "four calm green otters", DEAL, WORDS, str(home.outside))
    crashed = home.run(job, "first", "abort")
    assert crashed.returncode == -6, crashed.stderr
    told = json.loads(crashed.stdout)
    secrets = [*WORDS.values(), person.email, PASSWORD, job.passphrase, told["access"], told["refresh"]]
    assert scan([home.folder], secrets) == {}
    assert not [path for path in home.folder.rglob("core*") if path.is_file()], "nor its memory"


def test_no_word_is_in_any_file(vendor: Vendor, tmp_path: Path) -> None:
    home = Home(tmp_path)
    person = colleague(vendor, "Maya Brandt")
    vendor.edit(DEAL, pain=f"{WORDS['vendor']} loses its tills.", cust_name=f"{WORDS['vendor']} Foods")
    vendor.gateway.backfill()
    job = Job(vendor.url, person.email, PASSWORD, "four calm green otters", DEAL, WORDS, str(home.outside))
    secrets = [*WORDS.values(), person.email, PASSWORD, job.passphrase]

    killed = home.run(job, "first", "kill")
    assert killed.returncode == -9, killed.stderr
    told = json.loads(killed.stdout)
    secrets += [told["access"], told["refresh"]]
    stores = list(home.folder.rglob("store.db*"))
    assert any(path.name.endswith("-wal") and path.stat().st_size > 10_000 for path in stores), (
        "as it was left"
    )
    assert scan([home.folder], secrets) == {}

    left = home.run(job, "again", "leave")
    assert left.returncode == 0, left.stderr
    assert scan([home.folder], secrets) == {}
    assert not list(home.folder.rglob("store.db*"))
    assert not list(home.folder.rglob("*key*"))

    # What a user saves elsewhere is theirs, and in the clear: that is how the search proves its eyes.
    assert scan([home.outside], [WORDS["vendor"], WORDS["content"], WORDS["file"]])
    assert vendor.value(DEAL, "rival") == WORDS["edit"], "and all of it was real work"


def test_a_crash_writes_no_memory_down() -> None:
    """What `main` does first; the limit holds for whatever crashes later, whoever wishes otherwise."""
    check = (
        "import resource, app.__main__ as program\n"
        "program.cli = lambda: None\nprogram.main()\nprint(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def with_dumps() -> None:
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

    done = subprocess.run(
        [sys.executable, "-c", check],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=with_dumps,
    )
    assert done.stdout.strip() == "(0, 0)"


@pytest.mark.parametrize("name", sorted(WORDS))
def test_each_word_is_one_that_could_be_found(name: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\0" * 7 + WORDS[name].encode("utf-16-be"))
    assert scan([tmp_path], [WORDS[name]])
