"""An invoice is overdue; many of them are one job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from app.contract.manifest import EntityType, Filter, Tone
from app.services.context import open_condition
from app.services.format import date_of
from app.services.needing.asking import NO_DUE, Sources, day_due, need
from app.services.views_model import Need, RecordView, Target
from app.store.query import chip_condition, sort_order

_ONE_BY_ONE = 3
_CHIP = "overdue"


def overdue(sources: Sources) -> Iterator[Need]:
    """Open invoices whose day has passed, whether the vendor's system says so yet or not."""
    entity = sources.context.manifest.entity("invoice")
    if entity is None or entity.field("due_at") is None:
        return
    passed = (Filter(op="before_today", field="due_at"),)
    where = open_condition(sources.context, entity)
    where = where & chip_condition(sources.context.query(entity), passed)
    count = sources.context.store.projection.count(entity.name, where)
    if count > _ONE_BY_ONE:
        totals = sources.context.formats.totals(sources.records.sums(entity, where))
        yield _many(sources, entity, count, totals)
        return
    ids = sources.context.store.projection.ids(entity.name, where, sort_order(entity, "due_at"))
    for record in sources.records.rows(ids):
        yield _one(sources, record)


def _one(sources: Sources, record: RecordView) -> Need:
    owed = sources.records.value_words("invoice", "balance", record.data)
    due = day_due(sources, record.data.get("due_at"))
    day = date_of(record.data.get("due_at")) or date.min
    tr, days = sources.context.tr, (sources.context.formats.today() - day).days
    words = tr.plural(days, "Invoice {number} is overdue by %n day", "Invoice {number} is overdue by %n days")
    to_pay = tr("{amount} to pay").format(amount=owed)
    about = " · ".join(part for part in (record.subtitle, to_pay) if part)
    found = need(record, "receipt", words.format(number=record.title), about, due, tr("Open"))
    return replace(found, detail=about)


def _many(sources: Sources, entity: EntityType, count: int, totals: str) -> Need:
    tr = sources.context.tr
    chips: Sequence[str] = [chip.name for chip in entity.list.chips]
    return Need(
        icon="receipt",
        tone=Tone.BAD,
        title=tr.plural(count, "%n invoice is overdue", "%n invoices are overdue"),
        detail=tr("{amount} to pay").format(amount=totals) if totals else "",
        due=NO_DUE.words,
        due_tone=NO_DUE.tone,
        due_at=None,
        action_label=tr("Open"),
        target=Target(entity.name, chip=_CHIP if _CHIP in chips else ""),
    )
