"""Every page of every portal on a bad day: nothing there, next to nothing said, all at its worst, and for each role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit

from app.contract.manifest import Manifest, effective
from app.services.words import Words
from app.sync.events import ManifestChanged
from app.views.deals.board import Board
from app.views.main_window import MainWindow
from app.views.page import ACCOUNT, NEW, Place
from app.views.records.page import RecordsPage
from app.views.theme.theme import SchemeChoice, Theme
from app.views.widgets.choice_controls import Segment
from app.views.widgets.popup import Popup
from gateway.portals import load_portal
from tests.manifests import FOLDER
from tests.services.conftest import partner_manifest
from tests.views import sample
from tests.views.bad_days import (
    Content,
    beyond,
    cut_off,
    fill,
    forbidden,
    gids,
    offered,
    plainest,
    pushed_out,
    unexplained,
)
from tests.views.everywhere import furnish, places
from tests.views.listening import mute
from tests.views.stage import Stage, open_stage, settle

PORTALS = ("partner", "customer", "client", "member")
BARE, GRIM, VAST = Content(grim=False), Content(grim=True), Content(grim=False, vast=True)
#: What is tried with each change; the rest of the table takes minutes, and is tried at night.
EACH_TIME = (("partner", "grim"),)
ROLES = [
    (portal, role.name)
    for portal in PORTALS
    for role in load_portal(FOLDER / f"{portal}.toml").roles
    if role.side == "partner"
]


@contextmanager
def opened(
    folder: Path, theme: Theme, manifest: Manifest, role: str, content: Content | None
) -> Iterator[tuple[Stage, MainWindow]]:
    """The window of a portal with such content."""
    stage = open_stage(folder, theme, role=role, words=Words("en_GB"), manifest=manifest)
    if content is not None:
        fill(stage.world, manifest, content)
    window = MainWindow(stage.portal, stage.bridge, theme)
    window.resize(1280, 800)
    window.show()
    try:
        yield stage, window
    finally:
        window.close()
        window.deleteLater()
        settle()
        stage.close()


def _every_record(stage: Stage) -> Iterator[Place]:
    for place in places(stage):
        if place.gid and stage.portal.manifest.entity(place.page) is not None:
            yield from (Place(place.page, gid=gid) for gid in gids(stage, place.page))
        else:
            yield place


def _walk(stage: Stage, window: MainWindow, never: set[str]) -> dict[str, list[str]]:
    """Go everywhere, with each record open, and ask the palette there."""
    found: dict[str, list[str]] = {}
    for place in _every_record(stage):
        window.go(place)
        QApplication.processEvents()
        window.grab()
        page = window.current
        keys = page.keys() if page is not None else ()
        said = {key.words for key in keys}
        name = "company" if place.page == ACCOUNT else place.entity or place.page
        window.palette_source.ask("", lambda entries, said=said: said.update(one.text for one in entries))  # type: ignore[misc]
        flaws = [
            *(f"not explained: {one}" for one in unexplained(window)),
            *(f"out of view: {one}" for one in pushed_out(window)),
            *(f"cut off: {one}" for one in cut_off(window)),
            *(f"not for this role: {one}" for one in (offered(window) | said) & never),
            *(f"not for this role: {one}" for one in said & beyond(stage.portal.manifest, name)),
            *(f"mute: {one}" for one in mute(window)),
        ]
        if flaws:
            found[f"{place.page} {place.entity} {place.gid}"] = flaws
    return found


def _now_or_at_night(portal: str, name: str) -> tuple[pytest.MarkDecorator, ...]:
    return () if (portal, name) in EACH_TIME else (pytest.mark.nightly,)


@pytest.mark.parametrize(
    ("portal", "content"),
    [
        pytest.param(portal, content, id=f"{portal}-{name}", marks=_now_or_at_night(portal, name))
        for portal in PORTALS
        for name, content in (("nothing", None), ("bare", BARE), ("grim", GRIM), ("vast", VAST))
    ],
)
def test_every_page_holds_up(tmp_path: Path, theme: Theme, portal: str, content: Content | None) -> None:
    manifest = effective(load_portal(FOLDER / f"{portal}.toml"), "admin")
    with opened(tmp_path, theme, manifest, "admin", content) as (stage, window):
        assert _walk(stage, window, set()) == {}


@pytest.mark.parametrize(
    "portal",
    [pytest.param(name, marks=() if name == "customer" else pytest.mark.nightly) for name in PORTALS],
)
def test_a_manifest_may_leave_out_all_it_may(tmp_path: Path, theme: Theme, portal: str) -> None:
    manifest = plainest(effective(load_portal(FOLDER / f"{portal}.toml"), "admin"))
    with opened(tmp_path, theme, manifest, "admin", BARE) as (stage, window):
        assert _walk(stage, window, set()) == {}


@pytest.mark.parametrize(
    ("portal", "role"),
    [
        pytest.param(portal, role, marks=() if role == "student" else pytest.mark.nightly)
        for portal, role in ROLES
    ],
)
def test_a_role_is_offered_only_what_it_may(tmp_path: Path, theme: Theme, portal: str, role: str) -> None:
    whole = load_portal(FOLDER / f"{portal}.toml")
    own = effective(whole, role)
    with opened(tmp_path, theme, own, role, Content(grim=False, states=True)) as (stage, window):
        assert _walk(stage, window, forbidden(whole, own)) == {}


def test_a_board_that_is_shown_for_the_first_time_squeezes_no_column(tmp_path: Path, theme: Theme) -> None:
    with opened(tmp_path, theme, partner_manifest(), "manager", Content(grim=False, states=True)) as (
        _,
        window,
    ):
        window.go(Place("deal_registration"))
        page = window.current
        assert isinstance(page, RecordsPage)
        board = next(one for one in page.presentations if isinstance(one, Board))
        QTest.qWait(200)  # the list is shown and has settled, as when somebody reads it first
        QTest.mouseClick(page.ways.findChildren(Segment)[1], Qt.MouseButton.LeftButton)
        assert board.isVisible()
        QTest.qWait(100)
        content = board.area.widget()
        assert content.width() >= content.minimumSizeHint().width() > board.area.viewport().width()


def test_another_manifest_while_something_is_open(
    tmp_path: Path, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Popup, "show", lambda _popup: None)  # the offscreen platform opens none
    whole = partner_manifest()
    without = whole.changed(entities=tuple(one for one in whole.entities if one.name != "lead"))
    with opened(tmp_path, theme, whole, "manager", None) as (stage, window):
        furnish(stage.world)
        typed = {}
        task = stage.portal.records.rows(stage.portal.records.ids("task")[:1])[0].gid
        for place in (Place(NEW, entity="deal_registration"), Place("task", gid=task)):
            window.go(place)
            QApplication.processEvents()
            typed[place] = _type_into_first(window)
            _manifest(stage, without if place.page == NEW else whole)
            assert typed[place] in _fields(window), place
        window.go(Place("deal_registration"))
        page = window.current
        assert page is not None
        page.tools.filters.open()  # type: ignore[attr-defined]
        window.open_palette("re")
        entries: list[object] = []
        window.palette_source.ask("", entries.extend)
        _manifest(stage, without)
        assert window.current is not page
        for entry in entries:
            if str(entry.group).endswith("GO"):  # type: ignore[attr-defined]
                entry.run()  # type: ignore[attr-defined]
                QApplication.processEvents()
        window.palette_overlay.hide()
        assert window.current is not None


def _manifest(stage: Stage, manifest: Manifest) -> None:
    sample.use_manifest(stage.world, manifest)
    stage.tell(ManifestChanged())
    settle()


def _type_into_first(window: MainWindow) -> str:
    assert window.current is not None
    boxes = window.current.findChildren(QLineEdit) + window.current.findChildren(QTextEdit)
    box = next(
        one for one in boxes if one.isVisibleTo(window) and one.isEnabled() and not one.isReadOnly()
        and one.parent().__class__.__name__ != "SearchBox"
    )  # fmt: skip
    box.setFocus()
    QTest.keyClicks(box, "Half a sent")
    return "Half a sent"


def _fields(window: MainWindow) -> list[str]:
    assert window.current is not None
    lines = [box.text() for box in window.current.findChildren(QLineEdit)]
    texts = [box.toPlainText() for box in window.current.findChildren(QTextEdit)]
    plain = [box.toPlainText() for box in window.current.findChildren(QPlainTextEdit)]
    return [*lines, *texts, *plain]


def test_icons_and_shapes_are_as_sharp_as_the_screen_they_are_on(theme: Theme) -> None:
    """A window that is dragged from one screen to another of twice its scale, and back."""
    first, second, back = (_drawn(theme, ratio) for ratio in (1.0, 2.0, 1.0))
    fresh = _drawn(Theme(SchemeChoice.LIGHT), 2.0)
    assert second == fresh, "nothing of the first screen is stretched"
    assert first == back


def _drawn(theme: Theme, ratio: float) -> QImage:
    image = QImage(round(80 * ratio), round(24 * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("white"))
    painter = QPainter(image)
    theme.draw_icon(painter, 2, 2, "home", "#454C5A", 18)
    painter.end()
    return image
