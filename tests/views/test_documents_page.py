"""Documents: what is here, what is kept, and reading inside the window without holding it up."""

from __future__ import annotations

import hashlib
import struct
import threading
import zlib
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.bridge.roles import DataRole
from app.contract.errors import Refused
from app.services.views_model import DocState, TransferProgress
from app.sync.events import RecordsChanged
from app.views.documents.page import DocumentsPage
from app.views.documents.sheets import PdfSheets, PictureSheets, Unshowable, Words, open_content
from app.views.documents.viewer import FileViewer
from app.views.page import Place
from app.views.widgets.buttons import Button
from tests.views import sample
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, settle


class Where:
    """Answers the question where to save, as a person would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self.answer = True

    def __call__(self, parent: QWidget, suggested: Path) -> Path | None:
        self.asked.append(suggested.name)
        return self.folder / suggested.name if self.answer else None


@pytest.fixture
def where(tmp_path: Path) -> Where:
    folder = tmp_path / "Downloads"
    folder.mkdir()
    return Where(folder)


@pytest.fixture
def prices(stage: Stage) -> str:
    return sample.library(stage.world)


@pytest.fixture
def page(stage: Stage, prices: str, where: Where, qtbot: QtBot) -> DocumentsPage:
    made = DocumentsPage(stage.context, ask=where)
    qtbot.addWidget(made)
    stage.show(made)
    open_in(made, prices, qtbot)
    return made


def open_in(page: DocumentsPage, gid: str, qtbot: QtBot) -> FileViewer:
    page.arrive(Place("document", gid=gid))
    viewer = page.reader.viewer
    state = page.portal.documents.state(gid)
    if state.state is DocState.HERE:
        qtbot.waitUntil(lambda: viewer.pages.count > 0 or viewer.standing.button.isVisibleTo(viewer))
    return viewer


def named(page: DocumentsPage, title: str) -> str:
    gids = [page.model.gid_at(row) for row in range(page.model.rowCount())]
    return next(gid for gid in gids if page.portal.records.title_of(gid) == title)


def press(widget: QWidget, words: str) -> None:
    settle()
    found = [one for one in widget.findChildren(Button) if one.text() == words and one.isVisibleTo(widget)]
    assert found, f"no button {words!r}"
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)


def test_a_document_opens_inside_the_window(page: DocumentsPage, qtbot: QtBot) -> None:
    viewer = page.reader.viewer
    assert viewer.pages.count == 3
    assert viewer.pages.accessibleName() == "EMEA price list 2026.4, page 1 of 3"
    qtbot.waitUntil(lambda: viewer._renderer.image(0) is not None)
    image = viewer._renderer.image(0)
    assert image is not None
    colours = {
        QColor(image.pixel(x, y)).name() for x in range(0, image.width(), 5) for y in range(40, 200, 3)
    }
    assert "#ffffff" in colours
    assert len(colours) > 2, "there are words on the paper"


def test_pages_are_drawn_and_read_off_the_main_thread(
    page: DocumentsPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[str] = set()
    drawn = PdfSheets.render

    def render(sheets: PdfSheets, index: int, scale: float) -> QImage:
        threads.add(threading.current_thread().name)
        return drawn(sheets, index, scale)

    monkeypatch.setattr(PdfSheets, "render", render)
    page.reader.viewer.pages.set_zoom(2.0)
    qtbot.waitUntil(lambda: bool(threads))
    assert threading.main_thread().name not in threads


def test_the_proof_is_shown_only_for_what_was_checked(stage: Stage, page: DocumentsPage, prices: str) -> None:
    foot = page.reader._foot
    sha256 = stage.portal.documents.state(prices).sha256
    assert foot.isVisibleTo(page)
    assert page.reader._proof.text() == "This copy is Halden’s file, byte for byte"
    assert page.reader._sha.text() == f"sha256 {sha256[:4]}…{sha256[-4:]}"
    page.arrive(Place("document", gid=named(page, "Vault sizing calculator")))
    assert not foot.isVisibleTo(page)


def test_stepping_through_pages(page: DocumentsPage, qtbot: QtBot) -> None:
    tools = page.reader.viewer.tools
    assert not tools.back.isEnabled()
    assert tools.back.toolTip() == "This is the first page."
    QTest.mouseClick(tools.forward, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.reader.viewer.pages.page == 1)
    QTest.keyClick(page.reader.viewer.pages, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: page.reader.viewer.pages.page == 2)
    assert not tools.forward.isEnabled()
    QTest.keyClick(page.reader.viewer.pages, Qt.Key.Key_Home)
    assert page.reader.viewer.pages.page == 0


def test_zoom_steps_and_fits_again(page: DocumentsPage) -> None:
    viewer = page.reader.viewer
    fitted = viewer.pages.shown_zoom
    assert viewer.tools.fit.text() == "Fit width"
    QTest.mouseClick(viewer.tools.larger, Qt.MouseButton.LeftButton)
    assert viewer.pages.shown_zoom > fitted
    assert viewer.tools.fit.text().endswith(" %")
    QTest.mouseClick(viewer.tools.smaller, Qt.MouseButton.LeftButton)
    QTest.mouseClick(viewer.tools.fit, Qt.MouseButton.LeftButton)
    assert viewer.pages.zoom is None
    assert viewer.pages.shown_zoom == pytest.approx(fitted)


def test_words_are_found_in_the_document_and_stepped_through(page: DocumentsPage, qtbot: QtBot) -> None:
    viewer = page.reader.viewer
    QTest.mouseClick(viewer.tools.search, Qt.MouseButton.LeftButton)
    strip = viewer.search_strip
    QTest.keyClicks(strip.edit, "edge 440")
    qtbot.waitUntil(lambda: strip._count.text() == "1 of 6")
    QTest.keyClick(strip.edit, Qt.Key.Key_Return)
    assert strip._count.text() == "2 of 6"
    QTest.keyClick(strip.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(strip.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert strip._count.text() == "6 of 6"
    qtbot.waitUntil(lambda: viewer.pages.page == 2)
    QTest.keyClicks(strip.edit, " zirconium")
    qtbot.waitUntil(lambda: strip._count.text() == "Nothing found")
    QTest.keyClick(strip.edit, Qt.Key.Key_Escape)
    assert not strip.isVisibleTo(viewer)


def test_what_is_not_here_is_pulled_on_asking(stage: Stage, page: DocumentsPage, qtbot: QtBot) -> None:
    data = sample.price_list("Board paper", 2)
    gid = sample.document(stage.world, "board", data, here=False, title="Board paper")
    page.refresh()
    viewer = open_in(page, gid, qtbot)
    assert viewer.standing.accessibleName().startswith("Not on this computer yet")
    assert not page.reader.open.isEnabled()
    press(viewer, "Pull")
    assert viewer.standing.accessibleName().startswith("Waiting to be pulled")
    sha256 = stage.portal.documents.state(gid).sha256
    stage.tell(TransferProgress(sha256, "board.pdf", False, 500, len(data), 2_100_000.0, "running"))
    assert "Pulling “Board paper”" in viewer.standing.accessibleName()
    assert page.table.rowHeight(page.model.row_of(gid)) == 52
    sample.pulled(stage.world, gid, data)
    stage.tell(TransferProgress(sha256, "board.pdf", False, len(data), len(data), 0.0, "done"))
    qtbot.waitUntil(lambda: viewer.pages.count == 2)
    assert page.table.rowHeight(page.model.row_of(gid)) == 36


def test_offline_a_pull_is_queued_and_can_be_cancelled(
    stage: Stage, page: DocumentsPage, qtbot: QtBot
) -> None:
    stage.offline()
    viewer = open_in(page, named(page, "Vault sizing calculator"), qtbot)
    assert "it is pulled when you are back" in viewer.standing.accessibleName()
    press(viewer, "Queue the pull")
    assert [d.name for d in stage.portal.documents.downloads()] == ["Vault sizing calculator.xlsx"]
    assert page._moving.text() in {"", "1 waiting"}
    page.refresh()
    assert page._moving.text() == "1 waiting"
    press(viewer, "Cancel")
    assert stage.portal.documents.downloads() == []


def test_a_running_download_is_cancelled_in_its_row(stage: Stage, page: DocumentsPage, qtbot: QtBot) -> None:
    gid = named(page, "Insight Pro 4.2 installer guide")
    stage.portal.documents.pull(gid)
    sha256 = stage.portal.documents.state(gid).sha256
    stage.tell(TransferProgress(sha256, "guide.pdf", False, 12_400_000, 38_000_000, 2_100_000.0, "running"))
    row = page.model.row_of(gid)
    index = page.model.index(row, 0)
    assert index.data(DataRole.PROGRESS) == "12.4 of 38.0\u00a0MB"
    rect = page.table.visualRect(index)
    right = page.table.viewport().width() - 24
    QTest.mouseClick(
        page.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        QPoint(right, rect.top() + 20),
    )  # fmt: skip
    assert stage.portal.documents.state(gid).state is DocState.ABSENT


def test_a_failed_pull_says_why_and_offers_another(stage: Stage, page: DocumentsPage, qtbot: QtBot) -> None:
    gid = named(page, "Logo and brand pack")
    stage.portal.documents.pull(gid)
    stage.world.store.blobs.fail(stage.portal.documents.state(gid).sha256, "The vendor’s file is missing.")
    viewer = open_in(page, gid, qtbot)
    assert viewer.standing.accessibleName() == "The pull stopped The vendor’s file is missing."
    press(viewer, "Pull again")
    assert stage.portal.documents.state(gid).state is DocState.QUEUED


def test_keeping_offline_by_key_by_cell_and_back(stage: Stage, page: DocumentsPage, prices: str) -> None:
    documents = stage.portal.documents
    keep = next(key for key in list(page.keys()) if key.keys == "P")
    assert page.reader.keep.text() == "Kept offline"
    keep.run()
    assert not documents.state(prices).kept
    assert page.reader.keep.text() == "Keep offline"
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert documents.state(prices).kept
    index = page.model.index(page.model.row_of(prices), page.model.columnCount() - 1)
    QTest.mouseClick(
        page.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        page.table.visualRect(index).center(),
    )  # fmt: skip
    assert not documents.state(prices).kept


def test_keeping_what_is_not_here_pulls_it(stage: Stage, page: DocumentsPage, qtbot: QtBot) -> None:
    gid = named(page, "Vault sizing calculator")
    open_in(page, gid, qtbot)
    press(page.reader, "Keep offline")
    assert page.reader.keep.text() == "Will be kept"
    assert stage.portal.documents.state(gid).state is DocState.QUEUED


def test_a_document_that_is_withdrawn_while_it_is_open_goes_at_once(
    stage: Stage, page: DocumentsPage, prices: str
) -> None:
    stage.world.store.mirror.remove(prices, "revoked")
    stage.tell(RecordsChanged(frozenset({"document"}), None))
    page.refresh()
    viewer = page.reader.viewer
    assert viewer.pages.count == 0
    assert viewer._renderer.image(0) is None
    assert viewer.standing.accessibleName().startswith("This document is no longer shared with you.")
    assert not page.reader._head.isVisibleTo(page)
    assert not page.reader._foot.isVisibleTo(page)


def test_a_newer_version_replaces_what_is_open(
    stage: Stage, page: DocumentsPage, prices: str, qtbot: QtBot
) -> None:
    data = sample.price_list("EMEA price list 2026.5", 2)
    sample.document(stage.world, "prices-4", data, here=False, title="EMEA price list 2026.5")
    page.refresh()
    assert page.reader.viewer.pages.count == 0
    assert page.reader.viewer.standing.accessibleName().startswith("Not on this computer yet")
    stage.portal.documents.pull(prices)
    sample.pulled(stage.world, prices, data)
    page.refresh()
    qtbot.waitUntil(lambda: page.reader.viewer.pages.count == 2)


@pytest.mark.parametrize(
    ("name", "data", "media_type", "words"),
    [
        ("broken", b"%PDF-1.7 nothing of use", "application/pdf", "cannot be shown"),
        ("pack", b"PK\x03\x04 something", "application/zip", "No preview"),
        ("page", b"<html><script>1</script></html>", "text/html", "No preview"),
        ("odd", b"\x00\x01bad", "text/plain", "It cannot be shown"),
        ("picture", b"not a picture", "image/png", "It cannot be shown"),
    ],
)
def test_what_cannot_be_shown_says_so_and_can_be_saved(
    stage: Stage,
    page: DocumentsPage,
    qtbot: QtBot,
    where: Where,
    name: str,
    data: bytes,
    media_type: str,
    words: str,
) -> None:
    gid = sample.document(stage.world, name, data, media_type=media_type, title=name, file_name=f"{name}.bin")
    page.refresh()
    viewer = open_in(page, gid, qtbot)
    assert words in viewer.standing.accessibleName()
    press(viewer, "Save a copy")
    qtbot.waitUntil(lambda: bool(stage.toasts))
    assert (where.folder / f"{name}.bin").read_bytes() == data
    assert stage.toasts[-1].text == f"Saved as {name}.bin in Downloads"


def test_bytes_that_differ_from_the_vendors_are_not_shown(
    stage: Stage, page: DocumentsPage, qtbot: QtBot
) -> None:
    data = sample.price_list("Terms", 1)
    gid = sample.document(stage.world, "terms", data, title="Terms")
    sha256 = hashlib.sha256(data).hexdigest()
    stage.world.store.db.execute("UPDATE blob_chunk SET data = ? WHERE sha256 = ?", (b"%PDF-forged", sha256))
    page.refresh()
    viewer = open_in(page, gid, qtbot)
    assert "not Halden’s file any more" in viewer.standing.accessibleName()
    assert not page.reader._foot.isVisibleTo(page)


def test_plain_words_are_shown_and_searched(stage: Stage, page: DocumentsPage, qtbot: QtBot) -> None:
    data = b"Deal registration rules\n\nOne partner, one deal.\n"
    gid = sample.document(stage.world, "rules", data, media_type="text/plain", title="Rules", pages=None)
    page.refresh()
    page.arrive(Place("document", gid=gid))
    viewer = page.reader.viewer
    qtbot.waitUntil(lambda: "one deal" in viewer.words.toPlainText())
    assert viewer.words.isReadOnly()
    viewer.open_search()
    QTest.keyClicks(viewer.search_strip.edit, "partner")
    assert viewer.words.textCursor().selectedText() == "partner"


def test_a_picture_is_a_page(stage: Stage, page: DocumentsPage, qtbot: QtBot) -> None:
    gid = sample.document(
        stage.world, "photo", png(40, 30), media_type="image/png", title="Photo", pages=None
    )
    page.refresh()
    viewer = open_in(page, gid, qtbot)
    assert viewer.pages.count == 1
    assert not viewer.tools.search.isVisibleTo(viewer)


def test_saving_a_copy_may_be_thought_better_of(stage: Stage, page: DocumentsPage, where: Where) -> None:
    where.answer = False
    QTest.mouseClick(page.reader.viewer.tools.save, Qt.MouseButton.LeftButton)
    assert where.asked == ["prices-4.pdf"]
    assert list(where.folder.iterdir()) == []
    assert stage.toasts == []


def test_a_place_that_cannot_be_written_to_says_so(
    stage: Stage, page: DocumentsPage, where: Where, qtbot: QtBot
) -> None:
    where.folder = where.folder / "missing"
    page.reader.viewer.save_copy()
    qtbot.waitUntil(lambda: bool(stage.toasts))
    assert "could not be saved there" in stage.toasts[-1].text


def test_reading_takes_the_whole_room_and_gives_it_back(page: DocumentsPage, qtbot: QtBot) -> None:
    press(page.reader, "Open")
    assert not page._left.isVisibleTo(page)
    press(page.reader, "Back to the list")
    assert page._left.isVisibleTo(page)
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert not page._left.isVisibleTo(page)
    back = next(key for key in list(page.keys()) if key.keys == "Escape")
    back.run()
    assert page._left.isVisibleTo(page)


def test_chips_sorting_and_the_text_inside(
    stage: Stage, page: DocumentsPage, prices: str, qtbot: QtBot
) -> None:
    page.chips.select("data_sheet")
    page.refresh()
    assert page.model.rowCount() == 2
    page.chips.select("all")
    page.table.sort_asked.emit(0, True)
    titles = [page.portal.records.title_of(page.model.gid_at(row)) for row in range(page.model.rowCount())]
    assert titles == sorted(titles, key=str.casefold, reverse=True)
    stage.portal.documents.index_missing()
    page.search("HS-PL-EMEA-2026.4 cellular")
    found = {page.model.gid_at(row) for row in range(page.model.rowCount())}
    assert prices in found
    page.search("zirconium")
    assert page.empty.accessibleName().startswith("No document has “zirconium” in its title or text")
    press(page.empty, "Show all")
    assert page.model.rowCount() == 13  # one is an earlier version of another


def test_the_foot_counts_what_is_kept(page: DocumentsPage) -> None:
    assert page._count.text().startswith("14 documents · 8 kept offline, ")


def test_an_empty_library_says_that_documents_arrive_by_themselves(stage: Stage, qtbot: QtBot) -> None:
    page = DocumentsPage(stage.context)
    qtbot.addWidget(page)
    stage.show(page)
    assert page.empty.accessibleName().endswith("They arrive by themselves.")


def test_everything_is_named_and_follows_the_scheme(stage: Stage, page: DocumentsPage, qtbot: QtBot) -> None:
    assert unnamed(page) == []
    renderer = page.reader.viewer.pages._renderer
    qtbot.waitUntil(lambda: not renderer._at_work and renderer.image(0) is not None)
    assert follows_scheme(page, stage.theme)
    QApplication.processEvents()


def png(width: int, height: int) -> bytes:
    """A picture in one colour, as the few chunks a PNG needs."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\x00" + b"\x29\x52\xc4" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_content_is_told_by_its_bytes() -> None:
    assert isinstance(open_content(sample.price_list(), "application/octet-stream"), PdfSheets)
    assert isinstance(open_content(png(4, 4), "image/png"), PictureSheets)
    assert open_content("Grüße".encode(), "text/plain") == Words("Grüße", False)
    assert isinstance(open_content(b"x" * 2_000_001, "text/plain"), Words)
    assert open_content(b"MZ", "application/x-dosexec") == Unshowable("application/x-dosexec")
    assert isinstance(open_content(b"<svg/>", "image/svg+xml"), Unshowable)


