"""Text: plain, wrapped, cut, in runs; and two texts as one."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import LIGHT, Tone
from app.views.widgets.diff_text import DiffText, word_diff
from app.views.widgets.text import Run, Text

LONG = "Halden answers within 3 working days of receiving this, and says so on the record."


def colours(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name().upper() for x in range(image.width()) for y in range(image.height())
    }


@pytest.mark.parametrize(("role", "height"), [(Role.BODY, 20), (Role.SECONDARY, 16), (Role.PAGE_TITLE, 28)])
def test_a_line_is_as_high_as_its_role(theme: Theme, qtbot: QtBot, role: Role, height: int) -> None:
    text = Text(theme, "Kestrel Foods", role)
    qtbot.addWidget(text)
    assert text.sizeHint().height() == height
    text.set_text("Kestrel Foods\nBranch edge")
    assert text.sizeHint().height() == 2 * height


def test_room_around_words_stays_when_it_is_styled_before_it_has_a_size(theme: Theme, qtbot: QtBot) -> None:
    text = Text(theme, "Amount", Role.SECONDARY, wrap=True)
    qtbot.addWidget(text)
    text.setContentsMargins(0, 2, 0, 2)
    text.resize(90, 2)
    text.ensurePolished()
    text.setStyleSheet("color: black")
    text.resize(90, 20)
    assert text.sizeHint().height() == 20
    assert text.contentsRect().top() == 2


def test_an_address_goes_on_behind_its_at(theme: Theme, qtbot: QtBot) -> None:
    text = Text(theme, "priya.raman@kestrelfoods.example", Role.BODY, wrap=True)
    qtbot.addWidget(text)
    text.resize(180, 40)
    layout, count = text._lines(180)
    assert count == 2
    assert layout.text()[: layout.lineAt(0).textLength()].rstrip("\u200b") == "priya.raman@"
    assert text.text() == "priya.raman@kestrelfoods.example"


def test_a_wrapped_text_takes_the_lines_it_needs_in_a_layout(theme: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    text = Text(theme, LONG, Role.SECONDARY, wrap=True)
    layout = QVBoxLayout(window)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(text)
    layout.addStretch(1)
    window.resize(160, 400)
    window.grab()
    assert text.height() == text.heightForWidth(160) >= 4 * 16
    window.resize(600, 400)
    window.grab()
    assert text.height() == 16


def test_a_cut_text_offers_the_whole_as_tip(theme: Theme, qtbot: QtBot) -> None:
    text = Text(theme, LONG, elide=True)
    qtbot.addWidget(text)
    text.resize(120, 20)
    text.grab()
    assert text.toolTip() == LONG
    text.resize(900, 20)
    text.grab()
    assert text.toolTip() == ""
    assert text.text() == LONG


def test_nothing_is_read_as_markup(theme: Theme, qtbot: QtBot) -> None:
    text = Text(theme, "<b>bold</b> <img src=x>")
    qtbot.addWidget(text)
    assert text.textFormat() is Qt.TextFormat.PlainText
    plain = Text(theme, "x" * len(text.text()))
    qtbot.addWidget(plain)
    assert text.sizeHint().width() > Text(theme, "bold").sizeHint().width() * 2


def test_runs_carry_their_own_tone_and_ground(theme: Theme, qtbot: QtBot) -> None:
    text = Text.of_runs(theme, [Run("now "), Run("gone", Tone.BAD, ground=Tone.BAD, struck=True)])
    qtbot.addWidget(text)
    text.resize(text.sizeHint())
    found = colours(text.grab().toImage())
    assert QColor(LIGHT.bad_soft).name().upper() in found
    assert text.text() == "now gone"


def test_a_tone_is_shown(theme: Theme, qtbot: QtBot) -> None:
    text = Text(theme, "▮▮▮▮", Role.FIGURE)
    qtbot.addWidget(text)
    text.resize(text.sizeHint())
    text.set_tone(Tone.BAD)
    assert text.tone is Tone.BAD
    assert LIGHT.bad in colours(text.grab().toImage())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Demo at Crewe depot.", "Demo at Derby depot. Halden sends two Edge 220 units."),
        ("Demo at Crewe depot.", "Demo at Crewe depot on 3 December. Maya brings the rack plan."),
        ("", "New words"),
        ("Old words", ""),
        ("same", "same"),
        ("one two three", "three two one"),
        ("a, b, c", "a; b; c"),
    ],
)
def test_a_diff_loses_no_word(before: str, after: str) -> None:
    runs = word_diff(before, after)
    kept = "".join(run.text for run in runs if not run.struck)
    assert kept.split() == after.split()
    struck = " ".join(run.text for run in runs if run.struck)
    gone = set(re.findall(r"\w+", before)) - set(re.findall(r"\w+", after))
    assert gone <= set(struck.split())


def test_a_diff_marks_one_addition_as_one(theme: Theme, qtbot: QtBot) -> None:
    runs = word_diff("Demo at Crewe depot.", "Demo at Crewe depot on 3 December. Maya brings the rack plan.")
    assert [run.text for run in runs if run.ground is Tone.OK] == [
        "on 3 December. Maya brings the rack plan."
    ]
    shown = DiffText(theme, "at Crewe", "at Derby")
    qtbot.addWidget(shown)
    assert shown.accessibleName() == "at removed: Crewe. added: Derby."
