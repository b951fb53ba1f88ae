"""What holds for every page: names for those who do not see it, and a look that follows the scheme."""

from __future__ import annotations

from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from app.views.theme.theme import SchemeChoice, Theme

#: How often a picture is looked at, milliseconds apart, until it has stayed the same so many times.
_LOOKS, _PAUSE_MS, _SAME = 50, 20, 3
#: How often both schemes are tried: what another thread brings may still come between the pictures.
_TRIES = 3

_SPOKEN = (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox, QAbstractItemView)


def unnamed(widget: QWidget) -> list[str]:
    """The visible widgets one can act on that say nothing."""
    found = [child for child in widget.findChildren(QWidget) if child.isVisibleTo(widget)]
    spoken = [child for child in found if isinstance(child, _SPOKEN) or _takes_focus(child)]
    return [
        f"{type(child).__name__} {child.objectName()}".strip()
        for child in spoken
        if not child.accessibleName()
    ]


def _takes_focus(widget: QWidget) -> bool:
    return bool(widget.focusPolicy().value & 0x1) and not isinstance(widget, QAbstractScrollArea)


def follows_scheme(widget: QWidget, theme: Theme) -> bool:
    """Whether the widget looks different, and dark, in the dark scheme; the light one is restored."""
    return any(_follows(widget, theme) for _ in range(_TRIES))


def _follows(widget: QWidget, theme: Theme) -> bool:
    before = _settled_picture(widget)
    theme.choose(SchemeChoice.DARK)
    after = _picture(widget)
    theme.choose(SchemeChoice.LIGHT)
    return before != after and before == _picture(widget)


def _settled_picture(widget: QWidget) -> QImage:
    """Return the picture once nothing comes in any more, such as a list that another thread reads."""
    picture, same = _picture(widget), 0
    for _ in range(_LOOKS):
        QTest.qWait(_PAUSE_MS)
        following = _picture(widget)
        picture, same = following, same + 1 if following == picture else 0
        if same == _SAME:
            break
    return picture


def _picture(widget: QWidget) -> QImage:
    QApplication.processEvents()
    return widget.grab().toImage()
