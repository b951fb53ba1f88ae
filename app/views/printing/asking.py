"""Which printer: the system's own dialog. Tests and kiosks put something else in its place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QPagedPaintDevice
from PySide6.QtWidgets import QWidget

#: Given the parent and whether the paper lies on its side, the printer to paint on; None when nothing is to be printed.
AskPrinter = Callable[[QWidget, bool], QPagedPaintDevice | None]


def ask_printer(parent: QWidget, lying: bool) -> QPagedPaintDevice | None:
    """Let the user choose a printer in the system's dialog."""
    # Loaded with the first print, not with the window.
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # noqa: PLC0415

    from app.views.printing.list_pages import page_layout  # noqa: PLC0415

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageLayout(page_layout(lying=lying))
    dialog = QPrintDialog(printer, parent)
    return printer if dialog.exec() == QPrintDialog.DialogCode.Accepted else None
