"""What a kiosk keeps: keys in memory, codes that wrap them, sealed files, farewells, and a folder that is emptied."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from app.contract.errors import Refused, WrongKey
from app.contract.sealing import Seal, sealed_text
from app.session.accounts import account_id
from app.session.held_key import HeldKey, KeyGone
from app.session.kiosk.code_box import CodeBox, check_code
from app.session.kiosk.farewells import Farewells
from app.session.kiosk.folder import KioskFolder
from app.session.kiosk.seal_keys import SealKeys
from app.session.kiosk.sealed_file import Head, SealBroken, head_of, read_sealed, write_sealed
from app.store.keys import Cost
from app.sync.wire import Wire
from tests.store.world import gid

GATEWAY = "https://portal.halden.example"
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
KEY, MACHINE = bytes(range(32)), gid(1)
ACCOUNT, OTHER = account_id(GATEWAY, "maya"), account_id(GATEWAY, "tom")
CHEAP = Cost(passes=1, memory=64, lanes=1)
#: What the seal 00 01 … 1f leads to, for good.
STORE_KEY = "df43975a624501b87e14bda400d96f5eeb40eadd877584a3dfe6fb56c287449e"
KEPT_KEY = "1167f5679dd655be77a9f55d38a2db874da98e379815809f73acde32d2a21238"
ROWS: list[dict[str, Any]] = [{"part": "head"}, {"text": "canaryQX Grüße"}, {"data": "x" * 300_000}]


class Standing:
    """A clock that moves by hand."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


# -- keys -----------------------------------------------------------------------------------------------------


def test_a_key_that_was_dropped_is_overwritten_and_never_read_again() -> None:
    key = HeldKey(KEY)
    held = key._bytes
    assert key.read() == KEY
    assert KEY.hex() not in repr(key)
    key.drop()
    assert bytes(held) == b""
    assert key.dropped
    with pytest.raises(KeyGone, match="closed"):
        key.read()
    key.drop()


def test_one_seal_gives_the_same_two_keys_each_time() -> None:
    one, again, other = SealKeys.of(KEY), SealKeys.of(KEY), SealKeys.of(bytes(32))
    assert one.join() == again.join() != other.join()
    assert len({one.store.read(), one.kept.read(), KEY}) == 3
    assert SealKeys.joined(one.join()).kept.read() == one.kept.read()
    one.drop()
    assert (one.store.dropped, one.kept.dropped) == (True, True)


def test_keys_do_not_change_with_a_release() -> None:
    """What is kept on kiosks would be lost."""
    keys = SealKeys.of(bytes(range(32)))
    assert keys.store.read().hex() == STORE_KEY
    assert keys.kept.read().hex() == KEPT_KEY


@pytest.mark.parametrize(
    "seal", ["=" * 43, "x" * 42, "x" * 44, "ä" * 43, sealed_text(bytes(31)), sealed_text(bytes(33))]
)
def test_a_seal_that_is_none_is_refused(seal: str) -> None:
    with pytest.raises(ValueError, match="seal"):  # pydantic's own error is one, too
        Seal(seal=seal, farewell="x").secret()


def test_a_seal_is_never_printed() -> None:
    seal = Seal(seal=sealed_text(KEY), farewell="bye")
    assert seal.secret() == KEY
    assert (repr(seal), str(seal)) == ("Seal()", "Seal()")


# -- codes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", ["2580", "90210", "19840611", "A0042-7719", "badge 17 of 300", "9" * 10 + "8"]
)
def test_a_code_wraps_a_secret_and_no_other_opens_it(code: str) -> None:
    box = CodeBox(code, KEY, CHEAP)
    assert box.open(f" {code} ") == KEY
    assert KEY not in str(vars(box)).encode()
    assert code not in str(vars(box))
    assert repr(box) == "CodeBox()"
    for wrong in (code[:-1], code + "1", "", "0" * 100):
        with pytest.raises(WrongKey, match="not the code"):
            box.open(wrong)


