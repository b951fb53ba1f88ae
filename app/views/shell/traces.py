"""Nothing of a person stays on a screen that is given away: windows, clipboard, tips, pictures and shaped text go."""

from __future__ import annotations

import gc

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QPixmapCache
from PySide6.QtWidgets import QAbstractItemView, QApplication, QToolTip, QWidget
from shiboken6 import isValid

from app.views.theme.lines import forget_lines
from app.views.widgets.clipboard import clear_clipboard


def clear_traces(keep: QWidget, *, only_ours: bool = False) -> None:
    """Destroy every window but `keep`, at once, and forget what a person copied, read and had painted.

    `only_ours`: the clipboard is their own desktop's as well, so what was copied elsewhere stays.
    """
    QToolTip.hideText()
    popup = QApplication.activePopupWidget()
    while popup is not None:
        popup.close()
        popup = QApplication.activePopupWidget() if QApplication.activePopupWidget() is not popup else None
    doomed: list[QObject] = []
    for window in destructible_windows():
        if window is not keep:
            doomed += [window, *window.findChildren(QObject)]
            window.hide()
            window.deleteLater()
    # Only an event loop would carry them out by itself; nothing is left to chance here.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    for one in doomed:
        empty(one)
    doomed.clear()
    clear_clipboard(only_ours=only_ours)
    QPixmapCache.clear()
    forget_lines()
    gc.collect()


def destructible_windows() -> list[QWidget]:
    """Return the windows that may be destroyed by themselves.

    The list that a completer shows is a window without a parent, and still the completer's: Qt deletes it with its
    field, without looking whether it is there.
    """
    return [one for one in QApplication.topLevelWidgets() if not isinstance(one, QAbstractItemView)]


def empty(destroyed: QObject) -> None:
    """Let go of what the Python side of a destroyed object holds: a slot that Qt keeps would keep all of it."""
    if not isValid(destroyed):
        vars(destroyed).clear()
