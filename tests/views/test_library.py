"""Documents beyond opening them: versions, what changed, confirming, previews of every kind, and being taken back."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.views.documents.page import DocumentsPage
from app.views.documents.sheets import (
    Content,
    PictureSheets,
    Table,
    Unshowable,
    Why,
    Words,
    decoded,
    open_content,
)
from app.views.page import Place
from app.views.widgets.text import Text
from tests.services.conftest import COMPANY
from tests.views import sample
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage


@pytest.fixture
def page(stage: Stage, qtbot: QtBot) -> DocumentsPage:
    made = DocumentsPage(stage.context)
    qtbot.addWidget(made)
    return made


def prices(stage: Stage, version: str, **changes: Any) -> str:
    title = f"EMEA price list {version}"
    published = (
        f"2026-{10 + int(version[-1])}-02T08:30:00Z" if version[-1] in "12" else "2026-09-02T08:30:00Z"
    )
    whole = {
        "title": title,
        "version": version,
        "code": f"HS-PL-{version}",
        "published_at": published,
        **changes,
    }
    return sample.document(stage.world, f"prices-{version}", sample.price_list(title, 2), **whole)


def titles(page: DocumentsPage) -> list[str]:
    return [page.portal.records.title_of(page.model.gid_at(row)) for row in range(page.model.rowCount())]


def choose(page: DocumentsPage, row: int, column: int = 0) -> None:
    place = page.table.visualRect(page.model.index(row, column)).center()
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place.x(), place.y()))


def shown(page: DocumentsPage, qtbot: QtBot) -> None:
    viewer = page.reader.viewer
    qtbot.waitUntil(lambda: viewer.pages.count > 0 and page.reader._foot.isVisibleTo(page))


def test_earlier_versions_are_folded_and_unfolded(stage: Stage, page: DocumentsPage, qtbot: QtBot) -> None:
    prices(stage, "2026.1", state="superseded")
    prices(stage, "2026.2")
    sample.document(stage.world, "logo", b"x", here=False, title="Logo pack", code="HS-LP", version="1")
    stage.show(page)
    assert titles(page) == ["EMEA price list 2026.2", "Logo pack"]
    assert page.earlier.text() == "1 earlier version"
    choose(page, 0, 1)
    assert titles(page) == ["EMEA price list 2026.2", "EMEA price list 2026.1", "Logo pack"]
    page.toggle_versions()
    assert len(titles(page)) == 2
    QTest.mouseClick(page.earlier, Qt.MouseButton.LeftButton)
    assert len(titles(page)) == 3
    again = DocumentsPage(stage.context)
    qtbot.addWidget(again)
    stage.show(again)
    assert len(titles(again)) == 3
    choose(again, 1)
    assert again.reader.standing.isVisibleTo(again)
    QTest.mouseClick(again.reader.standing.open, Qt.MouseButton.LeftButton)
    assert again.reader._title.text() == "EMEA price list 2026.2"


def test_what_changed_since_it_was_read_is_marked_told_and_read(
    stage: Stage, page: DocumentsPage, qtbot: QtBot
) -> None:
    old = prices(stage, "2026.1")
    sample.document(stage.world, "logo", b"x", here=False, title="Logo pack", code="HS-LP", version="1")
    stage.show(page)
    choose(page, 0)
    shown(page, qtbot)
    stage.world.put("document", "prices-2026.1", state="superseded")
    new = prices(stage, "2026.2", changes="Edge prices rise by 2 % from December on.")
    for gid in (old, new):
        stage.portal.documents.index_text(str(stage.portal.documents.state(gid).sha256))
    page.on_records(frozenset({"document"}), None)
    assert page.reader.standing.isVisibleTo(page)
    chips = {item.key: item.count for item in page.narrowing._items}
    assert chips["changed:since read"] == 1
    page.chips.select("changed:since read")
    page.refresh()
    assert titles(page) == ["EMEA price list 2026.2"]
    choose(page, 0)
    strip = page.reader.changed
    qtbot.waitUntil(lambda: strip.isVisibleTo(page))
    assert strip.accessibleName() == (
        "Changed since you read 2026.1 on Mon 23 Nov. Edge prices rise by 2 % from December on."
    )
    QTest.mouseClick(strip.places, Qt.MouseButton.LeftButton)
    places = [one.accessibleName() for one in strip._list.findChildren(Text)]
    assert any("removed: 1" in words and "added: 2" in words for words in places)
    QTest.mouseClick(strip.button, Qt.MouseButton.LeftButton)
    assert not strip.isVisibleTo(page)
    assert stage.portal.library.changed("document") == []


@pytest.mark.parametrize("online", [True, False])
def test_reading_is_confirmed_and_taken_back(
    stage: Stage, page: DocumentsPage, qtbot: QtBot, online: bool
) -> None:
    if not online:
        stage.offline()
    gid = prices(stage, "2026.2", acknowledge_by="2026-11-30")
    stage.show(page)
    confirm = page.reader.confirm
    page.arrive(Place("document", gid=gid, focus="read"))
    qtbot.waitUntil(confirm.button.isEnabled)
    assert confirm.button.text() == ("Confirm that you have read it" if online else "Confirm (waits to send)")
    QTest.mouseClick(confirm.button, Qt.MouseButton.LeftButton)
    (sent,) = stage.world.sent()
    assert sent.changes["sha256"] == stage.portal.documents.state(gid).sha256
    assert confirm.accessibleName() == "You confirmed this version. Halden gets it when you are back."
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert stage.world.sent() == []
    assert confirm.button.isVisibleTo(page)


def test_what_is_not_here_cannot_be_confirmed(stage: Stage, page: DocumentsPage) -> None:
    gid = prices(stage, "2026.2", here=False, acknowledge_by="2026-11-30")
    stage.show(page)
    page.arrive(Place("document", gid=gid, focus="read"))
    button = page.reader.confirm.button
    assert button.isVisibleTo(page)
    assert not button.isEnabled()
    assert button.toolTip()


def test_taken_back_while_it_is_open_it_goes_and_what_was_written_stays(
    stage: Stage, page: DocumentsPage, qtbot: QtBot
) -> None:
    gid = prices(stage, "2026.2", acknowledge_by="2026-11-30")
    sha256 = stage.portal.documents.state(gid).sha256
    stage.show(page)
    page.arrive(Place("document", gid=gid))
    shown(page, qtbot)
    QTest.mouseClick(page.reader.confirm.button, Qt.MouseButton.LeftButton)
    stage.world.store.mirror.remove(gid, "revoked")
    page.on_records(frozenset({"document"}), frozenset({gid}))
    viewer = page.reader.viewer
    assert viewer.pages.count == 0
    said = viewer.standing.accessibleName()
    assert said.startswith("This document is no longer shared with you.")
    assert "What you wrote about it is kept in the sync centre." in said
    assert stage.world.store.blobs.get(sha256) is None
    assert not page.reader.confirm.isVisibleTo(page)
    (left,) = stage.portal.outbox.items()
    assert left.reason
    assert stage.portal.prefs.get("documents.read") is None


def test_withdrawn_or_ended_while_it_is_open(stage: Stage, page: DocumentsPage, qtbot: QtBot) -> None:
    gid = prices(stage, "2026.2", valid_until="2026-11-23")
    stage.show(page)
    page.arrive(Place("document", gid=gid))
    shown(page, qtbot)
    stage.world.clock.go(days=1)
    page.refresh()
    assert page.reader._mark.look.text == "Expired"
    assert page.reader.standing.accessibleName().startswith("It holds no more.")
    assert page.reader.viewer.pages.count == 2
    stage.world.put("document", "prices-2026.2", state="revoked")
    page.on_records(frozenset({"document"}), frozenset({gid}))
    assert page.reader.viewer.standing.accessibleName().startswith("Halden has withdrawn this document.")
    assert page.reader.viewer.pages.count == 0


def test_why_one_sees_it_stands_below_its_name(stage: Stage, page: DocumentsPage) -> None:
    stage.world.put_at(COMPANY, "company", name="Brightwater IT Ltd", tier="gold")
    prices(stage, "2026.2", audience="gold")
    stage.show(page)
    assert page.reader._why.text() == "For Gold partners. Brightwater IT Ltd is Gold, so you see it."


def test_a_table_is_read_as_a_table(stage: Stage, page: DocumentsPage, qtbot: QtBot) -> None:
    data = "Product;Code;GBP\nEdge 220;EG-220;1,890.00\nVault 価格;VT;78.00\n".encode()
    sample.document(stage.world, "table", data, title="Prices", media_type="text/csv", file_name="prices.csv")
    stage.show(page)
    cells = page.reader.viewer.plain.cells
    qtbot.waitUntil(lambda: cells.rowCount() == 2)
    assert cells.isVisibleTo(page)
    head = cells.horizontalHeaderItem(1)
    assert head is not None
    assert head.text() == "Code"
    page.reader.viewer.open_search()
    page.reader.viewer.search_strip.edit.setText("価格")
    current = cells.currentItem()
    assert current is not None
    assert current.text() == "Vault 価格"


def png(width: int, height: int) -> bytes:
    """A picture that names a size and holds next to nothing of it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + body


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (12, 8), "red").save(out, kind)
    return out.getvalue()


