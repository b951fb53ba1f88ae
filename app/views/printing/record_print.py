"""One record taken elsewhere: on paper, or as a PDF under a name the user chose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QStandardPaths
from PySide6.QtWidgets import QWidget

from app.contract.errors import CounterpartError
from app.services.exporting.export import Format, save, suggested_name
from app.services.going import Going
from app.services.views_model import RecordView
from app.views.page import PageContext, Toast
from app.views.printing.list_pages import paper_font
from app.views.printing.record_paper import print_document, record_document, record_pdf
from app.views.theme.fonts import Role
from app.views.ways_out import AskPrinter, AskWhere, allowed


class RecordPrint:
    """Prints records; everything it has to say is a toast."""

    def __init__(
        self,
        context: PageContext,
        parent: QWidget,
        say: Callable[[Toast], None],
        ask: AskWhere,
        ask_printer: AskPrinter,
    ) -> None:
        self._portal = context.portal
        self._theme = context.theme
        self._parent = parent
        self._say = say
        self._ask = ask
        self._ask_printer = ask_printer

    def print(self, gid: str) -> None:
        """Ask which printer, and print."""
        record = self._portal.records.get(gid)
        prints = record is not None and allowed().paper
        device = self._ask_printer(self._parent, False) if prints else None
        if record is not None and device is not None:
            print_document(
                record_document(self._portal, record, paper_font(self._theme.font(Role.BODY))), device
            )
            self._say(Toast(_tr("“{title}” sent to the printer").format(title=record.title)))

    def save(self, gid: str) -> None:
        """Ask where, and write a PDF there."""
        record = self._portal.records.get(gid)
        if record is None or not allowed().files:
            return
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        name = suggested_name(self._portal, _name(record), Format.PDF)
        target = self._ask(self._parent, Path(folder or Path.home()) / name)
        if target is None:
            return
        target = target if target.suffix else target.with_suffix(".pdf")
        document = record_document(self._portal, record, paper_font(self._theme.font(Role.BODY)))
        try:
            save(target, record_pdf(document, record.title), Going())
        except CounterpartError as problem:
            self._say(Toast(self._portal.formats.tr.told(problem)))
        else:
            words = _tr("Saved as {name} in {folder}")
            self._say(Toast(words.format(name=target.name, folder=target.parent.name or target.parent)))


def _name(record: RecordView) -> str:
    return " ".join(part for part in (record.number, record.title) if part)


def _tr(words: str) -> str:
    return QCoreApplication.translate("RecordPrint", words)
