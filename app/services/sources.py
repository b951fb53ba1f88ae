"""The vendor's systems in words: what each holds, and what is not up to date because one cannot be reached.

A system that is down makes old only what lives in it; nothing else is said to be.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.contract.changes import Source
from app.contract.manifest import Manifest
from app.contract.rules import editable_fields
from app.services.format import Formats
from app.services.views_model import Notice, SourceView, Status
from app.services.words import Words


def source_views(sources: Sequence[Source], manifest: Manifest, formats: Formats) -> tuple[SourceView, ...]:
    """Return every system, those first that cannot be read."""
    found = [
        SourceView(
            label=source.label,
            holds=holds(source, manifest, formats.tr),
            words=_standing(source, formats),
            stale=bool(source.stale_reason),
        )
        for source in sources
    ]
    return tuple(sorted(found, key=lambda view: not view.stale))


def holds(source: Source, manifest: Manifest, tr: Words) -> str:
    """*Orders and Invoices*: the lists whose records live there; without any, what else does."""
    kinds = [entity for entity in manifest.entities if entity.name in source.entities]
    listed = [entity.plural for entity in sorted(kinds, key=lambda e: e.rank) if entity.nav]
    return tr.listed(listed or [entity.plural for entity in kinds])


def stale_words(source: Source, what: str, formats: Formats) -> str:
    """*Orders: Odoo cannot be reached; as of 14:02 today.*"""
    reason = formats.tr(source.stale_reason).rstrip(". ")
    return (
        f"{what}: {reason}; {_as_of(source, formats)}." if what else f"{reason}; {_as_of(source, formats)}."
    )


def page_notice(status: Status, manifest: Manifest, entity: str, formats: Formats) -> Notice | None:
    """Return the banner over the list and the records of one entity type, None while its system is read."""
    kind = manifest.entity(entity)
    source = next((one for one in status.sources if entity in one.entities and one.stale_reason), None)
    if kind is None or source is None:
        return None
    text = stale_words(source, kind.plural, formats)
    states = kind.lifecycle.states if kind.lifecycle else ()
    if kind.creatable or any(editable_fields(kind, state.name) for state in states):
        text = f"{text} {formats.tr('What you enter is kept here and sent when it is back.')}"
    return Notice("warn", "plug-connected", text, "why", formats.tr("Details"))


def not_reached(status: Status, tr: Words) -> str:
    """*Odoo*, *2 systems*: what cannot be read now, for the chip; empty while all is well."""
    stale = [source.label for source in status.sources if source.stale_reason]
    return tr.plural(len(stale), "%n system", "%n systems") if len(stale) > 1 else "".join(stale)


def _standing(source: Source, formats: Formats) -> str:
    if source.stale_reason:
        return stale_words(source, "", formats)
    if source.read_at is None:
        return formats.tr("Not read completely yet.")
    return formats.tr("Last read at {since}.").format(since=formats.since(source.read_at))


def _as_of(source: Source, formats: Formats) -> str:
    if source.read_at is None:
        return formats.tr("never read completely")
    today = formats.local(source.read_at).date() == formats.today()
    words = formats.tr("as of {since} today") if today else formats.tr("as of {since}")
    return words.format(since=formats.since(source.read_at))
