"""13. Whatever came from data is shown as plain text, in labels, tips, notifications and on paper; the one thing
that is opened is an https address.

Every page with the worst in each field: `tests/views/test_bad_days.py`. A whole gateway that is hostile:
`test_scenario_hostile_gateway.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont, QTextDocument
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QTextBrowser,
    QTextEdit,
    QToolTip,
    QWidget,
)

from app.bridge.tips import plain_tip, unmarked
from app.composition.receipt_box import _box
from app.composition.receipts import HOLDS, Checked
from app.contract.manifest import effective
from app.services.web_links import safe_address
from app.views.documents.sheets import Unshowable, open_content
from app.views.printing.record_paper import record_document
from app.views.theme.theme import Theme
from app.views.widgets.text import Text
from gateway.portals import load_portal
from tests.manifests import FOLDER
from tests.security.hostile import BAD_LINKS, Beacon
from tests.security.source import called, calls, imports
from tests.views import bad_days
from tests.views.bad_days import Content
from tests.views.everywhere import places
from tests.views.test_bad_days import opened


@pytest.fixture
def beacon(tmp_path: Path, qapp: QApplication) -> Beacon:
    return Beacon(tmp_path)


def rich(window: QWidget) -> Iterator[str]:
    """What in a window could show a text as a document."""
    for label in window.findChildren(QLabel):
        if label.textFormat() is not Qt.TextFormat.PlainText and GuiQt.mightBeRichText(label.text()):
            yield f"label {type(label).__name__}: {label.text()[:60]}"
    for widget in window.findChildren(QWidget):
        if GuiQt.mightBeRichText(widget.toolTip()) and (
            "<img" in widget.toolTip() or "<a " in widget.toolTip()
        ):
            yield f"tip of {type(widget).__name__}: {widget.toolTip()[:60]}"
    for edit in window.findChildren(QTextEdit):
        if "attacker.example" in edit.toHtml() and "href=" in edit.toHtml():
            yield f"text of {type(edit).__name__}"


def test_every_page_shows_markup_as_it_is_written(
    tmp_path: Path, theme: Theme, beacon: Beacon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bad_days, "GRIM", beacon.markup)
    monkeypatch.setattr(bad_days, "GRIM_TEXT", f"{beacon.markup}\n{beacon.markup}")
    opened_addresses: list[object] = []
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", opened_addresses.append)
    manifest = effective(load_portal(FOLDER / "partner.toml"), "admin")
    brand = manifest.brand.changed(vendor=f"<b>Halden</b>{beacon.markup}"[:200])
    entities = tuple(
        one.changed(label=f"<i>{one.label}</i>", plural=f"<i>{one.plural}</i>") for one in manifest.entities
    )
    manifest = manifest.changed(brand=brand, entities=entities)
    with opened(tmp_path, theme, manifest, "admin", Content(grim=True)) as (stage, window):
        found: dict[str, list[str]] = {}
        for place in places(stage):
            window.go(place)
            QApplication.processEvents()
            window.grab()
            if flaws := [*rich(window)]:
                found[place.page] = flaws
        assert found == {}
        (deal, *_) = stage.portal.records.rows(stage.portal.records.ids("deal_registration"))
        paper = record_document(stage.portal, deal, QFont())
        assert "<b>bold</b>" in paper.toPlainText()
    assert opened_addresses == []
    assert not beacon.lit


def lit(beacon: Beacon) -> bool:
    """Whether it was read since this was asked last."""
    found = beacon.lit
    beacon.rest()
    return found


@pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)
def test_the_beacon_would_have_told(beacon: Beacon, qtbot: object) -> None:
    """What the walk would have found: a label that guesses, and a tip that was given as it came."""
    label = QLabel(beacon.markup)
    label.grab()
    assert [*rich(_holding(label))]
    assert lit(beacon)
    QToolTip.showText(QPoint(0, 0), beacon.markup)
    assert lit(beacon), "Qt loads what a tip names"
    QToolTip.showText(QPoint(0, 0), plain_tip(beacon.markup))
    assert not lit(beacon)
    QToolTip.hideText()


def test_a_tip_reads_as_it_was_written(beacon: Beacon) -> None:
    for words in (beacon.markup, "<b>x</b>", "a < b & c", "1 < 2\n<i>2</i>", "Kestrel Foods", "&lt;b>"):
        document = QTextDocument()
        if GuiQt.mightBeRichText(plain_tip(words)):
            document.setHtml(plain_tip(words))
        else:
            document.setPlainText(words)
        assert document.toPlainText().split() == words.split()
    assert plain_tip("Kestrel Foods") == "Kestrel Foods"


def test_every_tip_goes_through_one_of_two_ways() -> None:
    """A tip of our own words, or through `plain_tip`; a tray's through `unmarked`, for the desktop reads it."""
    flaws = []
    for name, at in (("setToolTip", 0), ("showText", 1), ("setStatusTip", 0), ("setWhatsThis", 0)):
        flaws += [f"{path}:{call.lineno}" for path, call in calls(name) if not _plain(call.args[at])]
    assert flaws == []
    told = [call for path, call in calls("showMessage") if path == "app/views/shell/tray.py"]
    assert len(told) == len(calls("showMessage")) == 2
    assert all(
        _plain(argument) or isinstance(argument, ast.Name) for call in told for argument in call.args[:2]
    )


