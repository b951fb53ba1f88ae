"""A list taken elsewhere: as a workbook, separated values, a PDF, on paper, or on the clipboard.

Always what is shown, with its filter, search, order and columns; or of that what is marked. Only the user names the
file. Whatever may take longer than a moment is done beside the window, counted, and can be stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QStandardPaths, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPagedPaintDevice
from PySide6.QtWidgets import QMenu, QWidget

from app.bridge.models import RecordListModel
from app.contract.errors import CounterpartError
from app.services.exporting.clipboard import Copied
from app.services.exporting.export import Format, copy_list, save, suggested_name, write_list
from app.services.exporting.sheet import Row, Sheet, rows, sheet_columns
from app.services.going import Going
from app.services.portal import Portal
from app.services.views_model import SavedFile
from app.views.page import Key, PageContext, Toast
from app.views.printing.list_pages import ListPaper, Words, list_pdf, paint_list, paper_font
from app.views.records.listing.watching import Watch
from app.views.theme.fonts import Role
from app.views.ways_out import AskPrinter, AskWhere, allowed
from app.views.widgets.own_tasks import OwnTasks

#: So many are copied while one waits; more are read beside the window.
_AT_ONCE = 300


class ListExport(QObject):
    """Exports, prints and copies one list. `title`: what the list is called as it is shown now."""

    said = Signal(object)

    def __init__(
        self,
        context: PageContext,
        entity: str,
        model: RecordListModel,
        watch: Watch,
        parent: QWidget,
        *,
        title: Callable[[], str],
        ask: AskWhere,
        ask_printer: AskPrinter,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._portal = context.portal
        self._entity = entity
        self._model = model
        self._watch = watch
        self._widget = parent
        self._title = title
        self._ask = ask
        self._ask_printer = ask_printer
        self._tasks = OwnTasks(self, context.bridge)
        context.bridge.stopping.connect(watch.cancel)
        app = QGuiApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self._leave_words)
        self._put = ""
        self._printing: Iterator[int] | None = None
        self._print_going = Going()
        self._turn = QTimer(self)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._print_next)

    def sheet(self, ids: Sequence[int] | None = None) -> Sheet:
        """The list as it is shown; of it the records with these row ids."""
        held = self._model.ids if ids is None else ids
        return Sheet(self._title(), self._entity, tuple(self._model.columns), held)

    def fill(self, menu: QMenu, ids: Sequence[int] | None = None) -> None:
        """Put every way into a menu; of all that is shown, or of some."""
        busy, open_ways = self._watch.busy, allowed()
        menu.setToolTipsVisible(True)
        ways = (
            ("xlsx", self.tr("Export to Excel…"), partial(self.export, Format.XLSX, ids), open_ways.files),
            ("csv", self.tr("Export as CSV…"), partial(self.export, Format.CSV, ids), open_ways.files),
            ("pdf", self.tr("Export as PDF…"), partial(self.export, Format.PDF, ids), open_ways.files),
            ("print", self.tr("Print…"), partial(self.print, ids), open_ways.paper),
        )
        for name, words, run, is_open in ways:
            if not is_open:
                continue
            entry = menu.addAction(words)
            entry.setObjectName(f"list.{name}")
            entry.setEnabled(not busy)
            if busy:
                entry.setToolTip(self.tr("One list is on its way already."))
            entry.triggered.connect(lambda _on=False, does=run: does())

    def keys(self) -> tuple[Key, ...]:
        """The keys of a list that can be taken elsewhere."""
        to_excel = self.tr("Export the list to Excel")
        excel = Key("Ctrl+Shift+E", to_excel, lambda: self.export(Format.XLSX))
        paper = Key("Ctrl+P", self.tr("Print the list"), self.print)
        open_ways = allowed()
        return (*((excel,) if open_ways.files else ()), *((paper,) if open_ways.paper else ()))

    # to a file

    def export(self, format_: Format, ids: Sequence[int] | None = None) -> None:
        """Ask where, and write there."""
        if self._watch.busy or not allowed().files:
            return
        sheet = self.sheet(ids)
        name = suggested_name(self._portal, sheet.title, format_)
        target = self._ask(self._widget, _documents() / name)
        if target is None:
            return
        target = target if target.suffix else target.with_suffix(f".{format_.value}")
        going = Going(len(sheet.ids))
        work = self._work(sheet, format_, target, going)
        self._watch.start(going, self.tr("Exported {done} of {total}"), self._portal.formats.number)
        self._tasks.run(work, lambda saved: self._saved(saved, len(sheet.ids)), self._failed)

    def _work(
        self, sheet: Sheet, format_: Format, target: Path, going: Going
    ) -> Callable[[Portal], SavedFile | None]:
        mirrored = self._mirrored
        if format_ is not Format.PDF:
            return lambda portal: write_list(portal, sheet, format_, target, going, mirrored=mirrored)
        paper = self._paper(sheet)

        def write(portal: Portal) -> SavedFile | None:
            data = list_pdf(paper, rows(portal, sheet, going))
            return save(target, data, going)

        return write

    def _saved(self, saved: SavedFile | None, count: int) -> None:
        self._watch.end()
        if saved is None:
            self.said.emit(Toast(self.tr("Export stopped. Nothing was written.")))
            return
        words = self.tr("{what} saved as {name} in {folder}")
        folder = saved.path.parent.name or str(saved.path.parent)
        self.said.emit(Toast(words.format(what=self._noun(count), name=saved.path.name, folder=folder)))

    def _failed(self, problem: CounterpartError) -> None:
        self._watch.end()
        self.said.emit(Toast(self._portal.formats.tr.told(problem)))

    # on paper

    def print(self, ids: Sequence[int] | None = None) -> None:
        """Ask which printer, and paint page after page while the window goes on."""
        if self._watch.busy or not allowed().paper:
            return
        sheet = self.sheet(ids)
        paper = self._paper(sheet)
        device = self._ask_printer(self._widget, paper.lying)
        if device is None:
            return
        going = Going(len(sheet.ids))
        self._print_going = going
        self._watch.start(going, self.tr("Printed {done} of {total}"), self._portal.formats.number)
        self._printing = self._pages(device, paper, sheet, going)
        self._turn.start()

    def _pages(
        self, device: QPagedPaintDevice, paper: ListPaper, sheet: Sheet, going: Going
    ) -> Iterator[int]:
        # A printer is painted on where the window is; a page takes a moment, and between two of them the window lives.
        lines: Iterator[Row] = rows(self._portal, sheet, going)
        yield from paint_list(device, paper, lines)

    def _print_next(self) -> None:
        pages = self._printing
        if pages is None or next(pages, None) is not None:
            return
        self._turn.stop()
        self._printing = None
        self._watch.end()
        stopped = self._print_going.cancelled
        said = self.tr("Printing stopped.") if stopped else self.tr("{what} sent to the printer")
        self.said.emit(Toast(said.format(what=self._noun(self._print_going.total))))

    def _paper(self, sheet: Sheet) -> ListPaper:
        formats = self._portal.formats
        below = self.tr("{what} · {vendor} · {when}").format(
            what=self._noun(len(sheet.ids)),
            vendor=self._portal.manifest.brand.vendor,
            when=formats.stamp_of_day(self._portal.present()),
        )
        words = Words(sheet.title, below, self.tr("Page {number} of {total}"))
        columns = sheet_columns(self._portal, sheet)
        font = paper_font(self._context.theme.font(Role.BODY))
        return ListPaper(words, columns, len(sheet.ids), font, self._mirrored)

    # on the clipboard

    def copy(self, ids: Sequence[int] | None = None) -> None:
        """Copy rows with a head, as words and as a table."""
        sheet = self.sheet(ids)
        if not sheet.ids:
            return
        going = Going(len(sheet.ids))
        if len(sheet.ids) <= _AT_ONCE:
            self._copied(copy_list(self._portal, sheet, going), going)
        elif not self._watch.busy:
            self._watch.start(going, self.tr("Copied {done} of {total}"), self._portal.formats.number)
            self._tasks.run(
                lambda portal: copy_list(portal, sheet, going),
                lambda copied: self._copied(copied, going),
                self._failed,
            )

    def _copied(self, copied: Copied, going: Going) -> None:
        self._watch.end()
        if going.cancelled:
            self.said.emit(Toast(self.tr("Copying stopped. The clipboard is as it was.")))
            return
        data = QMimeData()
        data.setText(copied.text)
        data.setHtml(copied.html)
        QGuiApplication.clipboard().setMimeData(data)
        self._put = copied.text
        self.said.emit(Toast(self.tr("{what} copied as a table").format(what=self._noun(going.total))))

    def _leave_words(self) -> None:
        """What Python made for the clipboard cannot outlive Python, and would break the app as it ends: words can."""
        clipboard = QGuiApplication.clipboard()
        # Not every platform knows whose its contents are.
        if self._put and clipboard.text() == self._put:
            clipboard.setText(self._put)

    @property
    def _mirrored(self) -> bool:
        return self._portal.formats.locale.text_direction == "rtl"

    def _noun(self, count: int) -> str:
        return self._portal.formats.things(count, self._portal.entity(self._entity))


def _documents() -> Path:
    found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(found) if found else Path.home()
