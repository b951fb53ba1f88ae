"""Files dropped onto a record: a veil says what becomes of them, and they are added, each kept until it is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QDropEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.contract.errors import CounterpartError
from app.services.portal import Portal
from app.services.views_model import Done, FileInfo, RecordView
from app.views.page import NEW, PageContext, Place, Toast
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_text
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius
from app.views.ways_out import allowed
from app.views.widgets.base import ThemedWidget
from app.views.widgets.files import dashed, local_files
from app.views.widgets.own_tasks import OwnTasks

_FILE = "file"


def takes_files(portal: Portal, record: RecordView) -> bool:
    """Whether this user may add files to a record now: it takes some, and is open or still a draft."""
    kind = portal.manifest.entity(_FILE)
    if kind is None or not kind.creatable or record.entity not in kind.parents:
        return False
    entity = portal.manifest.entity(record.entity)
    state = entity.lifecycle.state(record.state) if entity and entity.lifecycle else None
    return state is None or state.open


class DropVeil(ThemedWidget):
    """Lies over the record while files are dragged over it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._words = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def lift(self, words: str) -> None:
        """Show what dropping does."""
        self._words = words
        self.setAccessibleName(words)
        parent = self.parentWidget()
        self.setGeometry(parent.rect() if parent is not None else QRect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(tokens.accent_soft)
        ground.setAlpha(235)
        painter.fillRect(self.rect(), ground)
        painter.setPen(dashed(tokens.accent))
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(12.5, 12.5, -12.5, -12.5), Radius.CARD, Radius.CARD
        )
        font = self.theme.font(Role.NAME)
        width = text_width(font, self._words)
        middle = self.height() // 2
        icon_x = self.width() // 2 - 12
        self.theme.draw_icon(painter, icon_x, middle - 32, "paperclip", tokens.accent, 24)
        room = QRect((self.width() - width) // 2, middle, width + 2, 20)
        draw_text(painter, room, self._words, font, tokens.accent)
        painter.end()


class FileDrops(QObject):
    """Takes the files that are dropped onto a pane. `handed_in` gives what adding did, for the toast and undo."""

    handed_in = Signal(object)
    said = Signal(object)
    go = Signal(object)

    def __init__(self, context: PageContext, pane: QWidget, record: Callable[[], RecordView | None]) -> None:
        super().__init__(pane)
        self._portal = context.portal
        self._tasks = OwnTasks(pane, context.bridge)
        self._record = record
        self.veil = DropVeil(context.theme, pane)
        pane.setAcceptDrops(allowed().files)

    def enter(self, event: QDropEvent, title: str) -> None:
        """Files come over the pane; `title` is what files of such a record are called."""
        record = self._record()
        if record is not None and local_files(event) and takes_files(self._portal, record):
            self.veil.lift(
                self.tr("Drop to add to {what}").format(what=self._portal.formats.tr.inside(title))
            )
            event.acceptProposedAction()

    def leave(self) -> None:
        """They are taken elsewhere."""
        self.veil.hide()

    def drop(self, event: QDropEvent) -> None:
        """They are let go of here."""
        self.veil.hide()
        record, paths = self._record(), local_files(event)
        if record is None or not paths or not takes_files(self._portal, record):
            return
        event.acceptProposedAction()
        gid = record.gid
        if self._portal.records.is_draft(gid):
            entity = record.entity
            self._tasks.run(
                lambda portal: _to_draft(portal, gid, paths),
                lambda _files: self.go.emit(Place(NEW, entity=entity, gid=gid)),
                self._refused,
            )
        else:
            self._tasks.run(lambda portal: _attach(portal, gid, paths), self.handed_in.emit, self._refused)

    def _refused(self, problem: CounterpartError) -> None:
        self.said.emit(Toast(self._portal.formats.tr.told(problem)))


def _attach(portal: Portal, gid: str, paths: Sequence[Path]) -> Done:
    return portal.intents.message(gid, "", files=paths, composed=False)


def _to_draft(portal: Portal, gid: str, paths: Sequence[Path]) -> list[FileInfo]:
    return [portal.drafts.add_file(gid, path) for path in paths]
