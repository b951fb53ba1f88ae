"""The log on this computer: closed kinds, redaction, files of one user that stay small, crashes told without data."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from app.contract.errors import Busy, Refused, Unreachable
from app.contract.said import said
from app.session.logbook.files import CRASHES, LINE, LogFiles
from app.session.logbook.happenings import LEVELS, Happened, Kind, Level, Ref
from app.session.logbook.hard_crash import frames_of, take_up, watched_for_faults
from app.session.logbook.log import SILENT, Log
from app.session.logbook.redacting import Redactor
from app.session.logbook.traces import message_of, told
from app.sync.events import Mode

AT = datetime(2026, 11, 30, 8, 15, tzinfo=UTC)
HOME = Path("/home/maya.okafor")


def log_in(folder: Path, level: Level = Level.DEBUG, *, kiosk: bool = False) -> Log:
    return Log.in_folder(folder, lambda: AT, level, Redactor(HOME), names_nobody=kiosk)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()
    ]


def test_every_event_has_a_level() -> None:
    assert set(LEVELS) == set(Happened)


def test_a_line_has_time_level_event_and_closed_details(tmp_path: Path) -> None:
    log_in(tmp_path / "logs").note(Happened.MODE, account=Ref.of("a" * 24), mode=Mode.LIVE, missing=3)
    (line,) = lines(tmp_path / "logs")
    assert line == {
        "at": "2026-11-30T08:15:00.000Z",
        "level": "info",
        "event": "mode",
        "account": Ref.of("a" * 24).text,
        "mode": "live",
        "missing": 3,
    }
    assert "a" * 8 not in line["account"]


@pytest.mark.parametrize(
    "free", ["Kestrel Foods", b"bytes", ["a list"], {"a": "b"}, Path("/home/maya.okafor/x")]
)
def test_free_text_has_no_way_into_a_line(tmp_path: Path, free: Any) -> None:
    log_in(tmp_path).note(Happened.OPENED, name=free)
    assert lines(tmp_path)[0]["name"] == "withheld"


def test_the_level_of_the_policy_holds(tmp_path: Path) -> None:
    log = log_in(tmp_path, Level.WARNING)
    log.note(Happened.OPENED)
    log.note(Happened.CALLED)
    assert not list(tmp_path.iterdir())
    log.note(Happened.NOT_OPENED, error=Kind.of(Unreachable()))
    assert [line["error"] for line in lines(tmp_path)] == ["Unreachable"]


def test_a_shared_machine_names_nobody_not_even_by_a_hash(tmp_path: Path) -> None:
    log_in(tmp_path, kiosk=True).note(Happened.OPENED, account=Ref.of("a" * 24), mode=Mode.LIVE)
    (line,) = lines(tmp_path)
    assert "account" not in line
    assert line["mode"] == "live"


def test_where_nothing_is_written_nothing_is() -> None:
    SILENT.note(Happened.OPENED)
    SILENT.surprise(RuntimeError("x"))
    SILENT.empty()


@pytest.mark.skipif(
    os.name == "nt", reason="Windows has no modes; the folder of the user's profile is private"
)
def test_files_and_folder_are_this_users_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        log = log_in(tmp_path / "logs")
        log.note(Happened.OPENED)
        log.surprise(RuntimeError("x"))
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "logs").iterdir()}
    assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == 0o700
    assert len(modes) == 2
    assert set(modes.values()) == {0o600}


def test_a_link_put_where_the_log_goes_is_not_followed(tmp_path: Path) -> None:
    logs, victim = tmp_path / "logs", tmp_path / "victim"
    logs.mkdir()
    victim.write_text("mine")
    (logs / f"counterpart-{AT:%Y-%m-%d}-0000.jsonl").symlink_to(victim)
    log_in(logs).note(Happened.OPENED)
    assert victim.read_text() == "mine"


def test_the_files_stay_below_their_bound_and_the_oldest_go_first(tmp_path: Path) -> None:
    files = LogFiles(tmp_path, part=1_000, total=3_000)
    for number in range(200):
        files.append(f"{number:099}".encode(), AT + timedelta(hours=number))
    kept = files.logs()
    assert sum(path.stat().st_size for path in kept) <= 3_000
    written = b"".join(path.read_bytes() for path in kept).decode().split()
    assert [int(one) for one in written] == list(range(200 - len(written), 200))
    assert len(written) > 10
    assert all(path.stat().st_size <= 1_000 for path in kept)


def test_a_line_that_is_too_long_is_left_out_rather_than_cut(tmp_path: Path) -> None:
    LogFiles(tmp_path).append(b"x" * (LINE + 1), AT)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_nobodys_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    log = log_in(tmp_path)
    monkeypatch.setattr(os, "open", full)
    log.note(Happened.OPENED)
    log.surprise(RuntimeError("x"))


def test_only_so_many_crash_reports_are_kept(tmp_path: Path) -> None:
    files = LogFiles(tmp_path)
    for number in range(CRASHES + 3):
        files.crash(b"%d" % number, AT)
    assert [path.read_bytes() for path in files.crashes()] == [b"%d" % n for n in range(3, CRASHES + 3)]


def test_emptied_it_says_only_that(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    log.note(Happened.OPENED, account=Ref.of("x"))
    log.surprise(RuntimeError("x"))
    log.empty()
    assert [line["event"] for line in lines(tmp_path)] == ["emptied"]
    assert not log.files or not log.files.crashes()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Authorization: Bearer abc.def-123", "Authorization: [removed] [removed]"),
        ("http://maya:pa55@proxy.example:8080/x?token=1#f", "http://proxy.example:8080/x?[removed]"),
        ("http%3A%2F%2Fmaya%3Apa55%40proxy.example", "http%3A%2F%2Fproxy.example"),
        ("to maya.okafor+x@brightwater.example!", "to [removed]!"),
        ("maya%40brightwater.example", "[removed]"),
        ('"refresh_token": "abc"', '"refresh_token": [removed]'),
        ("passphrase: four calm green otters", "passphrase: [removed]"),
        ("GET /v1/search?q=Kestrel HTTP/1.1", "GET /v1/search?[removed] HTTP/1.1"),
        ("/home/maya.okafor/Documents/x.txt", "~/Documents/x.txt"),
        ("eyJhbGciOi.eyJzdWIi.c2ln", "[removed]"),
        ("key 7Kq2vXw9Zt4mN8bR1cY6", "key [removed]"),
        ("0f" * 32, "[removed]"),
        ("0190d3c2-7f6e-7abc-8def-0123456789ab", "0190d3c2-7f6e-7abc-8def-0123456789ab"),
        ("https://portal.halden.example/v1/changes", "https://portal.halden.example/v1/changes"),
        ("SSL certificate problem 19, 3 of 5", "SSL certificate problem 19, 3 of 5"),
    ],
)
def test_what_is_taken_out_of_a_text_and_what_stays(text: str, left: str) -> None:
    assert Redactor(HOME).text(text) == left


def test_what_stands_under_a_telling_name_goes_as_a_whole() -> None:
    given = {"password": "a", "n": 1, "inner": [{"e_mail": "x", "email": "y", "host": "h"}]}
    assert Redactor().value(given) == {
        "password": "[removed]",
        "n": 1,
        "inner": [{"e_mail": "x", "email": "[removed]", "host": "h"}],
    }


class _Strict(BaseModel):
    amount: int


def _raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:  # noqa: BLE001
        return caught


def test_a_message_keeps_the_words_of_programs_and_nothing_of_anybody() -> None:
    words = frozenset({"customer"})
    assert message_of(KeyError("Kestrel Foods"), words) == "'…'"
    assert message_of(KeyError("customer"), words) == "'customer'"
    assert message_of(AttributeError("'NoneType' object has no attribute 'Zorba'")) == (
        "'NoneType' object has no attribute '…'"
    )
    assert message_of(ValueError("call +49 30 12 34 56 or 4711")) == "call +… or …"
    assert message_of(FileNotFoundError(errno.ENOENT, "No such file", "/home/maya/Kestrel.pdf")) == (
        f"ENOENT: {os.strerror(errno.ENOENT)}"
    )


def test_words_of_the_gateway_are_no_words_of_ours() -> None:
    assert message_of(Refused("Kestrel Foods is Tomasz’s")) == "… is …"
    assert message_of(Busy()) == "The gateway is busy."
    template = said("“{name}” could not be saved there.", name="Kestrel.pdf")
    assert message_of(Refused(template)) == "“{name}” could not be saved there."


def test_a_wrong_shape_is_told_by_its_kinds() -> None:
    with pytest.raises(ValueError, match="amount") as caught:
        _Strict.model_validate({"amount": "Kestrel"})
    assert message_of(caught.value) == "1 × int_parsing"


class _Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("Kestrel")


def test_an_exception_that_cannot_say_itself_is_still_told() -> None:
    assert told(_raised(_Mute()))[0]["message"] == ""


def test_only_our_own_frames_have_names_and_causes_are_told_too() -> None:
    def broken() -> None:
        try:
            json.loads("Kestrel")
        except ValueError as error:
            raise RuntimeError("no") from error

    with pytest.raises(RuntimeError) as caught:
        broken()
    first, second = told(caught.value)
    assert (first["type"], first["frames"]) == ("RuntimeError", ["(2 elsewhere)"])
    assert second["type"] == "json.JSONDecodeError"
    assert "Kestrel" not in json.dumps([first, second])
    with pytest.raises(TypeError) as wrong:
        LogFiles(Path(), part=1).append(object(), AT)  # type: ignore[arg-type]
    (only,) = told(wrong.value)
    assert only["frames"][0] == "(1 elsewhere)"
    assert only["frames"][1].startswith("app/session/logbook/files.py:")
    assert only["frames"][1].endswith(" in append")


def test_a_bug_leaves_a_report_and_an_expected_error_a_line(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    log.surprise(_raised(Unreachable("Kestrel")))
    log.surprise(_raised(KeyError("maya@brightwater.example")))
    assert [(line["event"], line["error"]) for line in lines(tmp_path)] == [
        ("trouble", "Unreachable"),
        ("bug", "KeyError"),
    ]
    (path,) = tmp_path.glob("crash-*.json")
    report = json.loads(path.read_text())
    assert report["thread"] == "MainThread"
    assert report["error"][0]["type"] == "KeyError"
    assert "maya" not in path.read_text()


_DIES = """
import ctypes, sys
from datetime import UTC, datetime
from pathlib import Path
from app.session.logbook.hard_crash import watched_for_faults
from app.session.logbook.happenings import Level
from app.session.logbook.log import Log
from app.session.logbook.redacting import Redactor
log = Log.in_folder(Path(sys.argv[1]), lambda: datetime.now(UTC), Level.INFO, Redactor())
with watched_for_faults(log):
    secret = "Kestrel 4711"
    ctypes.string_at(0)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows shows a dialog for such a fault on some machines")
