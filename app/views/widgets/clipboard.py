"""What was copied goes with whoever copied it."""

from __future__ import annotations

from PySide6.QtGui import QClipboard, QGuiApplication

#: Platforms without a desktop around them: their clipboard is this process's own, and they do not say so.
_ALONE = frozenset({"offscreen", "minimal"})


def clear_clipboard(*, only_ours: bool = False) -> None:
    """Empty the clipboard, and what X11 keeps of what was selected. `only_ours`: what came from elsewhere stays."""
    clipboard = QGuiApplication.clipboard()
    modes = [QClipboard.Mode.Clipboard]
    if clipboard.supportsSelection():
        modes.append(QClipboard.Mode.Selection)
    if clipboard.supportsFindBuffer():
        modes.append(QClipboard.Mode.FindBuffer)
    for mode in modes:
        if not only_ours or _is_ours(clipboard, mode):
            clipboard.clear(mode)


def _is_ours(clipboard: QClipboard, mode: QClipboard.Mode) -> bool:
    owns = {
        QClipboard.Mode.Clipboard: clipboard.ownsClipboard,
        QClipboard.Mode.Selection: clipboard.ownsSelection,
        QClipboard.Mode.FindBuffer: clipboard.ownsFindBuffer,
    }
    return QGuiApplication.platformName() in _ALONE or owns[mode]()
