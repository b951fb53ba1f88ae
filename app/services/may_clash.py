"""A hint that a registration may meet another one, here or at another partner; never a block: the vendor decides.

One's own company's registrations are here to be compared: same website and product family, open. Of other partners'
there is only the gateway's filter, which says that somebody registered that customer, and not who.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.contract.clashing import ClashFields, clash_fields, domain_of, keys_of, registered
from app.contract.manifest import EntityType, FieldType
from app.services.context import PortalContext, open_condition
from app.services.format import date_of
from app.services.views_model import ClashHint, RecordView, SyncState
from app.store.clashes import ClashStore
from app.store.query import text_condition

#: Records of one's own that are looked through for one hint.
_MOST = 50


def family(products: Any) -> set[str]:
    """Return product families: *edge* for *edge_220* and *edge_440*."""
    values = products if isinstance(products, list) else []
    return {str(value).split("_", 1)[0] for value in values}


def hint(context: PortalContext, entity: EntityType, gid: str, data: Mapping[str, Any]) -> ClashHint | None:
    """Return what a registration may clash with: the record of one's own company first, or somebody else's."""
    own = _own(context, entity, gid, data)
    if own is not None:
        return own
    fields = clash_fields(entity)
    return _others(context, entity, fields, gid, data) if fields else None


def _own(context: PortalContext, entity: EntityType, gid: str, data: Mapping[str, Any]) -> ClashHint | None:
    """Return the open record of the same type that shares the website's domain and a product family, if any."""
    website = next((f for f in entity.fields if f.type is FieldType.URL), None)
    wanted = domain_of(data.get(website.name)) if website else ""
    if website is None or len(wanted) < 4 or "." not in wanted:
        return None
    for other in _known(context, entity, gid, wanted):
        if domain_of(other.data.get(website.name)) == wanted:
            mine, theirs = family(data.get("products")), family(other.data.get("products"))
            if not mine or not theirs or mine & theirs:
                return _hint(context, other, both=bool(mine & theirs))
    return None


def _others(
    context: PortalContext, entity: EntityType, fields: ClashFields, gid: str, data: Mapping[str, Any]
) -> ClashHint | None:
    """Return what the gateway's filter says, unless it is a registration that stands here."""
    keys = keys_of(fields, data) if context.manifest.clash_hints else ()
    kept = ClashStore(context.store.settings).read() if keys else None
    if kept is None:
        return None
    found, as_of = kept
    said = [
        key for key in keys if found.may_hold(key) and not _is_ours(context, entity, fields, gid, data, key)
    ]
    return _elsewhere(context, by_website=said[0].startswith("d:"), as_of=as_of) if said else None


def _is_ours(
    context: PortalContext,
    entity: EntityType,
    fields: ClashFields,
    gid: str,
    data: Mapping[str, Any],
    key: str,
) -> bool:
    """Tell whether a key in the filter is explained by an open registration that stands here."""
    by_website = key.startswith("d:")
    words = domain_of(data.get(fields.website)) if by_website else str(data.get(fields.customer) or "")
    return any(
        key in keys_of(fields, other.data) and registered(entity, other.data)
        for other in _known(context, entity, gid, words)
    )


def _known(context: PortalContext, entity: EntityType, gid: str, words: str) -> list[RecordView]:
    """Return other open records with these words; the index narrows, and whoever asks compares."""
    condition = open_condition(context, entity) & text_condition(words)
    ids = context.store.projection.ids(entity.name, condition, "id DESC")
    views = [context.view(shown) for shown in context.store.projection.rows(ids[:_MOST])]
    return [view for view in views if view.gid != gid and view.sync is not SyncState.DRAFT]


def _elsewhere(context: PortalContext, *, by_website: bool, as_of: datetime) -> ClashHint:
    what = (
        context.tr("Somebody has registered this website.")
        if by_website
        else context.tr("Somebody has registered a customer of this name in this country.")
    )
    return ClashHint(
        title=context.tr("May clash with a registration of another partner"),
        detail=context.tr("{what} You can go on; {vendor} decides. As of {moment}.").format(
            what=what, vendor=context.vendor, moment=context.formats.since(as_of)
        ),
        gid="",
        number="",
    )


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
