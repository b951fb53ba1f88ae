"""The viewer: one file of a record, whatever its state, inside the window.

Usage::

    viewer = FileViewer(context); viewer.show_file(gid, "EMEA price list 2026.4", "application/pdf")
    viewer.open_file(gid, ...)      # the same, after a button that says so: what is not here comes at once
    viewer.follow()                 # after records or transfers changed
    viewer.said.connect(page.said)

Bytes are read and pages drawn off the main thread. A file that stops being shared while it is open goes at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget

from app.contract.errors import CounterpartError, Refused
from app.contract.said import said
from app.services.portal import Portal
from app.services.views_model import DocState, DocumentState, Status, TransferProgress
from app.views.documents.cards import gone, unshowable, withdrawn, without_file
from app.views.documents.pages_view import PagesView
from app.views.documents.plain import PlainView
from app.views.documents.rendering import Renderer
from app.views.documents.saving import SaveCopy
from app.views.documents.search import DocumentSearch, Match
from app.views.documents.sheets import Content, Sheets, Table, Unshowable, Words, open_content
from app.views.documents.states import Standing, StandingPanel
from app.views.documents.tools import SearchStrip, ToolStrip
from app.views.page import PageContext
from app.views.theme.tokens import Tone
from app.views.ways_out import AskWhere, allowed, ask_where
from app.views.widgets.own_tasks import OwnTasks

#: A document the vendor has taken back while its record still tells of it.
_WITHDRAWN = "revoked"


class FileViewer(QWidget):
    """`said` gives toasts; `verified` tells whether what is shown was checked byte for byte."""

    said = Signal(object)
    verified = Signal(bool)

    def __init__(
        self, context: PageContext, parent: QWidget | None = None, ask: AskWhere = ask_where
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._portal = context.portal
        self._bridge = context.bridge
        self._tasks = OwnTasks(self, context.bridge)
        self._gid = ""
        self._title = ""
        self._media_type = ""
        self._sha256 = ""
        self._opened = ""
        self._problem = ""
        self._turn = 0
        self._act: Callable[[], None] = lambda: None
        self._sheets: Sheets | None = None
        self._matches: tuple[Match, ...] = ()
        self._match = 0
        theme = context.theme
        self._save = SaveCopy(context, self, self.said.emit, ask)
        self._renderer = Renderer(context.bridge, self)
        self._search = DocumentSearch(context.bridge, self)
        self.tools = ToolStrip(theme, context.portal.formats)
        self.search_strip = SearchStrip(theme, context.portal.formats)
        self.pages = PagesView(theme, self._renderer)
        self.plain = PlainView(theme)
        self.standing = StandingPanel(theme)
        self._stack = QStackedWidget()
        for part in (self.standing, self.pages, self.plain):
            self._stack.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addWidget(self.search_strip)
        column.addWidget(self._stack, 1)
        self._connect()
        self.clear()

    @property
    def words(self) -> QPlainTextEdit:
        """The running text, where the file is one."""
        return self.plain.words

    def _connect(self) -> None:
        self.tools.paged.connect(lambda step: self.pages.go_to(self.pages.page + step))
        self.tools.zoomed.connect(self._zoom)
        self.tools.save_asked.connect(self.save_copy)
        self.tools.search_asked.connect(self.open_search)
        self.search_strip.asked.connect(self._look)
        self.search_strip.stepped.connect(self._step)
        self.search_strip.closed.connect(self.close_search)
        self.pages.page_changed.connect(lambda page: self.tools.show_page(page, self.pages.count))
        self.pages.zoom_changed.connect(lambda: self.tools.show_zoom(self.pages.zoom))
        self.standing.acted.connect(self._do_act)
        self._search.found.connect(self._show_matches)
        self._bridge.transfer.connect(self._on_transfer)
        self._bridge.statusChanged.connect(self._on_status)

    # what is shown

    @property
    def gid(self) -> str:
        """The record whose file is shown, or empty."""
        return self._gid

    def show_file(self, gid: str, title: str, media_type: str) -> None:
        """Show a record's file; the same file again stays where it is."""
        if gid == self._gid:
            self._title, self._media_type = title, media_type
            self.follow()
            return
        self._leave()
        self._gid, self._title, self._media_type = gid, title, media_type
        self.follow()

    def open_file(self, gid: str, title: str, media_type: str) -> None:
        """Show a file one asked for by name; on line it is pulled by that, without being asked a second time."""
        self.show_file(gid, title, media_type)
        state = self._portal.documents.state(gid)
        missing = state.sha256 and state.state in (DocState.ABSENT, DocState.FAILED)
        if self._gid and missing and self._bridge.online:
            self.pull()

    def clear(self, standing: Standing | None = None) -> None:
        """Show no file, but `standing`."""
        self._leave()
        self._show(standing or Standing("files", self.tr("Choose a document to read it here.")))

    def follow(self) -> None:
        """Look again at the record and its bytes: they may have come, changed, or be gone."""
        if not self._gid:
            return
        record = self._portal.records.get(self._gid)
        if record is None:
            self.clear(gone(self._portal, self._gid))
            return
        if record.state == _WITHDRAWN:
            self._close_content()
            self._show(withdrawn(self._portal))
            return
        self._follow_state()

    def _on_status(self, _status: Status) -> None:
        self._follow_state()

    def _follow_state(self) -> None:
        record = self._portal.records.get(self._gid) if self._gid else None
        if record is None or record.state == _WITHDRAWN:
            return
        state = self._portal.documents.state(self._gid)
        if state.sha256 != self._sha256:
            # Another version of the file: what is open is not it.
            self._close_content()
            self._sha256 = state.sha256
        if not state.sha256:
            self._close_content()
            self._show(without_file(self._portal))
            return
        if state.state is DocState.HERE:
            if self._opened != state.sha256:
                self._open(state.sha256)
            return
        self._close_content()
        self._show_missing(state)

    def _leave(self) -> None:
        self._close_content()
        self._gid = self._title = self._media_type = self._sha256 = ""

    def _close_content(self) -> None:
        self._turn += 1
        self._opened = ""
        self._problem = ""
        self._search.forget()
        self._matches = ()
        self._sheets = None
        self._renderer.close()
        self.pages.show_sheets(None, "")
        self.plain.forget()
        self.search_strip.hide()
        self.verified.emit(False)

    # opening

    def _open(self, sha256: str) -> None:
        self._opened = sha256
        self._turn += 1
        turn, gid, media_type = self._turn, self._gid, self._media_type

        def read(portal: Portal) -> Content:
            data = portal.documents.bytes(gid)
            if hashlib.sha256(data).hexdigest() != sha256:
                raise Refused(
                    said("This copy is not {vendor}’s file any more.", vendor=portal.vendor),
                    kept="Nothing of it is shown.",
                    next_step="Pull it again.",
                )
            return open_content(data, media_type)

        def opened(content: Content) -> None:
            if turn == self._turn:
                self._show_content(content)

        def failed(problem: CounterpartError) -> None:
            if turn == self._turn:
                self._show_problem(problem)

        self._show(Standing("files", self.tr("Opening “{title}”").format(title=self._title)))
        self._tasks.run(read, opened, failed)

    def _show_content(self, content: Content) -> None:
        self.verified.emit(True)
        if isinstance(content, Unshowable):
            self._show(unshowable(self._portal, content.why), self.save_copy)
        elif isinstance(content, Words | Table):
            if isinstance(content, Words):
                self.plain.show_words(content, self._title)
            else:
                self.plain.show_table(content, self._title)
            self._stack.setCurrentWidget(self.plain)
            self.tools.show()
            self.tools.offer(pages=False, search=True)
        else:
            self._sheets = content
            self._renderer.open(content)
            self._stack.setCurrentWidget(self.pages)
            self.tools.show()
            self.tools.offer(pages=True, search=self._media_type == "application/pdf")
            self.pages.show_sheets(content, self._title)
            self.tools.show_page(0, content.count)
            self.tools.show_zoom(None)

    def _show_problem(self, problem: CounterpartError) -> None:
        text = " ".join(
            part
            for part in (self._portal.formats.tr(problem.kept), self._portal.formats.tr(problem.next_step))
            if part
        )
        self._show(
            Standing(
                "alert-circle",
                self._portal.formats.tr(problem.cause),
                text,
                self.tr("Save a copy") if allowed().files else "",
                primary=False,
                tone=Tone.BAD,
            ),
            self.save_copy,
        )

    # what is missing

    def _show_missing(self, state: DocumentState) -> None:
        if state.sha256 in self._bridge.transfers:
            self._show(self._running(state), self.cancel_pull)
            return
        match state.state:
            case DocState.ABSENT:
                self._show(self._absent(state), self.pull)
            case DocState.QUEUED:
                self._show(self._queued(), self.cancel_pull)
            case DocState.RUNNING:
                self._show(self._running(state), self.cancel_pull)
            case DocState.FAILED:
                said = state.error or self.tr("It could not be fetched.")
                again = self.tr("Pull again") if self._bridge.online else self.tr("Queue the pull")
                self._show(
                    Standing("alert-circle", self.tr("The pull stopped"), said, again, tone=Tone.BAD),
                    self.pull,
                )
            case DocState.HERE:
                return

    def _absent(self, state: DocumentState) -> Standing:
        size = self._portal.formats.size(state.size)
        if self._bridge.online:
            text = self.tr("{size}. Once pulled it opens without a network.").format(size=size)
            return Standing("download", self.tr("Not on this computer yet"), text, self.tr("Pull"))
        text = self.tr("{size}. You are offline; it is pulled when you are back.").format(size=size)
        return Standing("cloud-off", self.tr("Not on this computer yet"), text, self.tr("Queue the pull"))

    def _queued(self) -> Standing:
        if self._bridge.online:
            text = self.tr("It comes as soon as what is before it has come.")
        else:
            text = self.tr("It comes when you are back. You may close the app meanwhile.")
        return Standing("clock", self.tr("Waiting to be pulled"), text, self.tr("Cancel"), False, Tone.WARN)

    def _running(self, state: DocumentState) -> Standing:
        moving = self._bridge.transfers.get(state.sha256)
        share = (moving.done / moving.total if moving.total else 0.0) if moving else _share(state)
        figures = self._figures(moving) if moving else state.words
        title = self.tr("Pulling “{title}”").format(title=self._title)
        return Standing("download", title, "", self.tr("Cancel"), False, Tone.ACCENT, share, figures)

    def _figures(self, moving: TransferProgress) -> str:
        formats = self._portal.formats
        parts = [formats.size_of(moving.done, moving.total)]
        if moving.rate > 0:
            parts.append(formats.rate(moving.rate))
        return " · ".join(parts)

    def _on_transfer(self, moving: TransferProgress) -> None:
        if moving.sha256 == self._sha256 and not self._opened:
            self._follow_state()

    def _show(self, standing: Standing, act: Callable[[], None] | None = None) -> None:
        self._act = act or (lambda: None)
        self.standing.show_standing(standing)
        self._stack.setCurrentWidget(self.standing)
        self.tools.hide()
        self.search_strip.hide()

    # acting

    def _do_act(self) -> None:
        self._act()

    def pull(self) -> None:
        """Queue the file; it comes at once when online."""
        self._portal.documents.pull(self._gid)
        self._follow_state()

    def cancel_pull(self) -> None:
        self._portal.documents.cancel(self._gid)
        self._follow_state()

    def save_copy(self) -> None:
        """Ask where, and save the bytes as they are."""
        if self._gid:
            self._save.save(self._gid)

    def _zoom(self, step: int) -> None:
        if step > 0:
            self.pages.zoom_in()
        elif step < 0:
            self.pages.zoom_out()
        else:
            self.pages.set_zoom(None)

    # looking for words

    def open_search(self) -> None:
        """Show the search strip, if this content has words."""
        if self._stack.currentWidget() is self.standing or not self.tools.search.isVisibleTo(self.tools):
            return
        self.search_strip.show()
        self.search_strip.show_count(0, 0)
        self.search_strip.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search_strip.edit.selectAll()

    def close_search(self) -> None:
        self.search_strip.hide()
        self._search.forget()
        self._show_matches(())
        current = self._stack.currentWidget()
        if current is not None:
            current.setFocus(Qt.FocusReason.OtherFocusReason)

    def _look(self, text: str) -> None:
        if self._sheets is not None:
            self._search.look(self._sheets, text)
        else:
            found = self.plain.find_first(text)
            self.search_strip.show_count(0, 1 if found else 0)

    def _show_matches(self, matches: tuple[Match, ...]) -> None:
        self._matches = matches
        # From the page one is reading onwards, not from the first one again.
        after = (number for number, match in enumerate(matches) if match.page >= self.pages.page)
        self._match = next(after, 0)
        self._point_at_match()

    def _point_at_match(self) -> None:
        current = self._matches[self._match] if self._matches else None
        self.pages.show_matches(self._matches, current)
        self.search_strip.show_count(self._match, len(self._matches))

    def _step(self, step: int) -> None:
        if self._sheets is None:
            self.plain.step(self.search_strip.edit.text(), step)
        elif self._matches:
            self._match = (self._match + step) % len(self._matches)
            self._point_at_match()


def _share(state: DocumentState) -> float:
    return state.have / state.size if state.size else 0.0
