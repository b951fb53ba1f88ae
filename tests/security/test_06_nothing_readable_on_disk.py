"""6. Store, write-ahead log and temporary files hold no readable word; a wrong key is a clear error, found by
reading.

A whole client at work: `test_scenario_canaries.py`. More: `tests/store/test_encryption.py`,
`tests/store/test_salvage.py`.
"""

from __future__ import annotations

import gc
import hashlib
from pathlib import Path

import pytest

from app.contract.errors import StoreDamaged, WrongKey
from app.services.exporting.xlsx import xlsx_bytes
from app.services.pdf import text_of
from app.store.connection import _PRAGMAS
from app.store.database import Store
from tests.security.canary import scan, sightings
from tests.security.source import imports
from tests.services.conftest import KEY, World, open_world
from tests.services.test_documents import PRICES, arrive, document, pdf
from tests.services.test_exporting import COLUMNS, NASTY
from tests.store.world import all_plain_bytes

WORD = "canary-Qx7-wharf"


@pytest.fixture
def busy(tmp_path: Path) -> World:
    """An account in which the word stands in everything that can hold one."""
    world = open_world(tmp_path / "store.db")
    deal = world.deal(customer=f"{WORD} Foods", problem=WORD)
    world.portal.intents.edit(deal, {"competitor": WORD})
    world.portal.drafts.start("request", {"subject": WORD})
    world.store.settings.put("session.tokens", WORD)
    paper = pdf(WORD)
    gid = document(world, title=WORD, data=paper, file_name=f"{WORD}.pdf")
    world.portal.documents.pull(gid)
    arrive(world, gid, paper)
    world.portal.documents.index_missing()
    assert world.portal.search.query(WORD)
    return world


def test_store_log_and_what_lies_beside_hold_no_word(busy: World, tmp_path: Path) -> None:
    assert WORD.encode() in all_plain_bytes(busy.store.path), "the search below could see it"
    names = {path.name for path in tmp_path.iterdir()}
    assert {"store.db", "store.db-wal"} <= names
    assert (tmp_path / "store.db-wal").stat().st_size > 0
    assert scan([tmp_path], [WORD]) == {}
    busy.store.connection.rewrite()
    busy.store.connection.truncate_log()
    assert scan([tmp_path], [WORD]) == {}
    assert not any(b"SQLite format" in path.read_bytes() for path in tmp_path.iterdir())
    busy.store.close()
    assert scan([tmp_path], [WORD]) == {}


def test_the_search_finds_a_word_in_any_form(tmp_path: Path) -> None:
    """A search that finds nothing proves nothing unless it can find something."""
    import base64
    import gzip

    for content in (
        f"x{WORD}y".encode(),
        WORD.encode("utf-16-le"),
        base64.b64encode(f"ab {WORD} cd".encode()),
        WORD.upper().encode(),
        WORD.encode().hex().encode(),
        b"\x00" * 9 + gzip.compress(f"<{WORD}>".encode()),
    ):
        assert sightings(content, [WORD]), content
    (tmp_path / f"{WORD}.txt").write_text("")
    assert scan([tmp_path], [WORD])


def test_sqlite_keeps_temporary_tables_in_memory(busy: World) -> None:
    assert "temp_store = MEMORY" in _PRAGMAS
    assert busy.store.connection.value("PRAGMA temp_store") == 2
    assert busy.store.connection.value("PRAGMA secure_delete") == 1
    busy.store.close()


def test_documents_and_workbooks_are_made_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing asks for a temporary file: whoever does fails here."""
    import os
    import tempfile

    def none(*_arguments: object, **_members: object) -> None:
        raise AssertionError("a temporary file was asked for")

    for name in ("mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile"):
        monkeypatch.setattr(tempfile, name, none)
    monkeypatch.setattr(os, "tmpfile", none, raising=False)
    from babel import Locale

    assert xlsx_bytes("Deals", COLUMNS, NASTY, Locale.parse("en_GB")).startswith(b"PK")
    assert "zirconium" in text_of(PRICES)


def test_who_may_ask_for_temporary_files() -> None:
    """The folder of the socket, the demonstration's own, and the doctor's one byte; none holds what a store does."""
    asking = {path for path, name in imports() if name.split(".")[0] == "tempfile" or "QTemporary" in name}
    assert asking == {"app/__main__.py", "app/composition/instance.py", "app/services/doctor/computer.py"}


def test_a_wrong_key_is_told_when_the_file_is_read(busy: World, tmp_path: Path) -> None:
    busy.store.close()
    path = tmp_path / "store.db"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    for key in (bytes(32), KEY[::-1]):
        with pytest.raises(WrongKey):
            Store.open(path, key)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    with Store.open(path, KEY) as store:
        assert store.settings.get("session.tokens") == WORD


def test_a_damaged_file_is_not_taken_for_a_wrong_key(busy: World, tmp_path: Path) -> None:
    busy.store.close()
    gc.collect()
    path = tmp_path / "store.db"
    content = bytearray(path.read_bytes())
    content[8192:] = bytes(len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(StoreDamaged):
        open_world(path).portal.records.ids("deal_registration")
