"""An invoice is overdue; many of them are one job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from app.contract.manifest import EntityType, Filter, Tone
from app.services.context import open_condition
from app.services.format import date_of, plural
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
    late = plural((sources.context.formats.today() - day).days, "day")
    about = " · ".join(part for part in (record.subtitle, f"{owed} to pay") if part)
    found = need(record, "receipt", f"Invoice {record.title} is overdue by {late}", about, due, "Open")
    return replace(found, detail=about)


def _many(sources: Sources, entity: EntityType, count: int, totals: str) -> Need:
    chips: Sequence[str] = [chip.name for chip in entity.list.chips]
    return Need(
        icon="receipt",
        tone=Tone.BAD,
        title=f"{plural(count, 'invoice')} are overdue",
        detail=f"{totals} to pay" if totals else "",
        due=NO_DUE.words,
        due_tone=NO_DUE.tone,
        due_at=None,
        action_label="Open",
        target=Target(entity.name, chip=_CHIP if _CHIP in chips else ""),
    )