def test_the_same_code_from_another_keyboard_opens_it() -> None:
    assert CodeBox("Zugang für Ä", KEY, CHEAP).open("Zugang für A\u0308") == KEY
    assert CodeBox("2580", KEY, CHEAP).open("２５８０") == KEY


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("", "Choose 4 to 8 digits"),
        ("123", "Choose 4 to 8 digits"),
        ("x" * 65, "Choose 4 to 8 digits"),
        ("12\n34567890", "Choose 4 to 8 digits"),
        ("ab12", "digits only"),
        ("abcdefgh", "digits only"),
        ("0000", "guessed"),
        ("1234", "guessed"),
        ("87654321", "guessed"),
        ("aaaaaaaaaa", "guessed"),
    ],
)
def test_a_code_that_will_not_do_is_refused_with_words(code: str, why: str) -> None:
    with pytest.raises(Refused, match=why) as caught:
        check_code(code)
    assert list(caught.value.fields) == ["code"]


def test_each_guess_costs_what_a_passphrase_costs() -> None:
    assert CodeBox("2580", KEY)._cost.memory >= 64 * 1024


# -- sealed files ---------------------------------------------------------------------------------------------


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / f"{ACCOUNT}.sealed"
    write_sealed(path, Head(ACCOUNT, 3, NOW), ROWS, KEY, MACHINE)
    return path


def rows(
    path: Path, account: str = ACCOUNT, key: bytes = KEY, machine: str = MACHINE
) -> list[dict[str, Any]]:
    return [*read_sealed(path, account, key, machine)]


def test_a_sealed_file_opens_with_its_key_and_tells_only_how_much_it_holds(sealed: Path) -> None:
    assert rows(sealed) == ROWS
    assert head_of(sealed) == Head(ACCOUNT, 3, NOW)
    assert b"canaryQX" not in sealed.read_bytes()
    if os.name == "posix":
        assert sealed.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "other",
    [{"account": OTHER}, {"key": bytes(32)}, {"machine": gid(2)}],
    ids=["person", "key", "machine"],
)
def test_it_opens_for_nobody_else_and_nowhere_else(sealed: Path, other: dict[str, Any]) -> None:
    with pytest.raises(SealBroken, match="cannot be opened"):
        rows(sealed, **other)


def test_no_byte_of_it_can_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "small.sealed"
    write_sealed(path, Head(ACCOUNT, 1, NOW), [{"a": 1}, {"b": 2}], KEY, MACHINE)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :])
        with pytest.raises(SealBroken):
            rows(path)


def test_it_cannot_be_cut_or_put_together_anew(tmp_path: Path) -> None:
    path = tmp_path / "small.sealed"
    write_sealed(path, Head(ACCOUNT, 1, NOW), [{"a": 1}, {"a": 2}], KEY, MACHINE)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(SealBroken):
            rows(path)
    begin = whole.index(b"\n", len(b"COUNTERPART KEPT 1\n")) + 1
    size = 4 + int.from_bytes(whole[begin : begin + 4], "big")
    head, one, two, last = (
        whole[:begin],
        *(whole[begin + n * size :][:size] for n in (0, 1)),
        whole[begin + 2 * size :],
    )
    for order in (head + two + one + last, head + one + last, head + one + two + last + one, head + last):
        path.write_bytes(order)
        with pytest.raises(SealBroken):
            rows(path)


def test_the_same_rows_look_different_each_time(sealed: Path, tmp_path: Path) -> None:
    other = tmp_path / "again.sealed"
    write_sealed(other, Head(ACCOUNT, 3, NOW), ROWS, KEY, MACHINE)
    assert sealed.read_bytes()[-40:] != other.read_bytes()[-40:]


def test_a_file_that_could_not_be_finished_leaves_the_one_before(sealed: Path) -> None:
    def broken() -> Iterator[dict[str, Any]]:
        yield ROWS[1]
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_sealed(sealed, Head(ACCOUNT, 9, NOW), broken(), KEY, MACHINE)
    assert rows(sealed) == ROWS
    assert [path.name for path in sealed.parent.iterdir()] == [sealed.name]


