"""What fuzzing and looking hard have found, each with the smallest thing that showed it; none may come back."""

from __future__ import annotations

import getpass
import json
import math
import os
import stat
import sys
import tempfile
from pathlib import Path

import httpx
import pytest

from app.composition.instance import Handed, Instance
from app.contract.changes import without_halves
from app.contract.errors import BadAnswer, CounterpartError, LocalError
from app.contract.evidence import NotAReceipt, from_file, to_file
from app.services.exporting.guard import begins_formula
from app.services.opening import Opening
from app.services.pdf import PdfFile, text_of
from app.services.pdf_wire import MOST_PAGES
from app.session.small_file import load, write
from app.store.database import Store
from app.store.keys import PassphraseKey
from app.sync.http_transport import HttpTransport
from tests.contract.test_evidence import batch
from tests.security.documents import page_bomb
from tests.security.parsers import _answered, _page
from tests.security.target import Sent
from tests.services.conftest import KEY, open_world
from tests.services.small_gateway import small_gateway
from tests.services.test_documents import PRICES, arrive, document
from tests.services.test_opening import entered, surroundings

JSON = {"content-type": "application/json"}


def test_a_token_that_holds_for_no_number_of_seconds_is_a_bad_answer() -> None:
    from app.session.oauth import _Granted
    from app.sync.wire import parsed_bytes

    for odd in ("NaN", "Infinity", "1e999"):
        with pytest.raises(BadAnswer):
            parsed_bytes(_Granted, f'{{"access_token":"a","refresh_token":"r","expires_in":{odd}}}'.encode())
    assert math.isfinite(
        parsed_bytes(_Granted, b'{"access_token":"a","refresh_token":"r","expires_in":1}').expires_in
    )


def with_headers(status: int, headers: dict[str, str]) -> HttpTransport:
    return _answered(lambda: httpx.Response(status, headers={**JSON, **headers}, stream=Sent(b"{}")))


def test_an_offset_of_thousands_of_digits_is_a_bad_answer() -> None:
    transport = with_headers(200, {"upload-offset": "9" * 6_000})
    with pytest.raises(BadAnswer):
        transport.upload("u", 0, b"x")
    transport.close()


def test_a_wait_until_the_last_day_there_is_does_not_overflow() -> None:
    transport = with_headers(503, {"retry-after": "Fri, 31 Dec 9999 23:59:59 -2359"})
    with pytest.raises(CounterpartError):
        transport.me()
    transport.close()


@pytest.mark.parametrize("change", [{"salt": "AAAA"}, {"nonce": "AAAA"}, {"salt": "!"}], ids=str)
def test_a_key_file_with_too_little_randomness_cannot_be_read(tmp_path: Path, change: dict[str, str]) -> None:
    path = tmp_path / "key.json"
    PassphraseKey(path).create("four calm green otters", KEY)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(LocalError, match="cannot be read"):
        PassphraseKey(path).unlock("four calm green otters")


_ROW = (
    '["018f0000-0000-7000-8000-00000000000{}","lead","1","00000000000000000000000000000000",{{"name":"{}"}}]'
)
GOOD = _ROW.format(1, "Kestrel \\ud83e\\udd85")
BAD = _ROW.format(2, "half \\ud800")


def test_a_row_with_half_a_character_is_set_aside_and_the_others_count(tmp_path: Path) -> None:
    """Stored, it could be neither hashed (the nightly comparison ended there) nor sent back with an edit."""
    page = {
        "epoch": "e",
        "cursor": "c",
        "more": False,
        "as_of": "2026-11-24T09:00:00Z",
        "gone": [],
        "puts": [],
    }
    body = json.dumps(page, separators=(",", ":")).replace('"puts":[]', f'"puts":[{GOOD},{BAD}]').encode()
    _page("changes", body)
    with Store.open(tmp_path / "store.db", KEY) as store:
        world = open_world(tmp_path / "other.db")
        store.mirror.apply_puts(without_halves(f"[{GOOD},{BAD}]".encode()), world.portal.manifest, most=9)
        assert [gid[-1] for _, gid, _ in store.mirror.hashes(rehash=True)] == ["1"]
        assert [gid[-1] for gid, _ in store.mirror.quarantined()] == ["2"]
        world.store.close()
    assert (
        without_halves(f"[{GOOD}]".encode())
        == json.dumps([json.loads(GOOD)], separators=(",", ":"), ensure_ascii=False).encode()
    )


