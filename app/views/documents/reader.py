"""The right half: a document's name and standing, its page, and what is proven of its bytes."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.bridge.tips import plain_tip
from app.contract.errors import CounterpartError
from app.services.files import bytes_named
from app.services.format import date_of, moment_of
from app.services.views_model import DocState, DocumentState, Done, RecordView, TransferProgress
from app.views.documents.news import ChangedStrip, ConfirmStrip, StandingLine
from app.views.documents.viewer import FileViewer
from app.views.page import PageContext, Toast
from app.views.theme.fonts import Role
from app.views.theme.tokens import Tone
from app.views.ways_out import AskWhere
from app.views.widgets.base import Panel
from app.views.widgets.buttons import ButtonKind, primary, secondary
from app.views.widgets.layout import column, row
from app.views.widgets.pills import Pill
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

_FOOT = 32
_LARGEST = 1.0


class ReaderPane(QWidget):
    """`wide_asked`: read with the whole room, or go back to the list; `kept`: it was pinned or let go."""

    said = Signal(object)
    wide_asked = Signal(bool)
    kept = Signal()
    read = Signal()
    """What the user has read is another by now."""
    opened = Signal(str)
    """A gid: another version is wanted."""

    def __init__(self, context: PageContext, ask: AskWhere, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._portal = context.portal
        self._bridge = context.bridge
        theme = context.theme
        self._gid = ""
        self._wide = False
        self._by_user = False
        self._verified = False
        self._title = Text(theme, "", Role.SECTION, elide=True)
        self._mark = Pill(theme, "")
        self._detail = Text(theme, "", Role.SECONDARY, Tone.TEXT3, wrap=True)
        self.keep = secondary(theme, self.tr("Keep offline"), "pin", small=True)
        self.open = primary(theme, self.tr("Open"), small=True)
        self.viewer = FileViewer(context, ask=ask)
        self._proof = Text(theme, "", Role.SECONDARY, Tone.TEXT2, elide=True)
        self._proof_icon = Icon(theme, "circle-check", Tone.OK, 16, self.tr("Checked"))
        self._sha = Text(theme, "", Role.SECONDARY, Tone.TEXT3)
        self._why = Text(theme, "", Role.CAPTION, Tone.TEXT3, elide=True)
        self.changed = ChangedStrip(theme)
        self.confirm = ConfirmStrip(theme)
        self.standing = StandingLine(theme, context.portal)
        self._head = Panel(theme, "surface", rules="bottom")
        first = row(self._title, self._mark, None, self.keep, self.open, gap=8)
        self._head.setLayout(column(first, self._detail, self._why, gap=4, margins=(20, 12, 16, 11)))
        self._foot = Panel(theme, "surface", rules="top")
        self._foot.setFixedHeight(_FOOT)
        below = row(self._proof_icon, gap=6, margins=(16, 1, 16, 0))
        below.addWidget(self._proof, 1)
        below.addWidget(self._sha)
        self._foot.setLayout(below)
        self.setMinimumWidth(320)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._head)
        layout.addWidget(self.standing)
        layout.addWidget(self.changed)
        layout.addWidget(self.viewer, 1)
        layout.addWidget(self.confirm)
        layout.addWidget(self._foot)
        self.keep.clicked.connect(self.toggle_keep)
        self.changed.seen.connect(self.mark_read)
        self.confirm.confirmed.connect(self.acknowledge)
        self.standing.opened.connect(self.opened)
        self.open.clicked.connect(lambda: self.wide_asked.emit(not self._wide))
        self.viewer.said.connect(self.said)
        self.viewer.verified.connect(self._show_proof)
        self._bridge.transfer.connect(self._on_transfer)
        self.show_document("")

    # what is shown

    def show_document(self, gid: str, *, by_user: bool = False) -> None:
        """Show another document, or none. `by_user`: they chose it, so what stands there is read by them."""
        self._by_user = by_user or (self._by_user and gid == self._gid)
        self._gid = gid
        record = self._portal.records.get(gid) if gid else None
        self._head.setVisible(record is not None)
        if record is None:
            for strip in (self.changed, self.confirm, self.standing):
                strip.hide()
            self.viewer.clear()
            return
        self._show_head(record)
        self.viewer.show_file(gid, record.title, str(record.data.get("media_type") or ""))
        self._read_first()

    def follow(self) -> None:
        """Look again: it may have changed, come, or be gone."""
        record = self._portal.records.get(self._gid) if self._gid else None
        self._head.setVisible(record is not None)
        if record is not None:
            self._show_head(record)
        else:
            for strip in (self.changed, self.confirm, self.standing):
                strip.hide()
        self.viewer.follow()

    def show_wide(self, wide: bool) -> None:
        """Whether the list is hidden: the button leads back then."""
        self._wide = wide
        self._follow_state()
        # The pages have their new width only after the layout has had its turn.
        QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        """Fitted to the width, but never so large that a line of text leaves the eye's reach."""
        pages = self.viewer.pages
        pages.set_zoom(None)
        if pages.shown_zoom > _LARGEST:
            pages.set_zoom(_LARGEST)

    def take_focus(self) -> None:
        """Give the keyboard to the page."""
        self.viewer.pages.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_head(self, record: RecordView) -> None:
        self._title.set_text(record.title)
        self._title.setMaximumWidth(self._title.sizeHint().width())
        mark = self._portal.documents.mark(record)
        self._mark.show_stage(mark.label, Tone(mark.tone), mark.icon)
        self._detail.set_text(self._about(record))
        self._why.set_text(self._portal.library.entitlement(record))
        self._why.setVisible(bool(self._why.text()))
        self.standing.show_document(record)
        self.changed.show_change(self._portal.library.changed_since(record))
        self._show_confirmation(record)
        self._follow_state()

    def _show_confirmation(self, record: RecordView) -> None:
        state = self._portal.library.confirmation(record)
        asks = state is not None and not state.done and state.possible
        self.open.set_kind(ButtonKind.SECONDARY if asks else ButtonKind.PRIMARY)
        self.confirm.show_state(state, here=self._verified, online=self._bridge.online)

    def _about(self, record: RecordView) -> str:
        data, formats = record.data, self._portal.formats
        first = [_kind(str(data.get("media_type") or ""), str(data.get("file_name") or ""))]
        if data.get("pages"):
            first.append(formats.tr.plural(int(data["pages"]), "%n page", "%n pages"))
        if data.get("sha256"):
            first.append(formats.size(bytes_named(data)))
        parts = [", ".join(part for part in first if part)]
        published = moment_of(data.get("published_at"))
        if published is not None:
            parts.append(self.tr("published {when}").format(when=formats.on(published)))
        if data.get("supersedes"):
            parts.append(self.tr("replaces {what}").format(what=data["supersedes"]))
        until = date_of(data.get("valid_until"))
        if until is not None and record.state == "current":
            ended = until < formats.today()
            words = self.tr("was valid until {day}") if ended else self.tr("valid until {day}")
            parts.append(words.format(day=formats.day(until)))
        return " · ".join(parts)

    def _state(self) -> DocumentState | None:
        if not self._gid or self._portal.records.get(self._gid) is None:
            return None
        return self._portal.documents.state(self._gid)

    def _on_transfer(self, _moving: TransferProgress) -> None:
        self._follow_state()

    def _follow_state(self) -> None:
        state = self._state()
        if state is None:
            return
        self.open.set_text(self.tr("Back to the list") if self._wide else self.tr("Open"))
        if state.sha256:
            self.keep.enable()
        else:
            self.keep.disable(self.tr("There is no file to keep yet."))
        if self._wide or state.state is DocState.HERE:
            self.open.enable()
        elif not state.sha256:
            self.open.disable(self.tr("There is no file to open yet."))
        else:
            self.open.disable(self.tr("It opens once it is on this computer."))
        if state.kept and state.state is DocState.HERE:
            self._show_keep(self.tr("Kept offline"), "pin-filled", self.tr("Let it go when space is needed"))
        elif state.kept:
            self._show_keep(self.tr("Will be kept"), "clock", self.tr("It is kept once it has come"))
        else:
            self._show_keep(self.tr("Keep offline"), "pin", self.tr("Keep it on this computer"))

    def _show_keep(self, text: str, icon: str, tip: str) -> None:
        self.keep.set_text(text)
        self.keep.set_icon(icon)
        self.keep.set_tip(tip)

    def _read_first(self) -> None:
        """What the user chose and sees for the first time is read; what changed is, once they say or open it."""
        seen = self._verified and self._by_user and self._gid
        record = self._portal.records.get(self._gid) if seen else None
        if record is not None and self._portal.library.reading.last(record) is None:
            self.mark_read()

    def mark_read(self) -> None:
        """This version is read."""
        record = self._portal.records.get(self._gid) if self._gid else None
        if record is None or not record.data.get("sha256") or self._portal.library.reading.has_read(record):
            return
        self._portal.library.read(self._gid)
        self.follow()
        self.read.emit()

    def acknowledge(self) -> None:
        """Say that this version was read; offline it waits."""
        self.mark_read()
        try:
            done = self._portal.library.acknowledge(self._gid)
        except CounterpartError as problem:
            self.said.emit(Toast(self._portal.formats.tr.told(problem)))
            return
        self.follow()
        later = self.tr("{done}. Sent when you are back.").format(done=done.words)
        words = done.words if self._bridge.online else later
        self.said.emit(Toast(words, lambda: self._take_back(done), done=(done,)))

    def _take_back(self, done: Done) -> None:
        if not self._portal.intents.undo(done):
            self.said.emit(Toast(self.tr("It is on its way already and can no longer be taken back.")))
        self.follow()

    def _show_proof(self, verified: bool) -> None:
        self._verified = verified
        self._read_first()
        record = self._portal.records.get(self._gid) if self._gid else None
        if record is not None:
            self._show_confirmation(record)
        state = self._state()
        self._foot.setVisible(verified and state is not None)
        if state is not None:
            proof = self.tr("This copy is {vendor}’s file, byte for byte")
            self._proof.set_text(proof.format(vendor=self._portal.vendor))
            self._sha.set_text(f"sha256 {state.sha256[:4]}…{state.sha256[-4:]}")
            self._sha.setToolTip(plain_tip(state.sha256))

    # acting

    def toggle_keep(self) -> None:
        """Keep the document on this computer (and pull it), or let it go."""
        state = self._state()
        if state is None:
            return
        try:
            self._portal.documents.keep(self._gid, on=not state.kept)
        except CounterpartError as problem:
            self.said.emit(Toast(self._portal.formats.tr.told(problem)))
            return
        gid, before = self._gid, state.kept
        self._follow_state()
        self.viewer.follow()
        self.kept.emit()
        self.said.emit(Toast(self._words(state), lambda: self._undo_keep(gid, before)))

    def _words(self, before: DocumentState) -> str:
        if before.kept:
            return self.tr("No longer kept. The copy goes when space is needed.")
        if before.state is DocState.HERE:
            return self.tr("Kept offline")
        return (
            self.tr("Kept offline once it has come")
            if self._bridge.online
            else self.tr("Pulled when you are back")
        )

    def _undo_keep(self, gid: str, kept: bool) -> None:
        self._portal.documents.keep(gid, on=kept)
        self.follow()
        self.kept.emit()


def _kind(media_type: str, name: str) -> str:
    known = {"application/pdf": "PDF", "text/plain": "Text", "text/csv": "CSV", "application/zip": "ZIP"}
    return known.get(media_type) or name.rpartition(".")[2].upper()
