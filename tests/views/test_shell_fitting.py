"""Where a window opens again, whatever became of the screens: a table of yesterday's place and today's."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect

from app.views.shell.fitting import fitting

BIG = QRect(0, 0, 1920, 1040)
#: A second monitor to the right at 150 per cent: 2560×1440 dots are 1707×960 of its own pixels.
SECOND = QRect(1920, 0, 1707, 920)
LAPTOP = QRect(0, 0, 1280, 760)
LEFT = QRect(-1600, 100, 1600, 860)


@pytest.mark.parametrize(
    ("name", "wanted", "screens"),
    [
        ("there as it was", QRect(200, 100, 1280, 800), [BIG]),
        ("on the second as it was", QRect(2000, 50, 1280, 800), [BIG, SECOND]),
        ("on the left as it was", QRect(-1500, 120, 1280, 800), [BIG, LEFT]),
        ("nowhere", QRect(5000, 50, 1280, 800), []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_still_fits_stays(name: str, wanted: QRect, screens: list[QRect]) -> None:
    assert fitting(wanted, screens) == wanted, name


@pytest.mark.parametrize(
    ("name", "wanted", "screens", "found"),
    [
        ("its screen is gone", QRect(2000, 50, 1280, 800), [BIG], QRect(320, 120, 1280, 800)),
        ("gone, and the other is small", QRect(2000, 50, 1600, 900), [LAPTOP], QRect(0, 0, 1280, 760)),
        (
            "larger than its screen is now",
            QRect(2000, 0, 1920, 1040),
            [BIG, SECOND],
            QRect(1920, 0, 1707, 920),
        ),
        ("half beyond the edge", QRect(1500, 600, 1280, 800), [BIG], QRect(640, 240, 1280, 800)),
        ("its title above the screen", QRect(100, -400, 1280, 800), [BIG], QRect(320, 120, 1280, 800)),
        (
            "a corner that nobody can get hold of",
            QRect(1900, 100, 1280, 800),
            [BIG],
            QRect(320, 120, 1280, 800),
        ),
        ("most of it on the second", QRect(1700, 60, 1280, 800), [BIG, SECOND], QRect(1920, 60, 1280, 800)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_fit_any_more_comes_back(
    name: str, wanted: QRect, screens: list[QRect], found: QRect
) -> None:
    assert fitting(wanted, screens) == found, name
    assert fitting(found, screens) == found, "and then it stays"