@pytest.mark.parametrize("content", [b"", b"COUNTERPART KEPT 1\n", b"COUNTERPART KEPT 1\n[]\n", b"{}" * 2000])
def test_what_is_no_sealed_file_has_no_head(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.sealed"
    path.write_bytes(content)
    assert head_of(path) is None
    with pytest.raises(SealBroken):
        rows(path)
    assert head_of(tmp_path / "none") is None


# -- farewells ------------------------------------------------------------------------------------------------


@pytest.fixture
def farewells(tmp_path: Path) -> Farewells:
    return Farewells(tmp_path / "farewells", Standing(), _wire)


def _wire(gateway: str) -> Wire:
    return Wire(httpx.Client(base_url=gateway), Standing())


def test_a_session_that_is_over_is_ended_now_or_later(tmp_path: Path, farewells: Farewells) -> None:
    with respx.mock(base_url=GATEWAY) as router:
        revoked = router.post("/oauth/revoke").mock(side_effect=httpx.ConnectError("away"))
        one, two = farewells.begin(GATEWAY, "bye1"), farewells.begin(GATEWAY, "bye2")
        assert farewells.tell() == 0, "both go on"
        assert revoked.call_count == 0
        assert farewells.end(one) is False
        assert farewells.tell() == 1
        revoked.mock(return_value=httpx.Response(200, json={}))
        assert farewells.tell() == 0
        assert b"token=bye1" in revoked.calls.last.request.content
        assert farewells.end(two) is True
        assert farewells.end(two) is True, "once is enough"
    assert [*(tmp_path / "farewells").iterdir()] == []


def test_what_a_kiosk_that_was_killed_could_not_end_the_next_one_does(
    tmp_path: Path, farewells: Farewells
) -> None:
    farewells.begin(GATEWAY, "bye1")
    with respx.mock(base_url=GATEWAY) as router:
        revoked = router.post("/oauth/revoke").respond(200, json={})
        assert Farewells(tmp_path / "farewells", Standing(), _wire).tell() == 0
        assert b"token=bye1" in revoked.calls.last.request.content


def test_a_farewell_that_nobody_takes_is_given_up_when_the_session_is_over_anyway(tmp_path: Path) -> None:
    clock = Standing()
    later = Farewells(tmp_path, clock, _wire)
    note = later.begin(GATEWAY, "bye1")
    (tmp_path / "strange.json").write_text("{}")
    with respx.mock(base_url=GATEWAY) as router:
        router.post("/oauth/revoke").mock(side_effect=httpx.ConnectError("away"))
        assert later.end(note) is False
        clock.at += timedelta(days=3)
        assert later.tell() == 0
    assert [*tmp_path.iterdir()] == []


# -- the folder -----------------------------------------------------------------------------------------------


def test_the_folder_is_this_users_alone_and_its_temp_is_emptied(tmp_path: Path) -> None:
    folder = KioskFolder(tmp_path)
    folder.prepare()
    (folder.temp / "deep" / "er").mkdir(parents=True)
    (folder.temp / "deep" / "er" / "page.png").write_text("canary")
    (folder.temp / "link").symlink_to(tmp_path) if os.name == "posix" else None
    (tmp_path / "outside").write_text("stays")
    folder.prepare()
    assert [*folder.temp.iterdir()] == []
    assert (tmp_path / "outside").read_text() == "stays"
    if os.name == "posix":
        assert all(one.stat().st_mode & 0o077 == 0 for one in (folder.root, folder.kept, folder.temp))
    assert set(folder.environment().values()) == {str(folder.temp)}


def test_strange_names_are_nobodys(tmp_path: Path) -> None:
    folder = KioskFolder(tmp_path)
    folder.prepare()
    for name in ("..", "x", ACCOUNT.upper()):
        (folder.kept / f"{name}.sealed").write_text(json.dumps({}))
    (folder.root / "elsewhere").mkdir()
    (folder.root / "elsewhere" / "store.db").write_text("x")
    assert (folder.all_sealed(), folder.stores()) == ({}, ())


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the system writes none by itself")
def test_a_crash_writes_no_memory_to_the_disk() -> None:
    code = (
        "import resource\n"
        "from app.session.kiosk.process import no_core_dumps\n"
        "no_core_dumps()\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "(0, 0)"
