"""Several records at once: what is marked, what can be done with all or some of it, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.bridge.models import RecordListModel
from app.bridge.tasks import Task
from app.contract.errors import CounterpartError
from app.services.bulk import Batch, Offer
from app.services.going import Going
from app.views.page import PageContext, Toast
from app.views.records.listing.batch_pane import BatchPane
from app.views.records.listing.foot import ListFoot
from app.views.records.listing.watching import Watch
from app.views.widgets.action_list import RowList
from app.views.widgets.dialog import Dialog
from app.views.widgets.own_tasks import OwnTasks
from app.views.widgets.record_table import RecordTable

#: So many are written before the window paints again; more is done beside it.
AT_ONCE = 50
#: More than so many is asked about whatever it is.
MOST_UNASKED = 500
#: What can be done is worked out when the marks have stood still this long.
_PAUSE_MS = 80


class Marking(QObject):
    """Follows the marks of a table. `form_asked` and `form_over` say when the form stands in the detail's place."""

    said = Signal(object)
    offered = Signal()
    """What can be done with what is marked now stands in the foot."""
    form_asked = Signal()
    form_over = Signal()

    def __init__(
        self,
        context: PageContext,
        entity: str,
        model: RecordListModel,
        table: RecordTable | RowList,
        foot: ListFoot,
        watch: Watch,
    ) -> None:
        super().__init__(table)
        self._context = context
        self._portal = context.portal
        self._bridge = context.bridge
        self._entity = entity
        self._model = model
        self._table = table
        self._foot = foot
        self._tasks = OwnTasks(self, context.bridge)
        self._watch = watch
        self.form = BatchPane(context.theme, context.portal)
        foot.explain = self._portal.bulk.staying
        self._asked: Sequence[int] = ()
        self._looking: Task[tuple[Offer, ...]] | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.look)
        table.choose_many()
        table.rows_marked.connect(self.follow)
        foot.clear_asked.connect(self.clear)
        foot.commanded.connect(self.run)
        self.form.given.connect(self._on_given)
        self.form.cancelled.connect(self._end_form)

    # what is marked

    @property
    def count(self) -> int:
        """How many records are marked; one alone is simply the chosen one."""
        return self._table.mark_count()

    def ids(self) -> Sequence[int]:
        """Row ids of what is marked, in the list's order."""
        return self._model.ids_of(self._table.marked())

    def follow(self) -> None:
        """Say how many are marked, at once; what can be done with them follows."""
        count = self.count
        if count < 2:
            self.look()
            self._foot.show_marks("")
            return
        self._foot.show_marks(self.tr("{count} selected").format(count=self._portal.formats.number(count)))
        self._pause.start()

    def clear(self) -> None:
        """Only the chosen record stays marked."""
        self._table.choose_row(self._table.chosen_row())
        self._table.setFocus()

    def mark_all(self) -> None:
        """Mark the whole list."""
        self._table.selectAll()

    def look(self) -> None:
        """Work out what can be done with what is marked, beside the window: it may be all of a very long list."""
        ids, entity = self.ids(), self._entity
        self._pause.stop()  # or the same would be worked out twice, and the first answer thrown away
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        if len(ids) > 1:
            self._looking = self._bridge.reader.run(
                lambda portal: portal.bulk.offers(entity, ids),
                self._show_offers,
            )

    def _show_offers(self, offers: Sequence[Offer]) -> None:
        self._foot.show_offers(offers, online=self._bridge.online)
        self.offered.emit()

    # doing it

    def run(self, offer: Offer) -> None:
        """Do it; with a form where it asks for something, after a question where it ends records or they are many."""
        self._asked = [*self.ids()]
        if offer.command.args:
            self.form.open_offer(offer, self._noun(offer.fits), online=self._bridge.online)
            self.form_asked.emit()
        else:
            self._ask_or_give(offer, None)

    def _on_given(self, offer: Offer, values: Mapping[str, Any]) -> None:
        self._end_form()
        self._ask_or_give(offer, values)

    def _end_form(self) -> None:
        self.form_over.emit()
        self._table.setFocus()

    def _ask_or_give(self, offer: Offer, values: Mapping[str, Any] | None) -> None:
        ends = values is None and self._portal.bulk.ends(self._entity, offer.command)
        if ends or offer.fits > MOST_UNASKED:
            self._ask(offer, ends, lambda: self._give(offer, values))
        else:
            self._give(offer, values)

    def _ask(self, offer: Offer, ends: bool, give: Callable[[], None]) -> None:
        verb = offer.command.label
        parts = [self._portal.bulk.staying(offer)]
        later = self.tr("Once {vendor} has them, this cannot be taken back here.")
        every = self.tr("Each of them is sent to {vendor}; until then you can take them back together.")
        parts = [
            *(parts if offer.partial else ()),
            (later if ends else every).format(vendor=self._portal.vendor),
        ]
        dialog = Dialog(
            self._context.theme,
            self._table.window(),
            self.tr("{verb} {what}?").format(verb=verb, what=self._noun(offer.fits)),
            " ".join(parts),
            verb=verb,
            safe=self.tr("Keep them") if ends else self.tr("Not now"),
            danger=ends,
        )
        dialog.setObjectName("batch.dialog")
        dialog.accepted.connect(give)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _give(self, offer: Offer, values: Mapping[str, Any] | None) -> None:
        ids, entity, command = self._asked, self._entity, offer.command.name
        done = self._settled(offer)
        if len(ids) <= AT_ONCE:
            try:
                done(self._portal.bulk.give(entity, ids, command, values))
            except CounterpartError as problem:
                self._fail(problem)
            return
        going = Going(offer.fits)
        self._watch.start(going, self.tr("{done} of {total} entered"), self._portal.formats.number)

        def over(batch: Batch) -> None:
            self._watch.end()
            done(batch)

        self._tasks.run(
            lambda portal: portal.bulk.give(entity, ids, command, values, going), over, self._fail
        )

    def _settled(self, offer: Offer) -> Callable[[Batch], None]:
        def settled(batch: Batch) -> None:
            words = offer.command.done or offer.command.label
            said = self.tr("{done}: {what}").format(done=words, what=self._noun(len(batch.done)))
            if not batch.done:
                said = batch.problem or self.tr("Nothing changed")
            elif batch.problem:
                left = self.tr("{said}. Not the others: {problem}")
                said = left.format(said=said, problem=batch.problem)
            elif not self._bridge.online:
                said = self.tr("{done}. Sent when you are back.").format(done=said)
            undo = (lambda: self._undo(batch)) if batch.done else None
            self.said.emit(Toast(said, undo, done=batch.done))
            self.follow()

        return settled

    def _undo(self, batch: Batch) -> None:
        if len(batch.done) <= AT_ONCE:
            self._undone(batch, self._portal.bulk.undo(batch))
        else:
            self._tasks.run(
                lambda portal: portal.bulk.undo(batch), lambda late: self._undone(batch, late), self._fail
            )

    def _undone(self, batch: Batch, late: int) -> None:
        if late == len(batch.done):
            self.said.emit(Toast(self.tr("They are on their way already and can no longer be taken back.")))
        elif late:
            words = self.tr("{taken} taken back; {late} on their way already.")
            self.said.emit(Toast(words.format(taken=len(batch.done) - late, late=late)))
        self.follow()

    def _fail(self, problem: CounterpartError) -> None:
        self._watch.end()
        self.said.emit(Toast(self._portal.formats.tr.told(problem)))

    def _noun(self, count: int) -> str:
        return self._portal.formats.things(count, self._portal.entity(self._entity))
