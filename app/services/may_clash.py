"""A hint that a registration may meet another one: same website and product family, open. The vendor decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.contract.manifest import EntityType, FieldType
from app.services.context import PortalContext, open_condition
from app.services.format import date_of
from app.services.views_model import ClashHint, RecordView, SyncState
from app.store.query import text_condition


def domain(website: Any) -> str:
    """Return the bare domain of a website: *kestrel.example* for *https://www.Kestrel.example/shop*."""
    text = str(website or "").strip().lower()
    host = text.split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0].rsplit("@", 1)[-1]
    return host.removeprefix("www.").strip(".")


def family(products: Any) -> set[str]:
    """Return product families: *edge* for *edge_220* and *edge_440*."""
    values = products if isinstance(products, list) else []
    return {str(value).split("_", 1)[0] for value in values}


def hint(context: PortalContext, entity: EntityType, gid: str, data: Mapping[str, Any]) -> ClashHint | None:
    """Return the open record of the same type that shares the website's domain and a product family, if any."""
    website = next((f for f in entity.fields if f.type is FieldType.URL), None)
    wanted = domain(data.get(website.name)) if website else ""
    if website is None or len(wanted) < 4 or "." not in wanted:
        return None
    # The index narrows by the domain's words; what is left is compared as a domain.
    ids = context.store.projection.ids(
        entity.name, open_condition(context, entity) & text_condition(wanted), "id DESC"
    )
    for shown in context.store.projection.rows(ids[:50]):
        other = context.view(shown)
        if (
            other.gid != gid
            and other.sync is not SyncState.DRAFT
            and domain(other.data.get(website.name)) == wanted
        ):
            mine, theirs = family(data.get("products")), family(other.data.get("products"))
            if not mine or not theirs or mine & theirs:
                return _hint(context, other, both=bool(mine & theirs))
    return None


def _hint(context: PortalContext, other: RecordView, *, both: bool) -> ClashHint:
    owner = str(other.data.get("owner_name") or "")
    who = (
        context.tr("You")
        if other.data.get("owner") == context.me.user or not owner
        else context.tr("Your colleague {owner}").format(owner=owner)
    )
    what = context.tr("the same website and product family") if both else context.tr("the same website")
    until = date_of(other.data.get("protected_until"))
    protected = context.tr(", protected until {day}").format(day=context.formats.day(until)) if until else ""
    return ClashHint(
        title=context.tr("May clash with an existing registration"),
        detail=context.tr(
            "{who} registered {what}{protected}. You can still submit; {vendor} decides when it arrives."
        ).format(who=who, what=what, protected=protected, vendor=context.vendor),
        gid=other.gid,
        number=other.number or other.title,
    )
