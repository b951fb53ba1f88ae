"""What changes of a row without its `write_date`: told by looking at the rows beside it.

A delivery's tracking number shows in its order, a payment of an invoice does, and whether a file is shared depends on
the message that carries it; Odoo leaves the time of the order, or of the file, where it was. So the rows beside are
asked what was written lately. This is a journal as the port means it: a place is a time, what is told are hints. Links
that are not looked at here, such as names of partners and stages, are left to the sweep.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.crm.odoo.models import Models
from gateway.crm.odoo.reading import Reader
from gateway.crm.odoo.values import moment, odoo_time
from gateway.crm.port import JournalPage, Ref

#: Rows beside that are looked at in one turn; more than that in a few seconds is an import, which the sweep follows.
_MOST = 1_000

#: A step of Odoo's clock, and one for what its answers tell of it.
_SETTLED = timedelta(seconds=2)


@dataclass(frozen=True)
class Beside:
    """Rows of `model` show in rows of `shown_in`: `field` of those leads to them, or, where `back`, the other way."""

    model: str
    shown_in: str
    field: str
    back: bool = False


_BESIDE = (
    Beside("stock.picking", "sale.order", "picking_ids"),
    Beside("account.move", "sale.order", "invoice_ids"),
    Beside("mail.message", "ir.attachment", "attachment_ids", back=True),
)


class Ripples:
    """Tells the rows beside which something was written."""

    def __init__(
        self, reader: Reader, models: Models, objects: Collection[str], *, back: timedelta, every: timedelta
    ) -> None:
        """`back`: how much older a row may be than its commit. `every`: how often the rows beside are asked at most."""
        self._reader = reader
        self._models = models
        self._pairs = [pair for pair in _BESIDE if pair.shown_in in objects]
        self._back = back
        self._every = every
        #: What was told already, so that looking back tells it once; with when it was written, to be forgotten.
        self._told: dict[tuple[str, int, str], datetime] = {}

    def since(self, place: str | None, now: datetime, limit: int) -> JournalPage:
        """Return what has changed after a place; all of it, as these are hints and few. Raises CrmUnavailable."""
        at = datetime.fromisoformat(place) if place else None
        if at is None or at > now:
            return JournalPage((), now.isoformat())
        if place and now - at < self._every:
            return JournalPage((), place)
        start = at - self._back
        refs = [ref for pair in self._pairs for ref in self._of(pair, start, now)]
        self._told = {key: seen for key, seen in self._told.items() if seen >= start}
        return JournalPage(tuple(dict.fromkeys(refs)), now.astimezone(UTC).isoformat())

    def _of(self, pair: Beside, start: datetime, now: datetime) -> Sequence[Ref]:
        if self._models.fields(pair.model) is None or not self._models.field(*self._holder(pair)):
            return ()
        fields = ["write_date", *([pair.field] if pair.back else [])]
        domain: list[Any] = [["write_date", ">=", odoo_time(start)]]
        if pair.back:
            domain.append([pair.field, "!=", False])
        rows = self._reader.search(pair.model, domain, fields, order="write_date desc, id desc", limit=_MOST)
        fresh = [row for row in rows if self._is_new(pair, row, now)]
        if not fresh:
            return ()
        if pair.back:
            return [Ref(pair.shown_in, str(key)) for row in fresh for key in row[pair.field]]
        ids = [row["id"] for row in fresh]
        found = self._reader.search(pair.shown_in, [[pair.field, "in", ids]], ["id"])
        return [Ref(pair.shown_in, str(row["id"])) for row in found]

    def _holder(self, pair: Beside) -> tuple[str, str]:
        return (pair.model if pair.back else pair.shown_in), pair.field

    def _is_new(self, pair: Beside, row: dict[str, Any], now: datetime) -> bool:
        """A second write within one second looks like the first: until the second is over, it is told again."""
        at = moment(row["write_date"])
        key = (pair.shown_in, int(row["id"]), str(row["write_date"]))
        if key in self._told:
            return False
        if now - at > _SETTLED:
            self._told[key] = at
        return True
