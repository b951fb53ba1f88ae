"""Properties that no field of Odoo holds: the words with `@` that a mapping may use.

@marker          the gid a row was created with: its external id `counterpart.<gid>`, or a message's Message-Id
@empty           whether a message says nothing (it only carries files, or a tracking)
@shared          whether an attachment may leave: a public message carries it, or the portal made it
@message         the public message that carries an attachment
@sha256          of an attachment, or of an invoice's PDF, with @size, @media_type and @file_name
@progress        of an order: placed, confirmed, fulfilled, invoiced, paid, cancelled
@carrier, @tracking   of an order's deliveries
@order           the order an invoice was made for
@standing        of an invoice: open, overdue, paid, cancelled
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from app.contract.ids import is_gid
from gateway.crm.odoo.client import Client
from gateway.crm.odoo.errors import OdooSaid, translated
from gateway.crm.odoo.files import Files
from gateway.crm.odoo.reading import Reader, Values
from gateway.crm.port import CrmUnavailable
from gateway.crm.schema import Kind, Property

#: The module of external ids, and the host of Message-Ids, that are ours.
OURS = "counterpart"

_MESSAGE_ID = re.compile(rf"<{OURS}\.([0-9a-f-]{{36}})@")
_PUBLIC_TYPES = ("comment", "email")
_PAID = ("paid", "in_payment", "reversed")

_TOLD: Mapping[str, tuple[Property, ...]] = {
    "mail.message": (Property("@empty", "Says nothing", Kind.BOOLEAN, writable=False),),
    "ir.attachment": (
        Property("@shared", "Shared with partners", Kind.BOOLEAN, writable=False),
        Property("@message", "Message", Kind.REFERENCE, target="mail.message"),
        Property("@sha256", "SHA-256", Kind.TEXT),
    ),
    "sale.order": (
        Property("@progress", "Progress", Kind.TEXT, writable=False),
        Property("@carrier", "Carrier", Kind.TEXT, writable=False),
        Property("@tracking", "Tracking", Kind.TEXT, writable=False),
    ),
    "account.move": (
        Property("@order", "Order", Kind.REFERENCE, writable=False, target="sale.order"),
        Property("@standing", "Standing", Kind.TEXT, writable=False),
        Property("@sha256", "SHA-256", Kind.TEXT, writable=False),
        Property("@size", "Size", Kind.INTEGER, writable=False),
        Property("@media_type", "Kind", Kind.TEXT, writable=False),
        Property("@file_name", "File name", Kind.TEXT, writable=False),
    ),
}


def message_id(marker: str) -> str:
    """Return the Message-Id of a message that the portal posts."""
    return f"<{OURS}.{marker}@{OURS}>"


def computed_of(model: str) -> dict[str, Property]:
    """Return what can be told of a model besides its fields, by name."""
    marker = Property("@marker", "Counterpart reference", Kind.TEXT, unique=True)
    return {one.name: one for one in (marker, *_TOLD.get(model, ()))}


class Computed:
    """Works them out for rows that were read."""

    def __init__(
        self, client: Client, reader: Reader, files: Files, label: str, today: Callable[[], date]
    ) -> None:
        self._client = client
        self._reader = reader
        self._files = files
        self._label = label
        self._today = today

    def add(self, model: str, rows: Mapping[int, Values], names: Sequence[str]) -> None:
        """Put those properties into the rows. Raises CrmUnavailable."""
        if not rows:
            return
        if "@marker" in names:
            self._markers(model, rows)
        wanted = {name for name in names if name in computed_of(model)} - {"@marker"}
        if not wanted:
            return
        match model:
            case "mail.message":
                for row in rows.values():
                    row["@empty"] = not str(row.get("body") or "").strip()
            case "ir.attachment":
                if wanted & {"@shared", "@message"}:
                    self._carried(rows)
                if "@sha256" in wanted:
                    for key, known in self._files.digests(list(rows)).items():
                        rows[key]["@sha256"] = known.sha256
            case "sale.order":
                self._orders(rows)
            case "account.move":
                self._invoices(rows, files="@sha256" in wanted)
            case _:
                pass

    # ---------------------------------------------------------------------------------------------------- markers

    def _markers(self, model: str, rows: Mapping[int, Values]) -> None:
        if model == "mail.message":
            told = self._reader.by_id(model, rows, ["message_id"])
            for key, row in rows.items():
                found = _MESSAGE_ID.match(str(told.get(key, {}).get("message_id") or ""))
                row["@marker"] = found[1] if found else None
            return
        try:
            # The user need not be let see external ids: of rows one may read, Odoo tells them.
            told_of = self._client.call(model, "get_metadata", list(rows))
        except OdooSaid as error:
            if error.what.kind == "MissingError":
                # Without their marks the others would be taken for rows born here.
                words = f"A record of {self._label} went while it was read."
                raise CrmUnavailable(words, 0.5) from error
            raise translated(error.what, self._label, writing=False) from error
        marks = {one["id"]: _marker([every["xmlid"] for every in one.get("xmlids", ())]) for one in told_of}
        for key, row in rows.items():
            row["@marker"] = marks.get(key)

    # ------------------------------------------------------------------------------------------------ attachments

    def _carried(self, rows: Mapping[int, Values]) -> None:
        """Find the messages that carry attachments: what an internal note carries is as internal as the note."""
        carried = self._reader.search(
            "mail.message",
            [["attachment_ids", "in", list(rows)]],
            ["attachment_ids", "message_type", "is_internal", "subtype_id", "model", "res_id"],
        )
        internal = self._internal_subtypes([row["subtype_id"] for row in carried])
        public: dict[int, int] = {}
        for message in carried:
            subtype = message["subtype_id"]
            if (
                message["message_type"] in _PUBLIC_TYPES
                and not message["is_internal"]
                and subtype
                and not internal.get(subtype[0], True)
            ):
                public |= dict.fromkeys(message["attachment_ids"], message["id"])
        noted = {key for message in carried for key in message["attachment_ids"]} - public.keys()
        for key, row in rows.items():
            row["@message"] = str(public[key]) if key in public else None
            # What the portal added stays shared unless somebody has put it into an internal note since.
            row["@shared"] = key in public or (bool(row.get("@marker")) and key not in noted)

    def _internal_subtypes(self, told: Sequence[Any]) -> dict[int, bool]:
        ids = {one[0] for one in told if one}
        found = self._reader.by_id("mail.message.subtype", sorted(ids), ["internal"]) if ids else {}
        return {key: bool(row["internal"]) for key, row in found.items()}

    # ----------------------------------------------------------------------------------------- orders and invoices

    def _orders(self, rows: Mapping[int, Values]) -> None:
        names = ["state", "delivery_status", "invoice_status", "invoice_ids", "picking_ids"]
        orders = self._known(rows, "sale.order", names)
        invoices = self._led_to(
            orders, "invoice_ids", "account.move", ["state", "payment_state", "move_type"]
        )
        deliveries = self._led_to(
            orders, "picking_ids", "stock.picking", ["carrier_id", "carrier_tracking_ref", "state"]
        )
        for key, row in rows.items():
            order = orders.get(key, {})
            bills = [invoices[one] for one in order.get("invoice_ids", ()) if one in invoices]
            sent = [deliveries[one] for one in order.get("picking_ids", ()) if one in deliveries]
            row["@progress"] = progress(order, bills)
            sent = [one for one in sent if one["state"] != "cancel"]
            row["@tracking"] = _joined(one.get("carrier_tracking_ref") for one in sent)
            row["@carrier"] = _joined(one["carrier_id"][1] for one in sent if one.get("carrier_id"))

    def _invoices(self, rows: Mapping[int, Values], *, files: bool) -> None:
        names = ["state", "payment_state", "invoice_date_due"]
        moves = self._known(rows, "account.move", names)
        made_for: dict[int, str] = {}
        for order in self._reader.search(
            "sale.order", [["invoice_ids", "in", list(rows)]], ["invoice_ids"], order="id desc"
        ):
            made_for |= dict.fromkeys(order["invoice_ids"], str(order["id"]))
        papers = self._files.papers(list(rows)) if files else {}
        for key, row in rows.items():
            row["@order"] = made_for.get(key)
            row["@standing"] = standing(moves.get(key, {}), self._today())
            paper = papers.get(key)
            row["@sha256"] = paper.sha256 if paper else None
            row["@size"] = paper.size if paper else None
            row["@media_type"] = paper.media_type if paper else None
            row["@file_name"] = paper.name if paper else None

    def _known(self, rows: Mapping[int, Values], model: str, names: Sequence[str]) -> dict[int, Values]:
        """Read those of the fields that the model has: some come with a module that need not be installed."""
        return self._reader.by_id(model, rows, self._reader.having(model, names))

    def _led_to(
        self, rows: Mapping[int, Values], field: str, model: str, names: Sequence[str]
    ) -> dict[int, Values]:
        ids = sorted({one for row in rows.values() for one in row.get(field, ())})
        return self._reader.by_id(model, ids, self._reader.having(model, names)) if ids else {}


# ------------------------------------------------------------------------------------------------------------- pure


def progress(order: Mapping[str, Any], invoices: Sequence[Mapping[str, Any]]) -> str:
    """Return how far an order has come."""
    if order.get("state") == "cancel":
        return "cancelled"
    if order.get("state") not in ("sale", "done"):
        return "placed"
    bills = [one for one in invoices if one["state"] == "posted" and one["move_type"] == "out_invoice"]
    if order.get("invoice_status") == "invoiced" and bills:
        return "paid" if all(one["payment_state"] in _PAID for one in bills) else "invoiced"
    return "fulfilled" if order.get("delivery_status") == "full" else "confirmed"


def standing(move: Mapping[str, Any], today: date) -> str:
    """Return how an invoice stands."""
    if move.get("state") == "cancel":
        return "cancelled"
    if move.get("payment_state") in _PAID:
        return "paid"
    due = move.get("invoice_date_due")
    return "overdue" if due and date.fromisoformat(due) < today else "open"


def _marker(external_ids: Sequence[str]) -> str | None:
    for one in external_ids:
        module, _, name = one.partition(".")
        if module == OURS and is_gid(name):
            return name
    return None


def _joined(values: Any) -> str | None:
    return ", ".join(dict.fromkeys(str(value) for value in values if value)) or None
