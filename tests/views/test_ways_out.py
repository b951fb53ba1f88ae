"""What leaves the window or comes into it: through one module, and where it is shut nothing of it is offered."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QMenu, QWidget

from app.services.views_model import RecordView
from app.views import ways_out
from app.views.documents.cards import unshowable
from app.views.documents.sheets import Why
from app.views.main_window import MainWindow
from app.views.page import Place
from app.views.records.listing.tools import ListTools
from app.views.records.reader_head import ReaderHead
from app.views.records.record.head import DetailHead
from app.views.widgets.files import DropArea, local_files
from app.views.writing.box import WritingBox
from tests.views.everywhere import furnish, overlays, places
from tests.views.stage import Stage, settle

ROOT = Path(__file__).parents[2]

#: What opens something outside the window, and the modules that may name it.
OPENERS = {
    "QFileDialog": {"app/views/ways_out.py"},
    "QDesktopServices": {"app/views/ways_out.py"},
    "QPrintDialog": {"app/views/ways_out.py"},
    "QPrintPreviewDialog": set(),
    "QPageSetupDialog": set(),
    "QPrinter": {"app/views/ways_out.py"},
    "QPrinterInfo": set(),
    "QProcess": set(),
    "QColorDialog": set(),
    "QFontDialog": set(),
    # A receipt opened from the desktop, before any window; a kiosk opens its own instead.
    "QMessageBox": {"app/composition/application.py", "app/composition/receipt_box.py"},
    "QSystemTrayIcon": {"app/views/shell/tray.py", "app/views/shell/locked_tray.py"},
    "setOpenExternalLinks": set(),
    "startfile": set(),
    "webbrowser": {"app/composition/surroundings.py"},
    # The demo's gateway, the system's own settings, and the marks on files that were saved.
    "subprocess": {
        "app/session/updates/handing_over.py",  # this very program, as it was signed
        "app/composition/demo.py",
        "app/views/theme/motion.py",
        "app/services/mark_of_the_web.py",
        "app/composition/watchdog.py",
        "app/services/doctor/computer.py",
        "app/services/pdf.py",
        "app/session/profile_wipe.py",
    },
}

#: Words by which a way out is offered on screen.
LEADS_OUT = (
    "add a vendor",
    "add files",
    "browse",
    "export",
    "follow the shipment",
    "mail program",
    "print",
    "save a copy",
    "save as pdf",
)


@pytest.fixture
def is_shut(qapp: QApplication) -> Iterator[None]:
    ways_out.shut(qapp)
    yield
    qapp.setProperty(ways_out._PROPERTY, None)


def names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name.rpartition(".")[2]


def test_only_the_door_opens_what_lies_outside() -> None:
    found: dict[str, set[str]] = {name: set() for name in OPENERS}
    for path in sorted((ROOT / "app").rglob("*.py")):
        for name in names(ast.parse(path.read_text("utf-8"))):
            if name in found:
                found[name].add(str(path.relative_to(ROOT)))
    strange = {name: sorted(where - OPENERS[name]) for name, where in found.items() if where - OPENERS[name]}
    assert strange == {}


def test_shut_ways_lead_nowhere(is_shut: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def bomb(*_given: object, **_named: object) -> None:
        raise AssertionError("a dialog or a program was opened")

    monkeypatch.setattr(QFileDialog, "getSaveFileName", bomb)
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", bomb)
    monkeypatch.setattr(QDesktopServices, "openUrl", bomb)
    monkeypatch.setattr(QPrintDialog, "exec", bomb)
    parent = QWidget()
    assert ways_out.ask_where(parent, tmp_path / "a.pdf") is None
    assert ways_out.ask_target(parent, "a.json") is None
    assert ways_out.ask_files(parent) == ()
    assert ways_out.ask_printer(parent, False) is None
    assert ways_out.open_address("https://halden.example") is False


def test_they_stay_open_where_nobody_shuts_them(qapp: QApplication) -> None:
    assert ways_out.allowed() == ways_out.EVERYTHING


def offered(stage: Stage, window: MainWindow) -> set[str]:
    """Everything that can be pressed, chosen or keyed on all pages, dialogs and menus, in lower case."""
    found: set[str] = set()
    orders = [Place("order", gid=row.gid) for row in all_rows(stage, "order")]
    for place in (*places(stage), *orders):
        window.go(place)
        QApplication.processEvents()
        found |= pressed(window)
        for menu in menus(window):
            found |= {entry.text().lower() for entry in menu.actions() if entry.isEnabled()}
            menu.deleteLater()
        found |= {key.words.lower() for key in (window.current.keys() if window.current else ())}
        found |= {one.text.lower() for one in window.commands.here()}
    found |= {one.text.lower() for one in window.commands.list()}
    found |= {bound.words.lower() for bound in window.keys.window_keys}
    for _name, shown in overlays(stage, window):
        found |= pressed(shown)
    return found


def all_rows(stage: Stage, entity: str) -> list[RecordView]:
    return [*stage.portal.records.rows(stage.portal.records.ids(entity))]


def pressed(shown: QWidget) -> set[str]:
    """The words on what can be pressed, and those of its description."""
    return {
        f"{one.accessibleName()} {one.text()}".lower()
        for one in shown.findChildren(QAbstractButton)
        if one.isVisibleTo(shown) and one.isEnabled()
    }


def menus(window: QWidget) -> list[QMenu]:
    """The menus behind the dots of the page that is shown."""
    page = window.current if isinstance(window, MainWindow) else None
    if page is None:
        return []
    found: list[QMenu] = [head.menu() for head in page.findChildren(DetailHead)]
    found += [head.menu() for head in page.findChildren(ReaderHead)]
    for tools in page.findChildren(ListTools):
        found += [tools.list_menu(), tools.marked_menu(), tools.foot.others_menu()]
    return found


def leading_out(words: set[str]) -> set[str]:
    return {sign for sign in LEADS_OUT if any(sign in one for one in words)}


@pytest.fixture
def furnished(stage: Stage) -> Stage:
    furnish(stage.world)
    return stage


def test_where_they_are_open_all_of_them_are_offered(furnished: Stage) -> None:
    window = MainWindow(furnished.portal, furnished.bridge, furnished.theme)
    window.resize(1280, 800)
    window.show()
    missing = set(LEADS_OUT) - leading_out(offered(furnished, window)) - {"add a vendor"}
    assert missing == set(), "the walk below would find nothing there"
    settle()


def test_where_they_are_shut_nothing_that_leads_out_is_offered(is_shut: None, furnished: Stage) -> None:
    window = MainWindow(furnished.portal, furnished.bridge, furnished.theme)
    window.resize(1280, 800)
    window.show()
    words = offered(furnished, window)
    assert leading_out(words) == set(), sorted(one for one in words if any(sign in one for sign in LEADS_OUT))
    takers = [*window.findChildren(WritingBox), *window.findChildren(DropArea)]
    assert takers
    assert not any(one.acceptDrops() for one in takers)
    settle()


def test_no_file_is_taken_by_dropping_it(is_shut: None, tmp_path: Path) -> None:
    file = tmp_path / "plan.pdf"
    file.write_bytes(b"%PDF-1.4")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    at, move = QPoint(4, 4), Qt.DropAction.CopyAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(at, move, data, buttons, keys)
    assert local_files(event) == ()
    assert local_files(QDropEvent(at.toPointF(), move, data, buttons, keys)) == ()


def test_a_file_of_another_kind_says_where_it_can_be_read(is_shut: None, furnished: Stage) -> None:
    for why in Why:
        standing = unshowable(furnished.portal, why)
        assert standing.verb == ""
        assert "save" not in standing.text.lower()
