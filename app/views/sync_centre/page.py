"""The sync centre: what waits, what went, what is proven, and what it takes on this computer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.contract.errors import CounterpartError
from app.services.freshness import proof_words
from app.services.sources import source_views
from app.services.views_model import (
    Done,
    Mode,
    OutboxAction,
    OutboxView,
    Proof,
    ProofWords,
    Status,
    Target,
)
from app.views.page import NEW, SETTINGS, Action, Head, Page, PageContext, Place, Toast
from app.views.sync_centre.activity import FEW, MANY, ActivitySection
from app.views.sync_centre.apart import ApartSection
from app.views.sync_centre.day import DaySection
from app.views.sync_centre.export import write_text
from app.views.sync_centre.outbox import OutboxSection
from app.views.sync_centre.proof import Kind, ProofSection
from app.views.sync_centre.storage import StorageSection
from app.views.sync_centre.systems import SystemsSection
from app.views.ways_out import AskTarget, allowed, ask_target
from app.views.widgets.columns import Columns
from app.views.widgets.dialog import Dialog
from app.views.widgets.gauges import Switch
from app.views.widgets.layout import column, holding
from app.views.widgets.own_tasks import OwnTasks
from app.views.widgets.scroll import scrolled

_SIDE = 380
_GAP = 18


class SyncCentrePage(Page):
    """Nothing is stuck out of sight: everything unsent stands here, with what can be done about it."""

    def __init__(
        self, context: PageContext, parent: QWidget | None = None, *, ask: AskTarget = ask_target
    ) -> None:
        super().__init__(context, parent)
        self._ask = ask
        self._tasks = OwnTasks(self, context.bridge)
        self._whole = False
        self._dialog: Dialog | None = None
        self.switch = Switch(self.theme, self.tr("Work offline"))
        self.switch.clicked.connect(self.bridge.set_offline)
        self.outbox = OutboxSection(self.theme, self.portal, self.bridge)
        self.apart = ApartSection(self.theme, context.apart, self.portal.formats.tr)
        self.activity = ActivitySection(self.theme)
        self.proof = ProofSection(self.theme, self.portal.formats)
        self.systems = SystemsSection(self.theme)
        self.storage = StorageSection(self.theme)
        self.day = DaySection(self.theme)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(self._content(), self.tr("Sync centre")))
        self._connect()

    def _content(self) -> QWidget:
        left = holding(column(self.apart, self.outbox, self.activity, None, gap=_GAP))
        right = holding(column(self.systems, self.proof, self.storage, self.day, None, gap=_GAP))
        return Columns(left, right, side=_SIDE)

    def _connect(self) -> None:
        self.outbox.acted.connect(self._act)
        self.outbox.opened.connect(self._open)
        self.outbox.export_asked.connect(self._export_all)
        self.outbox.retry_asked.connect(self._retry_all)
        self.apart.said.connect(self.said)
        self.activity.more_asked.connect(self._toggle_history)
        self.storage.clear_asked.connect(self._clear_space)
        self.storage.limit_asked.connect(lambda: self.go.emit(Place(SETTINGS)))
        self.bridge.proofDone.connect(self._on_proof)
        self.bridge.statusChanged.connect(self._on_status)
        self.bridge.activityAdded.connect(self._follow_activity)

    # page

    def head(self) -> Head:
        prove = Action(self.tr("Prove now"), self.prove, "circle-check", reason=self._why_not_prove())
        return Head(self.tr("Sync centre"), actions=(prove,), lead=self.switch)

    def refresh(self) -> None:
        self.switch.setChecked(self.bridge.offline_by_choice)
        self.apart.follow()
        self.outbox.follow(self.bridge.online)
        self._show_systems()
        self._show_activity()
        self._show_proof()
        self.storage.show_storage(self.portal.documents.storage(), self.portal.formats)

    def arrive(self, place: Place) -> None:
        if place.gid:
            self.outbox.show_row(place.gid)

    def panes(self) -> tuple[QWidget, ...]:
        return (self.outbox.list, self.switch)

    def _on_status(self, _status: Status) -> None:
        self.switch.setChecked(self.bridge.offline_by_choice)
        if self.isVisible():
            self.outbox.follow(self.bridge.online)
            self._show_systems()
            self._show_proof()
        self.head_changed.emit()

    def _follow_activity(self) -> None:
        if self.isVisible():
            self._show_activity()

    def _show_activity(self) -> None:
        lines = self.portal.outbox.activity(MANY)
        self.activity.show_lines(
            lines if self._whole else lines[:FEW], self.portal.formats, whole=self._whole
        )
        self.day.show_day(lines, self.portal.formats)

    def _toggle_history(self) -> None:
        self._whole = not self._whole
        self._show_activity()

    def _show_systems(self) -> None:
        sources, portal = self.bridge.status.sources, self.portal
        self.systems.show_systems(source_views(sources, portal.manifest, portal.formats), portal.vendor)

    # proof

    def prove(self) -> None:
        """Compare everything that is stored with the gateway, hashed afresh."""
        if self._why_not_prove():
            return
        self.bridge.verify(rehash=True)
        self._show_proof()
        self.head_changed.emit()

    def _on_proof(self, _proof: Proof) -> None:
        if self.isVisible():
            self._show_proof()
        self.head_changed.emit()

    def _why_not_prove(self) -> str:
        if self.bridge.verifying:
            return self.tr("A proof is under way.")
        if not self.bridge.online:
            return self.tr("You are offline. Both sides can be compared when you are back.")
        if self.bridge.status.mode is Mode.FIRST_SYNC:
            return self.tr("The first sync is still under way.")
        return ""

    def _show_proof(self) -> None:
        # While records still arrive, what an earlier run has proven is not what is here.
        proof = None if self.bridge.status.mode is Mode.FIRST_SYNC else self.bridge.last_proof
        kinds = [
            Kind(entity.name, entity.place_name, self.portal.records.count(entity.name))
            for entity in sorted(self.portal.manifest.entities, key=lambda entity: entity.rank)
        ]
        if self.bridge.verifying:
            words = ProofWords(
                "neutral",
                self.tr("Comparing with the gateway"),
                self.tr("Every stored record is hashed afresh and compared bucket by bucket."),
                self.tr("under way"),
            )
        elif proof is not None:
            words = proof_words(proof, self.portal.formats)
        else:
            words = self._no_proof()
        self.proof.show_proof(words, proof, self.portal.last_hashed, kinds)

    def _no_proof(self) -> ProofWords:
        proven = self.bridge.status.proven_at
        if proven is not None:
            said = self.tr("Proven identical at {time}").format(time=self.portal.formats.since(proven))
            return ProofWords(
                "neutral", said, self.tr("Nothing has changed since. Prove now compares again."), ""
            )
        text = self.tr("Prove now hashes what is stored here and compares it with the gateway.")
        return ProofWords("neutral", self.tr("Not compared yet"), text, "")

    # the outbox

    def _act(self, item: OutboxView, name: str) -> None:
        match OutboxAction(name):
            case OutboxAction.EDIT:
                self._edit(item)
            case OutboxAction.CANCEL:
                self._do(lambda: self.portal.outbox.cancel(item.mutation_id))
            case OutboxAction.RETRY:
                self._do(lambda: self.portal.outbox.retry(item.mutation_id))
            case OutboxAction.DISCARD:
                self._ask_discard(item)
            case OutboxAction.EXPORT:
                self._export(item)
            case OutboxAction.COMPARE:
                self.go.emit(Place("conflict", gid=item.gid))
            case OutboxAction.ASK:
                self.go.emit(Target(item.entity, gid=item.gid, focus="reply"))
            case OutboxAction.OPEN:
                self._open(item)

    def _open(self, item: OutboxView) -> None:
        if self.portal.records.get(item.gid) is not None:
            self.open_record.emit(item.gid)

    def _edit(self, item: OutboxView) -> None:
        if not item.mutation_id:
            self.go.emit(Place(NEW, entity=item.entity, gid=item.gid))
            return
        try:
            reopened = self.portal.outbox.edit(item.mutation_id)
        except CounterpartError as problem:
            self.said.emit(Toast(self.portal.formats.tr.told(problem)))
            return
        self.go.emit(reopened.target)

    def _ask_discard(self, item: OutboxView) -> None:
        """A draft can be brought back; a change that was refused cannot, so that is asked."""
        if not item.mutation_id:
            self._discard_draft(item.gid)
            return
        dialog = Dialog(
            self.theme,
            self.window(),
            self.tr("Discard “{what}”?").format(what=item.what),
            self.tr("What you entered is deleted from this computer. Export it first if you want to keep it.")
            if allowed().files
            else self.tr("What you entered is deleted from this computer."),
            verb=self.tr("Discard"),
            safe=self.tr("Keep it"),
            danger=True,
        )
        dialog.accepted.connect(lambda: self._do(lambda: self.portal.outbox.discard(item.mutation_id)))
        dialog.finished.connect(dialog.deleteLater)
        self._dialog = dialog
        dialog.open()

    def _discard_draft(self, gid: str) -> None:
        discarded = self.portal.drafts.discard(gid)
        self.refresh()

        def restore() -> None:
            self.portal.drafts.restore(discarded)
            self.refresh()

        self.said.emit(Toast(self.tr("Draft discarded"), restore))

    def _do(self, act: Callable[[], Done]) -> None:
        try:
            done = act()
        except CounterpartError as problem:
            self.said.emit(Toast(self.portal.formats.tr.told(problem)))
            return
        self.refresh()
        undo = (lambda: self._undo(done)) if done.undoable else None
        self.said.emit(Toast(done.words, undo, done=() if done.taken is not None else (done,)))

    def _undo(self, done: Done) -> bool:
        outbox, intents = self.portal.outbox, self.portal.intents
        undone = outbox.undo(done) if done.taken is not None else intents.undo(done)
        self.refresh()
        return undone

    def _retry_all(self) -> None:
        self.portal.outbox.retry_all()
        self.bridge.wake()
        self.said.emit(Toast(self.tr("Sending what waits")))

    # export, storage

    def _export(self, item: OutboxView) -> None:
        self._write(self.portal.outbox.export(item.mutation_id), "counterpart-change.json")

    def _export_all(self) -> None:
        self._write(self.portal.outbox.export_all(), "counterpart-outbox.json")

    def _write(self, text: str, name: str) -> None:
        target = self._ask(self, name) if allowed().files else None
        if target is None:
            return
        self._tasks.run(lambda _portal: write_text(target, text), self._written, self._not_written)

    def _written(self, path: Path) -> None:
        words = self.tr("Exported as {name} in {folder}. The file is not encrypted.")
        self.said.emit(Toast(words.format(name=path.name, folder=path.parent.name or path.parent)))

    def _not_written(self, problem: CounterpartError) -> None:
        self.said.emit(Toast(self.portal.formats.tr.told(problem)))

    def _clear_space(self) -> None:
        freed = self.portal.documents.clear_space()
        self.storage.show_storage(self.portal.documents.storage(), self.portal.formats)
        if freed:
            words = self.tr("{size} freed. What is kept or unsent stays.")
            self.said.emit(Toast(words.format(size=self.portal.formats.size(freed))))
        else:
            self.said.emit(Toast(self.tr("Nothing to clear: every copy here is kept or unsent.")))
