"""Every place of the window, with content, and all that is written there: painted, in labels, and for who listens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from unittest import mock

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget

from app.bridge.checkup import Checkup
from app.contract.colleagues import Colleague, DeviceSeen, Invited
from app.contract.manifest import Filter
from app.contract.said import said
from app.services.diagnostics.contents import Item
from app.services.doctor.finding import Check, Finding, State
from app.services.words import Words
from app.views.colleagues.inviting import InviteDialog, LinkDialog, Typed
from app.views.delegates import table_rows
from app.views.doctor.check_window import CheckWindow
from app.views.doctor.diagnostics_window import DiagnosticsWindow
from app.views.main_window import MainWindow
from app.views.page import CONFLICT, NEW, Place
from app.views.records.listing.columns import ListColumns
from app.views.records.listing.filters import ListFilters
from app.views.settings.devices import SignOutDevice
from app.views.settings.leaving import SignOutDialog
from app.views.settings.licences import Licence, LicenceWindow
from app.views.shell.catalogue import every_page
from app.views.theme import paint
from app.views.theme.lines import Line, elided, fitted
from app.views.theme.theme import Theme
from app.views.widgets.buttons import Button
from app.views.widgets.chips import Chip
from app.views.widgets.choice_controls import Segment
from app.views.widgets.field import Field
from app.views.widgets.nav import NavRow
from app.views.widgets.popup import Popup
from app.views.widgets.text import Text
from tests.services.conftest import World
from tests.views import sample
from tests.views.stage import Stage

#: A sentence that is in the catalogue.
_FOUND = said("What “Check this computer” has found.")
_LISTED = "deal_registration"
_CONDITIONS = (
    Filter(op="in", field="state", values=("approved",)),
    Filter(op="within_days", field="protected_until", days=30),
)


@dataclass(frozen=True)
class Written:
    """A text as it was painted; `cut` where not all of it fitted."""

    text: str
    cut: bool


def furnish(world: World) -> None:
    """Something of everything: deals in every stage, requests, documents, orders, renewals, tasks, projects."""
    sample.renewals(world)
    sample.requests(world)
    sample.library(world)
    sample.orders(world)
    sample.approvals(world)
    sample.projects(world)
    world.clash(
        {
            "sales_stage": ("prospect", "qualified", "committed"),
            "competitor": ("Arrowmesh", "Netstone", "Boltline"),
            "next_steps": ("Send the quote.", "Send the quote and plan.", "Send the quote on Friday."),
        }
    )
    sample.account(world)


def places(stage: Stage) -> list[Place]:
    """Where to go to see every page, each with a record open where it has one."""
    manifest = stage.portal.manifest
    found = []
    for name in every_page(manifest):
        if name == NEW:
            found += [Place(NEW, entity=one.name) for one in manifest.entities if one.creatable and one.form]
            continue
        gids = stage.portal.records.ids(name) if manifest.entity(name) is not None else []
        gid = stage.portal.records.rows(gids[:1])[0].gid if gids else ""
        if name == CONFLICT:
            gid = next((one.gid for one in stage.portal.conflicts.list()), "")
        found.append(Place(name, gid=gid))
    return found


def overlays(stage: Stage, window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    """What lies over the window, one after the other, each shown and put away again."""
    window.overlays.open_palette()
    yield "palette", window.palette_overlay
    window.palette_overlay.hide()
    window.overlays.open_keys()
    yield "keys", window.sheet
    window.sheet.close_sheet()
    window.overlays.open_help()
    yield "help", window.help
    window.overlays.open_help()
    theme = stage.theme
    now = stage.world.clock.now()
    device = DeviceSeen(id="d1", name="Laptop", signed_in_at=now, signed_in=True)
    for dialog in (
        SignOutDialog(theme, window, stage.portal),
        LicenceWindow(theme, [Licence("Qt", "Qt")], window),
        _checked(theme, window, stage.portal.formats.tr),
        DiagnosticsWindow(theme, (Item("Netstone", "{}", _FOUND),), stage.portal.formats.tr, window),
        SignOutDevice(theme, window, device, stage.portal.vendor),
        InviteDialog(theme, window, (), "Brightwater IT Ltd", Typed(), stage.portal.formats.tr),
        LinkDialog(theme, window, _invited(now), stage.portal.formats.stamp(now), ""),
    ):
        dialog.open()
        yield type(dialog).__name__, dialog
        dialog.done(0)
        dialog.deleteLater()


def _checked(theme: Theme, window: MainWindow, words: Words) -> CheckWindow:
    """The check of this computer with a finding of each kind in it."""
    checkup = Checkup(parent=window)
    shown = CheckWindow(theme, checkup, words, window)
    for state in State:
        checkup.found.emit(Finding(Check.PROXY, state, _FOUND, _FOUND, "Arrowmesh"))
    return shown


def popups(stage: Stage, window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    """The panes of a list, each with something in it."""
    window.go(Place(_LISTED))
    page = window.current
    assert page is not None
    filters, columns = page.findChild(ListFilters), page.findChild(ListColumns)
    assert filters is not None
    assert columns is not None
    kept = stage.portal.filters.save(_LISTED, "Arrowmesh", _CONDITIONS)
    # Not shown: a popup takes the keyboard, which the platform without a screen cannot give.
    with mock.patch.object(Popup, "show_below", lambda popup, _anchor: popup.adjustSize()):
        filters.change(kept.name)
        yield "filter", filters.panel
        columns.open_panel()
        yield "columns", columns.panel


def _invited(until: datetime) -> Invited:
    who = Colleague(
        id="u1",
        name="Jo Reed",
        email="jo@brightwater.example",
        role="rep",
        role_label="",
        invited_until=until,
    )
    return Invited(colleague=who, link="https://portal.halden.example/welcome/u1-7mQxV2", link_until=until)


@contextmanager
def painted() -> Iterator[list[Written]]:
    """Notes every line of text that is painted by hand meanwhile."""
    seen: list[Written] = []

    def noted(font: QFont, text: str, width: int) -> Line:
        line = fitted(font, text, width)
        seen.append(Written(text, elided(font, text, width) != text and line.width <= width))
        return line

    with mock.patch.object(paint, "fitted", noted), mock.patch.object(table_rows, "fitted", noted):
        yield seen


def written(window: QWidget) -> list[Written]:
    """All texts of a window as it stands: painted ones, labels, buttons, names and tips."""
    with painted() as seen:
        window.grab()
    for widget in window.findChildren(QWidget):
        if widget.isVisibleTo(window):
            seen += [Written(text, cut) for text, cut in _texts(widget) if text.strip()]
    return list(dict.fromkeys(seen))


def _texts(widget: QWidget) -> Iterator[tuple[str, bool]]:
    if isinstance(widget, QLabel):
        yield widget.text(), isinstance(widget, Text) and _is_cut(widget)
    elif isinstance(widget, QAbstractButton):
        yield widget.text(), False
    elif isinstance(widget, QLineEdit):
        yield widget.placeholderText(), False
    yield widget.accessibleName(), False
    yield widget.accessibleDescription(), False
    yield widget.toolTip(), False


def _is_cut(label: Text) -> bool:
    """A label that does not wrap has to have room for all it says."""
    return not label.wordWrap() and label.width() + 1 < label.sizeHint().width()


def cut_labels(window: QWidget) -> list[str]:
    """Buttons, chips, places and names of fields without room for their words, and without a tip that says them."""
    cut = []
    for widget in window.findChildren(QAbstractButton):
        if not isinstance(widget, (Button, Chip, NavRow, Segment)) or not widget.isVisibleTo(window):
            continue
        with painted() as seen:
            widget.grab()
        cut += [one.text for one in seen if one.cut and widget.toolTip() != widget.text()]
    for part in window.findChildren(Field):
        label = part.findChild(Text)
        if label is None or not part.isVisibleTo(window) or label.toolTip() == label.text():
            continue
        if label.width() + 1 < label.sizeHint().width():
            cut.append(label.text())
    return cut
