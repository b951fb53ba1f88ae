"""Acting on the record that is shown: its commands, records made from it, what is refused, and the way back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.contract.errors import CounterpartError, Refused
from app.contract.manifest import CommandSpec
from app.services.deciding import Sight
from app.services.views_model import Done, RecordView
from app.views.page import DERIVE, NEW, PageContext, Place, Toast
from app.views.widgets.dialog import Dialog


class Commanding(QObject):
    """`said` gives a toast, `go` a place. The pane shows the forms that are asked for."""

    said = Signal(object)
    go = Signal(object)
    changed = Signal()
    """Something was entered or taken back: the record is to be read again."""
    asked = Signal(object)
    """A command that asks for something first."""
    mend = Signal(object)
    """A Refused whose fields can be mended in the record's form."""

    def __init__(self, context: PageContext, pane: QWidget, record: Callable[[], RecordView | None]) -> None:
        super().__init__(pane)
        self._portal = context.portal
        self._bridge = context.bridge
        self._theme = context.theme
        self._pane = pane
        self._record = record
        self._seen: Sight | None = None

    def saw(self, record: RecordView) -> None:
        """Remember what stands on the screen now: a command that binds it counts for that and nothing else."""
        self._seen = self._portal.deciding.sight(record)

    def sight(self, record: RecordView) -> Sight:
        """Return what was seen of a record."""
        seen = self._seen
        return seen if seen is not None and seen.gid == record.gid else self._portal.deciding.sight(record)

    def run(self, name: str) -> None:
        """Give a command; one that asks for something opens its form, one that ends the record asks first."""
        record = self._record()
        if record is None:
            return
        command = next((one for one in self._portal.records.commands(record.gid) if one.name == name), None)
        if command is None:
            self.said.emit(Toast(self.no_longer(record)))
        elif command.args:
            self.asked.emit(command)
        elif self._ends(record, command):
            self._ask_first(record, command)
        else:
            self._give(command)

    def derive(self, name: str) -> None:
        """Open the form of a record made from this one."""
        record = self._record()
        jobs = self._portal.deriving.jobs(record.gid) if record is not None else ()
        job = next((job for job in jobs if job.name == name), None)
        if record is not None and job is not None:
            self.go.emit(Place(NEW, entity=job.entity, focus=f"{DERIVE}{job.name}:{record.gid}"))

    def no_longer(self, record: RecordView) -> str:
        """Why a command does not fit any more: *the deal is expired now*."""
        inside = self._portal.formats.tr.inside
        words = self.tr("This no longer fits: the {what} is {state} now.")
        label = self._portal.entity(record.entity).label
        return words.format(what=inside(label), state=inside(record.state_label))

    def _ends(self, record: RecordView, command: CommandSpec) -> bool:
        lifecycle = self._portal.entity(record.entity).lifecycle
        state = lifecycle.state(command.to_state) if lifecycle else None
        return not command.primary and state is not None and not state.open

    def _ask_first(self, record: RecordView, command: CommandSpec) -> None:
        name = record.subtitle or record.title
        later = self.tr("Once {vendor} has it, this cannot be taken back here.")
        dialog = Dialog(
            self._theme,
            self._pane.window(),
            self.tr("{verb} “{title}”?").format(verb=command.label, title=name),
            later.format(vendor=self._portal.vendor),
            verb=command.label,
            safe=self.tr("Keep it"),
            danger=True,
        )
        dialog.setObjectName("detail.dialog")
        dialog.accepted.connect(lambda: self._give(command))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _give(self, command: CommandSpec) -> None:
        record = self._record()
        if record is None:
            return
        try:
            done = self._portal.deciding.give(self.sight(record), command.name)
        except Refused as refusal:
            self._explain(record, command, refusal)
        except CounterpartError as problem:
            self.said.emit(Toast(self._portal.formats.tr.told(problem)))
        else:
            self.settled(done)

    def _explain(self, record: RecordView, command: CommandSpec, refusal: Refused) -> None:
        """What the command found missing is mended in the form where it can be, said otherwise."""
        if set(refusal.fields) & self._portal.records.editable(record.gid):
            self.mend.emit(refusal)
            return
        words = " ".join(refusal.fields.values()) or refusal.text
        self.said.emit(Toast(f"{command.label}: {words}"))

    # the way back

    def settled(self, done: Done) -> None:
        """Show what an intent did, with the way back."""
        self.changed.emit()
        later = self.tr("{done}. Sent when you are back.").format(done=done.words)
        words = done.words if self._bridge.online or not done.undoable else later
        self.said.emit(Toast(words, (lambda: self._undo(done)) if done.undoable else None, done=(done,)))

    def _undo(self, done: Done) -> bool:
        try:
            undone = self._portal.intents.undo(done)
        except CounterpartError as problem:
            self.said.emit(Toast(self._portal.formats.tr.told(problem)))
            return False
        if not undone:
            self.said.emit(Toast(self.tr("It is on its way already and can no longer be taken back.")))
        self.changed.emit()
        return undone

    def settle(self, mutation_id: str, *, retry: bool) -> None:
        """Send what was set aside again, or give it up."""
        outbox = self._portal.outbox
        try:
            done = outbox.retry(mutation_id) if retry else outbox.discard(mutation_id)
        except CounterpartError as problem:
            self.said.emit(Toast(self._portal.formats.tr.told(problem)))
            return
        self.changed.emit()
        self.said.emit(Toast(done.words, (lambda: self._restore(done)) if done.undoable else None))

    def _restore(self, done: Done) -> bool:
        undone = self._portal.outbox.undo(done)
        self.changed.emit()
        return undone
