"""Lines of text that are shaped once, and shapes that are drawn once, look as if they were made each time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from app.views.theme.fonts import Role
from app.views.theme.lines import baseline, elided, fitted, shaped, text_width
from app.views.theme.stamps import Stamps
from app.views.theme.theme import Theme


def painted(draw: Callable[[QPainter], None], ratio: float = 1.0) -> QImage:
    image = QImage(round(300 * ratio), round(40 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("#FFFFFF"))
    painter = QPainter(image)
    painter.setPen(QColor("#14171D"))
    draw(painter)
    painter.end()
    return image


TEXTS = (
    "Kestrel Foods",
    "£184,250.00",
    "ﬁ AVA To",
    "Łódź – Ünïcode",
    "עברית test 90",
    "  spaces  ",
    "日本語 Tokyo",
    "a\tb",
    "",
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("role", [Role.NAME, Role.PAGE_TITLE])
def test_a_shaped_line_looks_as_qt_draws_it(theme: Theme, role: Role, text: str) -> None:
    font = theme.font(role)

    def as_qt_does(painter: QPainter) -> None:
        painter.setFont(font)
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        painter.drawText(QPointF(7, baseline(font, 2, 36)), text)

    line = shaped(font, text)
    assert painted(lambda painter: line.draw(painter, 7, 2, 36)) == painted(as_qt_does)
    assert line.width == text_width(font, text)


def test_a_line_is_cut_where_it_does_not_fit(theme: Theme) -> None:
    font = theme.font(Role.BODY)
    words = "Head office network refresh"
    assert fitted(font, words, text_width(font, words)) is shaped(font, words)
    cut = fitted(font, words, 80)
    assert cut is shaped(font, elided(font, words, 80))
    assert 60 < cut.width <= 80


def test_a_font_that_is_changed_afterwards_changes_nothing(theme: Theme) -> None:
    font = theme.font(Role.BODY)
    before = shaped(font, "Kestrel").width
    font.setPixelSize(30)
    assert shaped(font, "Kestrel").width > 2 * before
    assert shaped(theme.font(Role.BODY), "Kestrel").width == before


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_a_stamp_is_drawn_once_and_shown_as_it_was_drawn(theme: Theme, ratio: float) -> None:
    stamps, times = Stamps(), []

    def disc(painter: QPainter) -> None:
        times.append(1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor("#2952C4"))
        painter.drawEllipse(1, 1, 12, 12)

    def twice(painter: QPainter) -> None:
        stamps.put(painter, 10, 10, (14, 14), "disc", disc)
        stamps.put(painter, 40, 10, (14, 14), "disc", disc)

    image = painted(twice, ratio)
    assert times == [1]
    first, second = (
        image.copy(round(x * ratio), round(10 * ratio), *[round(14 * ratio)] * 2) for x in (10, 40)
    )
    assert first == second
    assert first.pixelColor(first.width() // 2, first.height() // 2) == QColor("#2952C4")
    painted(twice, ratio + 1)
    assert times == [1, 1]


def test_stamps_do_not_pile_up(theme: Theme) -> None:
    stamps = Stamps()
    drawn: list[int] = []

    def all_of_them(painter: QPainter) -> None:
        for number in range(1000):
            stamps.put(painter, 0, 0, (1, 1), number, lambda _painter, number=number: drawn.append(number))  # type: ignore[misc]

    painted(all_of_them)
    painted(lambda painter: stamps.put(painter, 0, 0, (1, 1), 0, lambda _painter: drawn.append(-1)))
    assert drawn == [*range(1000), -1]
