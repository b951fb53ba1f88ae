"""What a command says when nobody sits in front of its window."""

from __future__ import annotations

import io

import pytest
from PySide6.QtWidgets import QApplication

from app.bridge.entrance_state import EntranceState, Step
from app.composition.unattended import Unattended


@pytest.mark.parametrize(
    ("heading", "line"),
    [("Counterpart cannot open", "Counterpart cannot open. Why. What."), ("", "Why. What.")],
)
def test_a_heading_is_a_sentence_on_one_line_with_the_rest(
    qapp: QApplication, capsys: pytest.CaptureFixture[str], heading: str, line: str
) -> None:
    left: list[bool] = []
    alone = Unattended(5, False, io.StringIO(), lambda: left.append(True), lambda: "")
    alone.entrance(EntranceState(Step.BLOCKED, heading, "Why.", "What."))
    assert capsys.readouterr().err.strip() == line
    assert (left, alone.code) == ([True], 1)
