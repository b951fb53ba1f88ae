"""Painting shared by widgets and delegates: single-line text, pill, sync mark, key cap, frames.

Usage: ``draw_pill(painter, theme, QPoint(x, y), PillLook("Approved", Tone.OK))``. All measures are logical pixels;
text is set on whole-pixel baselines so that rows and labels agree.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen

from app.views.theme.fonts import Role
from app.views.theme.lines import fitted, text_width
from app.views.theme.mark_shapes import draw_shape
from app.views.theme.marks import MARK_SIZE, MARKS, Mark, mark_words
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Radius, Tone

_PILL_INSET = 8
_PILL_ICON = 12
_PILL_ICON_GAP = 4
_MARK_GAP = 6
_KEY_HEIGHT = 18
_KEY_INSET = 5


@dataclass(frozen=True, slots=True)
class PillLook:
    """The word of a stage, its tone, an optional icon, and whether the pill lies on a selected row."""

    text: str
    tone: Tone = Tone.NEUTRAL
    icon: str = ""
    on_selection: bool = False


def draw_text(
    painter: QPainter,
    rect: QRect,
    text: str,
    font: QFont,
    colour: str,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> int:
    """One line, centred in height, cut where it does not fit; ``align`` is left, right or centre, already mirrored.

    Returns the width that was used.
    """
    line = fitted(font, text, rect.width() + 1)
    if align is Qt.AlignmentFlag.AlignRight:
        x = rect.right() + 1 - line.width
    elif align is Qt.AlignmentFlag.AlignHCenter:
        x = rect.left() + (rect.width() - line.width) // 2
    else:
        x = rect.left()
    painter.setPen(QColor(colour))
    line.draw(painter, x, rect.top(), rect.height())
    return line.width


def rounded(
    painter: QPainter, rect: QRect, radius: float, fill: str | None, edge: str | None = None, width: int = 1
) -> None:
    """A rounded rectangle inside ``rect``: filled, bordered or both, the border on whole pixels."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shape = QRectF(rect)
    painter.setPen(Qt.PenStyle.NoPen)
    if edge is not None:
        inset = width / 2
        shape = shape.adjusted(inset, inset, -inset, -inset)
        radius = max(0.0, radius - inset)
        painter.setPen(QPen(QColor(edge), width))
    painter.setBrush(QColor(fill) if fill is not None else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(shape, radius, radius)
    painter.restore()


def hairline(painter: QPainter, x1: int, y1: int, x2: int, y2: int, colour: str) -> None:
    """A horizontal or vertical rule, one logical pixel thick, ends included."""
    painter.fillRect(
        QRect(QPoint(min(x1, x2), min(y1, y2)), QPoint(max(x1, x2), max(y1, y2))), QColor(colour)
    )


def pill_width(theme: Theme, look: PillLook) -> int:
    icon = _PILL_ICON + _PILL_ICON_GAP if look.icon else 0
    return 2 * _PILL_INSET + icon + text_width(theme.font(Role.CAPTION_MEDIUM), look.text)


def draw_pill(
    painter: QPainter,
    theme: Theme,
    at: QPoint,
    look: PillLook,
    *,
    mirrored: bool = False,
    limit: int = 10_000,
) -> int:
    """A pill 20 high with its top left at ``at``, at most ``limit`` wide; returns its width."""
    tokens = theme.tokens
    font = theme.font(Role.CAPTION_MEDIUM)
    width = min(pill_width(theme, look), limit)
    rect = QRect(at.x(), at.y(), width, Height.PILL)
    ground = tokens.soft(look.tone)
    if look.on_selection and look.tone is Tone.ACCENT:
        # An accent pill would vanish on the selected row, whose ground is the same colour.
        ground = tokens.surface
    whole = QRect(0, 0, width, Height.PILL)
    colour = tokens.tone(look.tone)
    # With high contrast every edge is seen, also that of a ground hardly darker than what it lies on.
    edge = colour if tokens.scheme.high_contrast else None
    theme.stamps.put(
        painter, at.x(), at.y(), (width, Height.PILL), ("pill", width, ground, edge),
        lambda stamp: rounded(stamp, whole, Height.PILL / 2, ground, edge),
    )  # fmt: skip
    inner = rect.adjusted(_PILL_INSET, 0, -_PILL_INSET, 0)
    if look.icon:
        # A tick has little ink of its own and needs a heavier line at this size.
        stroke = 3.0 if look.icon == "check" else 2.0
        x = inner.right() + 1 - _PILL_ICON if mirrored else inner.left()
        y = at.y() + (Height.PILL - _PILL_ICON) // 2
        theme.draw_icon(painter, x, y, look.icon, colour, _PILL_ICON, stroke)
        step = _PILL_ICON + _PILL_ICON_GAP
        inner = inner.adjusted(0, 0, -step, 0) if mirrored else inner.adjusted(step, 0, 0, 0)
    draw_text(painter, inner, look.text, font, colour)
    return width


def mark_width(theme: Theme, mark: Mark, words: str | None = None) -> int:
    text = mark_words(mark) if words is None else words
    return MARK_SIZE + _MARK_GAP + text_width(theme.font(MARKS[mark].role), text)


def draw_mark(
    painter: QPainter,
    theme: Theme,
    rect: QRect,
    mark: Mark,
    *,
    words: str | None = None,
    mirrored: bool = False,
) -> None:
    """Shape and word, centred in the height of ``rect``, at its leading edge."""
    look = MARKS[mark]
    colour = theme.tokens.tone(look.tone)
    text = mark_words(mark) if words is None else words
    top = rect.top() + (rect.height() - MARK_SIZE) // 2
    step = MARK_SIZE + _MARK_GAP
    x = rect.right() + 1 - MARK_SIZE if mirrored else rect.left()
    theme.stamps.put(
        painter, x, top, (MARK_SIZE, MARK_SIZE), (mark, colour),
        lambda stamp: draw_shape(stamp, QPointF(0, 0), mark, colour),
    )  # fmt: skip
    if mirrored:
        room, align = rect.adjusted(0, 0, -step, 0), Qt.AlignmentFlag.AlignRight
    else:
        room, align = rect.adjusted(step, 0, 0, 0), Qt.AlignmentFlag.AlignLeft
    draw_text(painter, room, text, theme.font(look.role), colour, align)


def key_width(theme: Theme, key: str) -> int:
    return max(_KEY_HEIGHT, 2 * _KEY_INSET + text_width(theme.font(Role.CAPTION_MEDIUM), key))


def draw_key(painter: QPainter, theme: Theme, at: QPoint, key: str, *, on_fill: bool = False) -> int:
    """A key cap 18 high with its top left at ``at``; returns its width."""
    tokens = theme.tokens
    width = key_width(theme, key)
    rect = QRect(at.x(), at.y(), width, _KEY_HEIGHT)
    if on_fill:
        rounded(painter, rect, Radius.KEY, None, tokens.on_fill)
        colour = tokens.on_fill
    else:
        rounded(painter, rect, Radius.KEY, tokens.raised, tokens.line2)
        colour = tokens.text2
    font = theme.font(Role.CAPTION_MEDIUM)
    draw_text(painter, rect, key, font, colour, Qt.AlignmentFlag.AlignHCenter)
    return width


def draw_focus(
    painter: QPainter, theme: Theme, rect: QRect, radius: float = Radius.CONTROL, width: int = 2
) -> None:
    """The visible focus: an accent frame inside ``rect``."""
    rounded(painter, rect, radius, None, theme.tokens.accent, width)


def round_ends(rect: QRectF, radius: float) -> QPainterPath:
    """A path with all corners rounded, for clipping bars."""
    path = QPainterPath()
    path.addRoundedRect(rect, radius, radius)
    return path