def test_a_fault_below_python_becomes_a_report_at_the_next_start(tmp_path: Path) -> None:
    died = subprocess.run([sys.executable, "-c", _DIES, str(tmp_path)], check=False, capture_output=True)
    assert died.returncode != 0
    (left,) = tmp_path.glob("fault-*.txt")
    assert "Kestrel" not in left.read_text()
    assert stat.S_IMODE(left.stat().st_mode) == 0o600
    log = log_in(tmp_path)
    take_up(log)
    assert not list(tmp_path.glob("fault-*.txt"))
    assert [line["event"] for line in lines(tmp_path)] == ["hard_crash"]
    (path,) = tmp_path.glob("crash-*.json")
    assert "Fatal Python error: Segmentation fault" in json.loads(path.read_text())["frames"]


def test_frames_of_a_fault_name_only_our_files() -> None:
    text = (
        "Fatal Python error: Segmentation fault\n\nCurrent thread 0x00007f (most recent call first):\n"
        '  File "/home/maya.okafor/lib/python3.11/ctypes/__init__.py", line 519 in string_at\n'
        '  File "/home/maya.okafor/lib/other.py", line 2 in x\n'
        '  File "C:\\Users\\maya\\app\\views\\page.py", line 7 in <module>\n'
        "Extension modules: secret\n"
    )
    assert frames_of(text) == [
        "Fatal Python error: Segmentation fault",
        "Current thread",
        "elsewhere",
        "app/views/page.py:7 in <module>",
    ]


def test_a_clean_end_leaves_nothing(tmp_path: Path) -> None:
    with watched_for_faults(log_in(tmp_path)):
        assert len(list(tmp_path.glob("fault-*.txt"))) == 1
    assert not list(tmp_path.iterdir())
