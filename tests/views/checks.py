"""What holds for every page: names for those who do not see it, and a look that follows the scheme."""

from __future__ import annotations

from PySide6.QtGui import QImage
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
    # The first switch lays everything out afresh; frames that were styled before they had a size settle with it.
    theme.choose(SchemeChoice.DARK)
    theme.choose(SchemeChoice.LIGHT)
    before = _picture(widget)
    theme.choose(SchemeChoice.DARK)
    after = _picture(widget)
    theme.choose(SchemeChoice.LIGHT)
    return before != after and before == _picture(widget)


def _picture(widget: QWidget) -> QImage:
    QApplication.processEvents()
    return widget.grab().toImage()
