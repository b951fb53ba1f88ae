"""Reading rows as the CRM tells them to a connector: its own columns, and the names behind its references."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, FromClause, RowMapping, Select, Text, bindparam, cast, select

from gateway.crm.embedded.codes import ACCOUNT_STAGE_WORDS, TIER_WORDS, TicketStatus
from gateway.crm.embedded.events import TELLINGS, Line, timeline
from gateway.crm.embedded.models import History
from gateway.crm.embedded.objects import OBJECTS, ObjectSpec, pointed_at, spec_of
from gateway.crm.embedded.times import from_ms
from gateway.crm.port import Ref, SourceRow

#: Columns that never leave the CRM, whatever a mapping asks for.
_KEPT_INSIDE = frozenset({"pw_hash", "sign_outs", "domain_key", "rev", "archived", "extra"})

_LABELS: Mapping[str, str] = {
    "cust_name": "Customer name",
    "domain": "Website",
    "country_iso": "Country",
    "sector_code": "Industry",
    "addr_street": "Street",
    "addr_zip": "Postcode",
    "addr_town": "City",
    "ct_name": "Contact",
    "ct_mail": "Contact e-mail",
    "ct_phone": "Contact phone",
    "deal_name": "Title",
    "est_value": "Amount",
    "cur": "Currency",
    "product_codes": "Products",
    "close_on": "Target close",
    "rival": "Competitor",
    "assist_code": "Help needed",
    "pain": "Problem to solve",
}


def _select(spec: ObjectSpec) -> Select[Any]:
    """A row's own columns, and what it shows of the rows it points to."""
    joined: FromClause = spec.table
    told = []
    for one in spec.shows:
        other = pointed_at(spec, one.by).alias(one.told)
        joined = joined.outerjoin(other, spec.table.c[one.by] == other.c.id)
        told.append(other.c[one.column].label(one.told))
    return select(spec.table, *told).select_from(joined)


_SELECTS: Mapping[str, Select[Any]] = {name: _select(spec) for name, spec in OBJECTS.items()}
_ONE: Mapping[str, Select[Any]] = {
    name: query.where(spec_of(name).table.c.id == bindparam("row_id")) for name, query in _SELECTS.items()
}
_MANY: Mapping[str, Select[Any]] = {
    name: query.where(spec_of(name).table.c.id.in_(bindparam("ids", expanding=True)))
    for name, query in _SELECTS.items()
}
_TOLD = (
    select(
        History.row_id,
        History.field,
        cast(History.old_value, Text).label("old"),
        cast(History.new_value, Text).label("new"),
        History.by_name,
        History.at_ms,
    )
    .where(
        History.obj == bindparam("obj"),
        History.row_id.in_(bindparam("ids", expanding=True)),
        History.field.in_(bindparam("told", expanding=True)),
    )
    .order_by(History.id)
)


class RowReader:
    """Turns rows into `SourceRow`; `vendor` is the name by which the vendor is told when nobody has taken a ticket."""

    def __init__(self, vendor: str) -> None:
        self._vendor = vendor.split(maxsplit=1)[0]

    def fetch(self, connection: Connection, obj: str, ids: Sequence[int]) -> list[SourceRow]:
        """Return the rows that exist, in the order asked for."""
        spec_of(obj)
        rows = (
            connection.execute(_ONE[obj], {"row_id": ids[0]})
            if len(ids) == 1
            else connection.execute(_MANY[obj], {"ids": list(ids)})
        )
        found = {int(row["id"]): row for row in rows.mappings().all()}
        events = self._events(connection, obj, list(found)) if obj in TELLINGS else {}
        return [self._row(obj, found[key], events) for key in ids if key in found]

    def _row(self, obj: str, row: RowMapping, events: Mapping[int, list[dict[str, Any]]]) -> SourceRow:
        fields = {k: v for k, v in row.items() if k not in _KEPT_INSIDE and not k.startswith("_")}
        fields |= row["extra"] or {}
        if obj in TELLINGS:
            fields["events"] = events.get(row["id"], [])
        match obj:
            case "registration":
                fields["review_text"] = _review_text(fields)
            case "document":
                fields["audience_text"] = audience_words(fields["audience"] or (), fields["for_stages"] or ())
            case "ticket":
                fields["ball_with"] = self._ball_with(fields)
            case "note":
                fields["author_obj"] = "contact" if row["contact_id"] is not None else "staff"
                fields["author_id"] = row["contact_id"] if row["contact_id"] is not None else row["staff_id"]
                fields["side_code"] = "V" if row["contact_id"] is None or row["_in_house"] else "P"
            case _:
                pass
        ref = Ref(obj, str(row["id"]))
        return SourceRow(ref, fields, str(row["rev"]), from_ms(row["modified_ms"]), bool(row["archived"]))

    def _ball_with(self, fields: Mapping[str, Any]) -> str | None:
        status = fields["status_code"]
        if status in (TicketStatus.DONE, TicketStatus.SHUT):
            return None
        if status == TicketStatus.WAIT_PARTNER:
            name = fields["owner_name"]
            return str(name) if name else None
        worker = fields["worker_name"]
        return f"{self._vendor}, {worker}" if worker else self._vendor

    def _events(
        self, connection: Connection, obj: str, ids: Sequence[int]
    ) -> dict[int, list[dict[str, Any]]]:
        if not ids:
            return {}
        telling = TELLINGS[obj]
        lines: dict[int, list[Line]] = defaultdict(list)
        asked = {"obj": obj, "ids": list(ids), "told": list(telling.fields)}
        for row_id, field, old, new, by, at_ms in connection.execute(_TOLD, asked).all():
            before, after = (_value(old), _value(new)) if field in telling.valued else (None, None)
            lines[row_id].append(Line(field, before, after, by, at_ms))
        return {row_id: timeline(telling, found) for row_id, found in lines.items()}


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def audience_words(tiers: Sequence[str], stages: Sequence[str]) -> str:
    """Say for whom a document is, such as *Gold and Silver partners, while onboarding*."""
    if "ALL" in tiers:
        who = "Every partner"
    else:
        who = f"{_joined([TIER_WORDS.get(code, code) for code in tiers])} partners" if tiers else "Nobody"
    during = _joined([ACCOUNT_STAGE_WORDS.get(code, code).lower() for code in stages])
    return f"{who}, while {during}" if during else who


def _joined(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _review_text(row: Mapping[str, Any]) -> str | None:
    """The reviewer's note, then one line for each field that was remarked on."""
    remarks = row["field_remarks"] or {}
    lines = [row["review_note"]] if row["review_note"] else []
    lines += [f"{_LABELS.get(name, name)}: {words}" for name, words in remarks.items()]
    return "\n".join(lines) or None
