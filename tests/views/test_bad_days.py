"""Every page of every portal on a bad day: nothing there, next to nothing said, all of it at its worst, and each role."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.contract.manifest import Manifest, effective
from app.services.words import Words
from app.views.main_window import MainWindow
from app.views.page import Place
from app.views.theme.theme import Theme
from gateway.portals import load_portal
from tests.manifests import FOLDER
from tests.views.bad_days import (
    Content,
    fill,
    forbidden,
    gids,
    offered,
    plainest,
    pushed_out,
    unexplained,
)
from tests.views.everywhere import places
from tests.views.listening import mute
from tests.views.stage import Stage, open_stage, settle

PORTALS = ("partner", "customer", "client", "member")
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


def _flaws(window: MainWindow, never: set[str]) -> list[str]:
    return [
        *(f"not explained: {one}" for one in unexplained(window)),
        *(f"out of view: {one}" for one in pushed_out(window)),
        *(f"not for this role: {one}" for one in offered(window) & never),
        *(f"mute: {one}" for one in mute(window)),
    ]


def _walk(stage: Stage, window: MainWindow, never: set[str]) -> dict[str, list[str]]:
    found = {}
    for place in _every_record(stage):
        flaws: list[str] = []
        try:
            window.go(place)
            QApplication.processEvents()
            window.grab()
        except Exception as e:  # DEBUG
            import traceback

            flaws = ["RAISED " + "".join(traceback.format_exception(e)[-6:])]
        flaws += _flaws(window, never)
        if flaws:
            print("#", place.page, place.entity, "\n    ".join(["", *flaws]))
            found[f"{place.page} {place.entity} {place.gid}"] = flaws
    return found


@pytest.mark.parametrize(
    "content", [None, Content(grim=False), Content(grim=True)], ids=["nothing", "bare", "grim"]
)
@pytest.mark.parametrize("portal", PORTALS)
def test_every_page_holds_up(tmp_path: Path, theme: Theme, portal: str, content: Content | None) -> None:
    manifest = effective(load_portal(FOLDER / f"{portal}.toml"), "admin")
    with opened(tmp_path, theme, manifest, "admin", content) as (stage, window):
        assert _walk(stage, window, set()) == {}


@pytest.mark.parametrize("portal", PORTALS)
def test_a_manifest_may_leave_out_all_it_may(tmp_path: Path, theme: Theme, portal: str) -> None:
    manifest = plainest(effective(load_portal(FOLDER / f"{portal}.toml"), "admin"))
    with opened(tmp_path, theme, manifest, "admin", Content(grim=False)) as (stage, window):
        assert _walk(stage, window, set()) == {}


@pytest.mark.parametrize(("portal", "role"), ROLES)
def test_a_role_is_offered_only_what_it_may(tmp_path: Path, theme: Theme, portal: str, role: str) -> None:
    whole = load_portal(FOLDER / f"{portal}.toml")
    own = effective(whole, role)
    begin = time.process_time()
    with opened(tmp_path, theme, own, role, Content(grim=False, states=True)) as (stage, window):
        found = _walk(stage, window, forbidden(whole, own))
    print("cost", portal, role, time.process_time() - begin)
    assert found == {}