def test_half_a_character_in_a_manifest_or_a_receipt_is_refused(tmp_path: Path) -> None:
    world = open_world(tmp_path / "store.db")
    text = json.dumps(world.portal.manifest.model_dump(mode="json")).replace("Deal", "D\\ud800eal", 1)
    with pytest.raises(ValueError, match="surrogates"):
        world.store.cursors.save_manifest(text, "etag")
    world.store.close()
    with pytest.raises(NotAReceipt):
        from_file(to_file(batch(1)[0]).replace("m0", "m\\ud800"))


@pytest.mark.parametrize("text", ["[" * 100_000, "{}", "null", "\x00", '{"format": 1, "name": 7}'])
def test_a_manifest_that_is_none_at_the_very_first_contact_is_told(tmp_path: Path, text: str) -> None:
    from unittest.mock import patch

    from app.sync.transport import ManifestAnswer

    with (
        small_gateway() as gateway,
        patch.object(HttpTransport, "manifest", lambda *_: ManifestAnswer(text, "e")),
        pytest.raises(BadAnswer, match="could not be read"),
    ):
        entered(Opening(surroundings(tmp_path)), gateway)


def test_a_kilobyte_that_says_it_has_a_million_pages_takes_no_time() -> None:
    bomb = page_bomb(6)
    assert len(bomb) < 2_000
    file = PdfFile(bomb)
    assert file.pages == MOST_PAGES
    file.close()
    assert text_of(page_bomb(3)) == "\n" * 999


def test_a_file_over_which_the_program_ends_is_not_begun_with_at_every_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = open_world(tmp_path / "store.db")
    gid = document(world)
    world.portal.documents.pull(gid)
    arrive(world, gid)
    read: list[bytes] = []

    class Killed(BaseException):
        """The process is no more."""

    def kills(data: bytes) -> str:
        read.append(data)
        raise Killed

    monkeypatch.setattr("app.services.documents.text_of", kills)
    for _ in range(3):
        with pytest.raises(Killed):
            world.portal.documents.index_missing()
    assert world.portal.documents.index_missing() == 1
    assert read == [PRICES] * 3
    assert world.portal.documents.index_missing() == 0
    assert world.store.settings.keys("text.tried") == ()
    world.store.close()


def test_a_small_file_that_is_nested_without_end_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[" * 200_000)
    assert load(tmp_path / "a.json") == {}


@pytest.mark.parametrize("text", ["\ufeff=1+1", "\u200b@x", "\x01 -2+3", "\u3000＝1"])
def test_what_a_spreadsheet_skips_does_not_hide_a_formula(text: str) -> None:
    assert begins_formula(text)


if sys.platform != "win32":

    def test_files_are_their_users_alone_whatever_the_mask(tmp_path: Path) -> None:
        before = os.umask(0)
        try:
            write(tmp_path / "a.json", {})
            Store.open(tmp_path / "store.db", KEY).close()
            with Store.open(tmp_path / "store.db", KEY) as store:
                store.settings.put("x", 1)
                modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        finally:
            os.umask(before)
        assert {"a.json", "store.db", "store.db-wal"} <= modes.keys()
        assert {mode & 0o077 for mode in modes.values()} == {0}, modes

    def test_a_folder_somebody_else_made_first_is_not_met_in(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: object
    ) -> None:
        """Whoever had made it heard every link that a second start handed over."""
        root = tmp_path / ("long" * 30)
        squatted = tmp_path / "squatted"
        squatted.mkdir()
        squatted.chmod(0o777)
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        monkeypatch.setattr(tempfile, "gettempdir", lambda: str(squatted))
        (squatted / f"counterpart-{getpass.getuser()}").mkdir(mode=0o777)
        (squatted / f"counterpart-{getpass.getuser()}").chmod(0o777)
        one, two = Instance(root), Instance(root)
        assert one.claim()
        assert not one._server.isListening()
        assert not two.claim()
        assert not two.hand_over(Handed(link="counterpart://sync")), "nothing is handed to whoever may listen"
        one.close()
        short = tmp_path / "a"
        near = Instance(short)
        assert near.claim()
        assert Path(near._address).parent == short or not near._address or len(near._address) > 100
        near.close()