def test_a_notification_has_no_markup(beacon: Beacon) -> None:
    assert not set("<>") & set(unmarked(beacon.markup))
    assert unmarked("2 deals & 1 request") == "2 deals & 1 request"


def test_words_of_records_come_into_no_label_that_guesses() -> None:
    """Labels are `Text`, which is plain; nothing else makes one, and nobody turns a label's format."""
    assert [path for path, _ in calls("QLabel")] == []
    assert {path for path, _ in calls("setTextFormat")} == {
        "app/views/widgets/text.py",
        "app/composition/receipt_box.py",  # to plain, for both texts of the box; see the next test
    }
    assert {path for path, _ in calls("setHtml")} == {
        "app/views/records/listing/export.py",  # the clipboard's table; every cell is escaped
        "app/views/printing/record_paper.py",  # paper; every word is escaped, see the walk above
    }
    assert {path for path, _ in calls("setMarkdown")} == {"app/views/shell/help_panel.py"}
    boxes = {
        path for path, name in imports() if name.endswith(("QMessageBox", "QErrorMessage", "QInputDialog"))
    }
    assert boxes == {"app/composition/receipt_box.py", "app/composition/application.py"}, (
        "the one box of a receipt"
    )
    assert [path for path, _ in calls("setOpenExternalLinks")] == []


def test_what_a_receipt_from_a_stranger_says_is_plain(qtbot: object, beacon: Beacon) -> None:
    """It is opened from the desktop, by whoever was sent it."""
    shown = _box(Checked(HOLDS, {}, ("The receipt holds.", beacon.markup, beacon.markup)))
    shown.grab()
    assert not [*rich(shown)]
    assert not lit(beacon)
    shown.deleteLater()


def test_a_text_is_plain_whatever_it_holds(theme: Theme, qtbot: object, beacon: Beacon) -> None:
    text = Text(theme, beacon.markup)
    text.grab()
    assert text.textFormat() is Qt.TextFormat.PlainText
    assert not beacon.lit


def test_help_loads_and_follows_nothing(theme: Theme, qtbot: object, beacon: Beacon) -> None:
    from app.views.shell.help_panel import TopicText

    shown = TopicText(theme)
    shown.show_markdown(f"![x]({beacon.path.as_uri()})\n\n{beacon.markup}")
    shown.grab()
    assert isinstance(shown, QTextBrowser)
    assert (shown.openLinks(), shown.openExternalLinks()) == (False, False)
    assert not beacon.lit


@pytest.mark.parametrize("address", BAD_LINKS)
def test_no_other_address_is_opened(address: str) -> None:
    assert safe_address(address) == ""


def test_https_addresses_are() -> None:
    for address in (
        "https://carrier.example/track?id=1",
        "https://carrier.example:8443/a#b",
        "https://xn--bcher-kva.example/",
    ):
        assert safe_address(address) == address
    assert safe_address("carrier.example/track") == "https://carrier.example/track"


def test_a_page_of_the_web_is_never_drawn() -> None:
    assert isinstance(open_content(b"<script>alert(1)</script>", "text/html"), Unshowable)
    assert isinstance(open_content(b"<svg onload='x'/>", "image/svg+xml"), Unshowable)


def _plain(argument: ast.expr) -> bool:
    match argument:
        case ast.Constant():
            return True
        case ast.IfExp():
            return _plain(argument.body) and _plain(argument.orelse)
        case ast.Call() if called(argument) in ("plain_tip", "unmarked", "toolTip"):
            return True
        case ast.Call() if called(argument) in ("tr", "_tr"):
            return all(isinstance(one, ast.Constant) for one in argument.args)
        case _:
            return False


def _holding(child: QWidget) -> QWidget:
    parent = QWidget()
    child.setParent(parent)
    return parent
