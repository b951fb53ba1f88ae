"""Every way by which something leaves the window or comes into it: files, paper, other programs; and which are open.

The only module that opens a dialog for files or printers or hands an address to the system;
`tests/views/test_ways_out.py` holds the others to it. What is shut is decided once, when the application starts, and
holds for all of it: the application object keeps it, as it keeps style and translators, so that no page can be made
that was not told. Pages ask `allowed()` and do not offer what is shut; what asks nevertheless gets no file, no printer
and no browser.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices, QPagedPaintDevice
from PySide6.QtWidgets import QFileDialog, QWidget

#: Given the parent and a suggested path, where to save; None when the user thought better of it.
AskWhere = Callable[[QWidget, Path], Path | None]
#: Given the parent and a suggested name, where to write; None when the user thought better of it.
AskTarget = Callable[[QWidget, str], Path | None]
#: Asks which files to take; pages are given another one where nobody can answer the system's dialog.
AskFiles = Callable[[QWidget], Sequence[Path]]
#: Given the parent and whether the paper lies on its side, the printer to paint on; None when nothing is to be printed.
AskPrinter = Callable[[QWidget, bool], QPagedPaintDevice | None]
#: Hands an address to the desktop; False when nothing there opens it.
OpenAddress = Callable[[str], bool]

_PROPERTY = "ways_out_shut"


@dataclass(frozen=True)
class Allowed:
    """What is open. `files`: picking, dropping, saving, exporting; `paper`: printers; `programs`: browser, mail, tray.

    `accounts`: other vendors, and signing out in the settings.
    """

    files: bool = True
    paper: bool = True
    programs: bool = True
    accounts: bool = True


EVERYTHING = Allowed()

NOTHING = Allowed(files=False, paper=False, programs=False, accounts=False)
"""A shared screen. A printer is shut as well: the systems' dialogs for it can print to a file."""


def shut(app: QCoreApplication) -> None:
    """Shut all of them for this application, for good."""
    app.setProperty(_PROPERTY, True)


def allowed() -> Allowed:
    """Return what is open in this application."""
    app = QCoreApplication.instance()
    return NOTHING if app is not None and app.property(_PROPERTY) else EVERYTHING


def ask_where(parent: QWidget, suggested: Path) -> Path | None:
    """Where a copy goes, by the system's own dialog."""
    if not allowed().files:
        return None
    title = QCoreApplication.translate("SaveCopy", "Save a copy")
    chosen, _filter = QFileDialog.getSaveFileName(parent, title, str(suggested))
    return Path(chosen) if chosen else None


def ask_target(parent: QWidget, name: str) -> Path | None:
    """Where an export goes, by the system's own dialog, starting in the documents folder."""
    if not allowed().files:
        return None
    title = QCoreApplication.translate("Export", "Export")
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    chosen, _filter = QFileDialog.getSaveFileName(parent, title, str(Path(folder) / name))
    return Path(chosen) if chosen else None


def ask_files(parent: QWidget) -> Sequence[Path]:
    """Which files to take, by the system's own dialog."""
    if not allowed().files:
        return ()
    chosen, _filter = QFileDialog.getOpenFileNames(parent)
    return tuple(Path(path) for path in chosen)


def ask_printer(parent: QWidget, lying: bool) -> QPagedPaintDevice | None:
    """Which printer, by the system's own dialog."""
    if not allowed().paper:
        return None
    # Loaded with the first print, not with the window.
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # noqa: PLC0415

    from app.views.printing.list_pages import page_layout  # noqa: PLC0415

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageLayout(page_layout(lying=lying))
    dialog = QPrintDialog(printer, parent)
    return printer if dialog.exec() == QPrintDialog.DialogCode.Accepted else None


def open_address(address: str) -> bool:
    """Hand an address to the desktop's browser or mail program; False when nothing there opens it."""
    if not allowed().programs:
        return False
    return QDesktopServices.openUrl(QUrl(address, QUrl.ParsingMode.StrictMode))
