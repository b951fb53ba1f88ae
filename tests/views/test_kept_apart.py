"""Kept work that cannot be taken up on a kiosk: read in the sync centre, copied, and given up after one question."""

from __future__ import annotations

import json
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.services.kiosk.apart import SetApart
from app.services.kiosk.values import Apart, TakenBack
from app.services.words import Words
from app.views.page import Toast
from app.views.sync_centre.page import SyncCentrePage
from app.views.theme.theme import Theme
from app.views.widgets.text import Text
from tests.views.checks import follows_scheme, unnamed
from tests.views.everywhere import cut_labels
from tests.views.stage import Stage, settle

DRAFT: dict[str, object] = {
    "part": "draft", "entity": "deal_registration", "gid": "0199", "state": "open",
    "data": json.dumps({"customer": "Ledbury Homes", "amount": {"amount": "1800.00", "currency": "GBP"}}),
    "problems": [], "note": None,
}  # fmt: skip
NEWER: dict[str, object] = {"part": "whiteboard", "strokes": [1, 2]}


class Holder:
    """Who left something that is not understood any more."""

    def __init__(self, *rows: dict[str, object]) -> None:
        self.taken_back = TakenBack(2, tuple(Apart(str(one["part"]), json.dumps(one)) for one in rows))
        self.given_up = 0

    def give_up_apart(self) -> tuple[Apart, ...]:
        apart, self.taken_back = self.taken_back.apart, TakenBack(2)
        self.given_up += 1
        return apart


def page_of(stage: Stage, qtbot: QtBot, apart: SetApart | None) -> SyncCentrePage:
    page = SyncCentrePage(replace(stage.context, apart=apart))
    qtbot.addWidget(page)
    stage.show(page)
    settle()
    return page


def test_what_was_typed_is_read_out_of_what_it_lies_in() -> None:
    draft, newer = SetApart(Holder(DRAFT, NEWER)).pieces(Words())
    assert draft.title == "A draft"
    assert ("Customer", "Ledbury Homes") in draft.facts
    assert ("Amount", "1800.00") in draft.facts
    assert newer.title == "Something that a newer version kept"
    assert newer.facts == (("Strokes", "1"), ("Strokes", "2"))
    (long,) = SetApart(Holder({"part": "begun", "value": {f"f{n}": "x" for n in range(50)}})).pieces(Words())
    assert (len(long.facts), long.more) == (40, 10)


def test_it_stands_in_the_sync_centre_until_it_is_given_up(stage: Stage, theme: Theme, qtbot: QtBot) -> None:
    holder = Holder(DRAFT, NEWER)
    page = page_of(stage, qtbot, SetApart(holder))
    section = page.apart
    assert section.isVisibleTo(page)
    said = " ".join(text.text() for text in section.findChildren(Text) if text.isVisibleTo(page))
    assert "2 pieces" in said
    assert "Ledbury Homes" in said
    assert "this version cannot go on with it" in said
    assert unnamed(page) == []
    assert cut_labels(section) == []
    assert follows_scheme(page, theme)
    toasts: list[Toast] = []
    page.said.connect(toasts.append)
    QTest.mouseClick(section.copy, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text().split("\n")
    assert [json.loads(line)["part"] for line in copied] == ["draft", "whiteboard"]
    QTest.mouseClick(section.give_up, Qt.MouseButton.LeftButton)
    assert section.dialog is not None
    assert section.dialog.windowTitle() == "Give up 2 pieces of kept work?"
    QTest.mouseClick(section.dialog.safe_button, Qt.MouseButton.LeftButton)
    assert holder.given_up == 0
    assert section.isVisibleTo(page)
    QTest.mouseClick(section.give_up, Qt.MouseButton.LeftButton)
    QTest.mouseClick(section.dialog.verb_button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert holder.given_up == 1
    assert not section.isVisibleTo(page)
    assert [toast.text for toast in toasts] == [
        "Copied. It is gone from the clipboard when you leave.",
        "Given up and deleted.",
    ]


def test_elsewhere_there_is_no_such_part(stage: Stage, qtbot: QtBot) -> None:
    assert not page_of(stage, qtbot, None).apart.isVisible()
    assert not page_of(stage, qtbot, SetApart(Holder())).apart.isVisible()
