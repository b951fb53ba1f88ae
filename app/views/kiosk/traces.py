"""Nothing of a person stays on a shared screen: windows, clipboard, tips, pictures and shaped text go with them."""

from __future__ import annotations

import gc

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QClipboard, QGuiApplication, QPixmapCache
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from app.views.theme.lines import forget_lines


def clear_traces(keep: QWidget) -> None:
    """Destroy every window but `keep`, at once, and forget what a person copied, read and had painted."""
    QToolTip.hideText()
    popup = QApplication.activePopupWidget()
    while popup is not None:
        popup.close()
        popup = QApplication.activePopupWidget() if QApplication.activePopupWidget() is not popup else None
    for window in QApplication.topLevelWidgets():
        if window is not keep:
            window.hide()
            window.deleteLater()
    # Only an event loop would carry them out by itself; nothing is left to chance here.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    clear_clipboard()
    QPixmapCache.clear()
    forget_lines()
    gc.collect()


def clear_clipboard() -> None:
    """Empty the clipboard, and what X11 keeps of what was selected."""
    clipboard = QGuiApplication.clipboard()
    clipboard.clear(QClipboard.Mode.Clipboard)
    if clipboard.supportsSelection():
        clipboard.clear(QClipboard.Mode.Selection)
    if clipboard.supportsFindBuffer():
        clipboard.clear(QClipboard.Mode.FindBuffer)