def told(content: Content) -> str:
    match content:
        case Unshowable():
            return content.why.value
        case Table():
            return "table"
        case Words():
            return "words"
        case _:
            return "pages"


@pytest.mark.parametrize(
    ("data", "media_type", "what"),
    [
        (picture("PNG"), "image/png", "pages"),
        (picture("JPEG"), "image/jpeg", "pages"),
        (picture("GIF"), "image/gif", "pages"),
        (picture("WEBP"), "image/webp", "pages"),
        (picture("PNG"), "image/jpeg", "damaged"),
        (picture("PNG")[:40], "image/png", "damaged"),
        (png(60_000, 60_000), "image/png", "large"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png", "damaged"),
        (b"", "image/png", "damaged"),
        (b"a,b\n1,2\n", "text/csv", "table"),
        (b"only one column\nof text", "text/csv", "words"),
        (b"# Title\n\n*text*", "text/markdown", "words"),
        (b"x" * 5_000_001, "text/plain", "large"),
        (b"a\tb\n1\t2", "text/tab-separated-values", "table"),
        (b"a,b\n" + b"1,2\n" * 5_000, "text/csv", "table"),
        (b"\x00\x01", "text/plain", "damaged"),
    ],
)
def test_what_is_shown_of_a_file(data: bytes, media_type: str, what: str) -> None:
    assert told(open_content(data, media_type)) == what


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_texts_are_read_in_the_encodings_offices_write(encoding: str) -> None:
    assert decoded("Grüße, 5 €".encode(encoding)) == "Grüße, 5 €"


def test_a_long_table_says_that_it_is_cut() -> None:
    content = open_content(b"a,b\n" + b"1,2\n" * 5_000, "text/csv")
    assert isinstance(content, Table)
    assert (len(content.rows), content.cut) == (2_001, True)


def test_a_large_picture_is_drawn_smaller() -> None:
    out = io.BytesIO()
    Image.new("1", (9_000, 6_000)).save(out, "PNG")
    content = open_content(out.getvalue(), "image/png")
    assert isinstance(content, PictureSheets)
    assert content._image.width() * content._image.height() <= 40_000_000
    assert Why.LARGE.value == "large"


def test_everything_is_named_and_follows_the_scheme(stage: Stage, page: DocumentsPage, qtbot: QtBot) -> None:
    gid = prices(stage, "2026.2", acknowledge_by="2026-11-30", audience="ALL", state="current")
    stage.show(page)
    page.arrive(Place("document", gid=gid))
    shown(page, qtbot)
    assert unnamed(page) == []
    # At rest: a page that is drawn between two pictures would be taken for a change of scheme.
    renderer = page.reader.viewer._renderer
    for _ in range(3):
        qtbot.waitUntil(lambda: not renderer._at_work and not renderer._wanted and bool(renderer.image(0)))
        page.grab()
        QApplication.processEvents()
    assert follows_scheme(page, stage.theme)