def test_a_long_text_is_cut_and_says_so() -> None:
    content = open_content(b"x" * 2_000_001, "text/plain")
    assert isinstance(content, Words)
    assert (len(content.text), content.cut) == (2_000_000, True)


def test_a_closed_document_refuses_to_be_drawn() -> None:
    sheets = PdfSheets(sample.price_list())
    sheets.close()
    with pytest.raises(Refused, match="has been closed"):
        sheets.render(0, 1.0)
    with pytest.raises(Refused, match="has been closed"):
        sheets.find(0, "edge")
    assert sheets.size(0)[0] > 0


def test_a_page_that_is_gone_lets_go_of_its_document(stage: Stage, prices: str, qtbot: QtBot) -> None:
    page = DocumentsPage(stage.context)
    stage.show(page)
    viewer = open_in(page, prices, qtbot)
    opened = viewer._renderer._sheets
    assert isinstance(opened, PdfSheets)
    viewer.pages.set_zoom(3.0)
    page.deleteLater()
    settle()
    qtbot.waitUntil(lambda: opened._file._data is None)


def test_where_it_is_narrow_the_reader_goes_over_the_list(page: DocumentsPage) -> None:
    page.resize(760, 600)
    QApplication.processEvents()
    assert not page.reader.isVisibleTo(page)
    page.read()
    assert page.reader.isVisibleTo(page)
    assert not page._left.isVisibleTo(page)
    press(page.reader, "Back to the list")
    assert page._left.isVisibleTo(page)
    page.resize(1072, 744)
    QApplication.processEvents()
    assert page.reader.isVisibleTo(page)
