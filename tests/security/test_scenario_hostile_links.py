"""Links into the app from whoever can make one: a mail, a page of the web, another program, a second user of the
system. A link shows something or is none; nothing is opened, fetched, written or run, whatever it says.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.composition.instance import MOST, Handed, parsed
from app.services.links import parse
from app.services.views_model import Target
from tests.examples import played
from tests.security.source import ROOT
from tests.services.conftest import open_world

HOSTILE = (
    "counterpart://deal/../../../etc/passwd",
    "counterpart://deal/..%2f..%2fx",
    "counterpart://deal/%2e%2e/x",
    "counterpart://deal/%252e%252e",
    "counterpart://deal/a\\b",
    "counterpart://deal/a%5cb",
    "counterpart://deal/a%00b",
    "counterpart://deal/a%0ab",
    "counterpart://deal/' OR 1=1 --?vendor=x",
    "counterpart://deal/x?vendor=https://attacker.example",
    "counterpart://deal/x?vendor=attacker.example&do=delete",
    "counterpart://deal/x?gateway=https://attacker.example",
    "counterpart://deal/x#javascript:alert(1)",
    "counterpart://user:pass@deal/x",
    "counterpart://deal:80/x",
    "counterpart:deal/x",
    "counterpart:///deal/x",
    "COUNTERPART://deal/\u202ex",
    "counterpart://deal/%E2%80%AEx",
    "counterpart://deal/--data%3D/tmp",
    "--data=/tmp/x",
    "-h",
    "file:///etc/passwd",
    "https://attacker.example",
    "javascript:alert(1)",
    "counterpart://" + "a" * 10_000,
    "counterpart://delete/x?vendor=",
    " counterpart://sync",
    "counterpart://sync\n",
    "counterpart://sync/x",
    "",
)
#: What fits the grammar though it looks bad: it names a record that is not there.
HARMLESS = {"counterpart://deal/' OR 1=1 --?vendor=x", "counterpart://deal/--data%3D/tmp"}


@pytest.mark.parametrize("text", HOSTILE)
def test_it_is_no_link_or_one_that_finds_nothing(text: str, tmp_path: Path) -> None:
    link = parse(text)
    if link is None:
        return
    assert text in HARMLESS
    world = open_world(tmp_path / "store.db")
    found = world.portal.links.follow(link)
    assert not isinstance(found, Target)
    assert link.name in found.words
    assert (world.sent(), world.wakes) == ([], [])
    world.store.close()


@given(st.text(max_size=120) | st.text(max_size=80).map("counterpart://deal/".__add__))
@played(200)
def test_whatever_is_a_link_is_plain(text: str) -> None:
    link = parse(text)
    assert link is None or (link.name.isprintable() and ".." not in link.name.split("/"))


def test_a_link_on_the_command_line_is_never_an_option(tmp_path: Path) -> None:
    """The system hands it over as one argument; what begins like an option is refused, not obeyed."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "app", "open", "--data-exfiltrate=/tmp/x"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 2
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "line",
    [
        b'{"form":1,"link":"counterpart://sync","run":"calc"}',
        b'{"form":1,"link":["a"]}',
        b'{"form":1,"token":"x y"}',
        b"{}" + b" " * MOST,
        b"GET / HTTP/1.1",
        b"\x00" * 100,
    ],
)
def test_the_socket_takes_exactly_one_kind_of_message(line: bytes) -> None:
    assert parsed(line) is None


def test_and_what_it_takes_is_parsed_again() -> None:
    handed = parsed(Handed(link="javascript:alert(1)").model_dump_json().encode())
    assert handed is not None
    assert parse(handed.link) is None
