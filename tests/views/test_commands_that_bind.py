"""A kind of record without a page of its own is decided on as well: what counts is what was on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.contract import rules
from app.contract.manifest import SHOWN, Manifest
from app.views.records.page import RecordsPage
from app.views.theme.theme import Theme
from tests.services.conftest import partner_manifest
from tests.views.stage import Stage, open_stage, settle

DEAL = "deal_registration"
BINDS = ("amount", "title")


def binding_manifest() -> Manifest:
    """The partner portal in which a deal is converted, and an extension asked for, on what was shown."""
    manifest = partner_manifest("manager")
    entity = manifest.by_name[DEAL]
    assert entity.lifecycle is not None
    commands = tuple(
        command.changed(binds=BINDS, args=() if command.name == "convert" else command.args)
        if command.name in {"convert", "ask_extension"}
        else command
        for command in entity.lifecycle.commands
    )
    bound = entity.changed(lifecycle=entity.lifecycle.changed(commands=commands))
    return manifest.changed(entities=tuple(bound if one is entity else one for one in manifest.entities))


@pytest.fixture
def bound(tmp_path: Path, theme: Theme) -> Iterator[Stage]:
    made = open_stage(tmp_path, theme, manifest=binding_manifest())
    yield made
    made.close()


@pytest.fixture
def page(bound: Stage, qtbot: QtBot) -> RecordsPage:
    bound.world.deal("1", state="approved", amount="100.00", title="Branch edge")
    made = RecordsPage(bound.context, DEAL)
    qtbot.addWidget(made)
    bound.show(made)
    made.table.choose_row(0)
    settle()
    return made


def press(page: RecordsPage, name: str) -> None:
    (button,) = (one for one in page.findChildren(QPushButton, name) if one.isVisibleTo(page))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settle()


def asked(stage: Stage) -> list[tuple[str, str]]:
    """The commands that wait to send, with the hash each quotes."""
    store = stage.world.store
    sent = (item.mutation.command for item in store.outbox.open_items())
    return [(one.name, str(one.args.get(SHOWN))) for one in sent if one is not None]


def test_a_command_quotes_what_is_shown(bound: Stage, page: RecordsPage) -> None:
    press(page, "detail.command.convert")
    spec = next(one for one in binding_manifest().by_name[DEAL].lifecycle.commands if one.name == "convert")  # type: ignore[union-attr]
    seen = {"amount": "100.00", "title": "Branch edge"}
    assert asked(bound) == [("convert", rules.shown_hash(spec, seen))]


def test_what_changed_unseen_is_not_decided_on(bound: Stage, page: RecordsPage) -> None:
    bound.world.deal("1", state="approved", amount="900.00", title="Branch edge")
    press(page, "detail.command.convert")
    assert asked(bound) == []
    assert "changed since you read it" in bound.toasts[-1].text


def test_a_card_on_the_board_is_not_dropped_into_a_decision(bound: Stage, page: RecordsPage) -> None:
    gid = page.detail.gid
    assert gid is not None
    move = bound.portal.boards.moves(gid)["extension_requested"]
    assert (move.command, move.words) == ("", "Open it, and decide on what it says.")
