"""Links into the app: `counterpart://deal/DR-2026-0417?vendor=portal.halden.example`, and where each one leads.

A link only ever *shows* something. The grammar is closed: whatever does not fit it is no link, and nothing of it is
tried. `parse` is pure; `Links` looks at what is on this computer, so links work offline.

::

    link   = "counterpart://" ( "sync" | kind "/" name ) [ "?vendor=" vendor ]
    kind   = a name of the manifest's entity types, its short form, or its first word where that is unmistakable
    name   = a record's number as people write it, or its gid
    vendor = the gateway's host (with a port that is not the usual one), or the id of an account
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes, urlsplit

from app.contract.ids import is_gid
from app.contract.manifest import EntityType, Manifest
from app.services.context import PortalContext
from app.services.prefs import GATEWAY, Prefs
from app.services.views_model import RecordView, Target
from app.services.words import Words
from app.session.accounts import Account
from app.store.query import Condition, json_field

SCHEME = "counterpart"
SYNC = "sync"

#: No link of ours is longer; a longer text is not looked at.
_LONGEST = 400
_LONGEST_NAME = 80
_LINK = re.compile(
    r"counterpart://(?P<kind>[a-z][a-z0-9_-]{0,39})(?:/(?P<name>[^/?#]{0,240}))?/?(?:\?vendor=(?P<vendor>[^&?#=]*))?",
    re.IGNORECASE | re.ASCII,
)
_WRITTEN = re.compile(r"(?:[A-Za-z0-9._~!$'()*+,;:@-]|%[0-9A-Fa-f]{2})+", re.ASCII)
_VENDOR = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?(?::[0-9]{1,5})?", re.ASCII)


@dataclass(frozen=True)
class Link:
    """What a link names. `kind` *sync* has no name; `vendor` is empty for the account that is open."""

    kind: str
    name: str = ""
    vendor: str = ""


@dataclass(frozen=True)
class Missing:
    """Nothing of that name is on this computer: what to say, and what to look for instead (empty: nothing)."""

    words: str
    search: str = ""


def parse(text: str) -> Link | None:
    """Return what a link names; None for everything that is not exactly a link of ours."""
    if len(text) > _LONGEST or not text.isprintable():
        return None
    found = _LINK.fullmatch(text)
    if found is None:
        return None
    kind, vendor = found["kind"].lower(), (found["vendor"] or "").lower()
    if found["vendor"] is not None and not _VENDOR.fullmatch(vendor):
        return None
    if kind == SYNC:
        return None if found["name"] else Link(SYNC, vendor=vendor)
    name = _name(found["name"] or "")
    return Link(kind, name, vendor) if name else None


def _name(written: str) -> str:
    """Decode a name, once. Empty for one that is not plain text, climbs somewhere, or was encoded twice."""
    if not _WRITTEN.fullmatch(written):
        return ""
    try:
        name = unquote_to_bytes(written).decode("utf-8")
    except UnicodeDecodeError:
        return ""
    plain = name.isprintable() and name == name.strip() and "%" not in name and "\\" not in name
    climbs = any(part in ("", ".", "..") for part in name.split("/"))
    return name if plain and not climbs and len(name) <= _LONGEST_NAME else ""


def host_of(gateway: str) -> str:
    """Return how a link names a gateway: its host, with a port that is not the usual one."""
    return urlsplit(gateway).netloc.lower()


def account_for(vendor: str, accounts: Sequence[Account], open_account: str) -> str:
    """Return the id of the account that a link's vendor means, the open one before others; empty when none is here."""
    if not vendor:
        return open_account or (accounts[0].id if accounts else "")
    fitting = [one.id for one in accounts if vendor in (one.id, host_of(one.gateway))]
    return open_account if open_account in fitting else next(iter(fitting), "")


def not_followed(link: Link | None, tr: Words) -> str:
    """What to say of a text that is no link (None), or of a link to a vendor who is not on this computer."""
    if link is None:
        return tr("This is not a link that Counterpart can open. Nothing was changed.")
    if not link.vendor:
        return tr("There is no account on this computer yet. Sign in first, then open the link again.")
    words = tr("This link is for {vendor}, and no account there is on this computer.")
    return words.format(vendor=link.vendor)


def short_name(manifest: Manifest, entity: EntityType) -> str:
    """Return how a link names an entity type: its own short form, its first word where no other has it, or its name."""
    if entity.link:
        return entity.link
    first = entity.name.split("_", 1)[0]
    others = [one for one in manifest.entities if one is not entity and _begins(one, first)]
    return entity.name if others else first


def _begins(entity: EntityType, word: str) -> bool:
    return entity.name == word or entity.name.startswith(f"{word}_") or entity.link == word


def _kind(manifest: Manifest, kind: str) -> EntityType | None:
    records = [entity for entity in manifest.entities if entity.kind == "record"]
    wanted = kind.replace("-", "_")
    exact = next((entity for entity in records if entity.name == wanted), None)
    return exact or next((entity for entity in records if short_name(manifest, entity) == kind), None)


class Links:
    """Links of one portal: made for a record, and followed."""

    def __init__(self, context: PortalContext) -> None:
        self._context = context

    def of(self, record: RecordView) -> str:
        """Return the link to a record, as others at the same vendor can use it; empty where there can be none."""
        manifest = self._context.manifest
        entity = manifest.entity(record.entity)
        if entity is None or entity.kind != "record":
            return ""
        gateway = host_of(str(Prefs(self._context.store).get(GATEWAY, "")))
        tail = f"?vendor={gateway}" if _VENDOR.fullmatch(gateway) else ""
        numbered = f"{SCHEME}://{short_name(manifest, entity)}/{quote(record.number, safe='')}{tail}"
        if record.number and parse(numbered) is not None:
            return numbered
        return f"{SCHEME}://{short_name(manifest, entity)}/{record.gid}{tail}"

    def follow(self, link: Link) -> Target | Missing:
        """Return where a link leads."""
        if link.kind == SYNC:
            return Target("sync_centre")
        tr = self._context.tr
        entity = _kind(self._context.manifest, link.kind)
        if entity is None:
            return Missing(tr("This link leads to something that is not shared with you."))
        gid = self._find(entity, link.name)
        if gid:
            return Target(entity.name, gid=gid)
        words = tr("No {what} “{name}” is on this computer.")
        words = words.format(what=tr.inside(entity.label), name=link.name)
        return Missing(words, "" if is_gid(link.name.lower()) else link.name)

    def _find(self, entity: EntityType, name: str) -> str:
        store = self._context.store
        if is_gid(name.lower()):
            shown = store.projection.get(name.lower())
            return shown.gid if shown is not None and shown.entity == entity.name else ""
        if not entity.number_field:
            return ""
        number = Condition(f"{json_field(entity.number_field)} = ? COLLATE NOCASE", (name,))
        # Where versions of one document share its code, the one that counts now comes first.
        found = store.projection.rows(store.projection.ids(entity.name, number)[:50])
        best = sorted(found, key=lambda shown: (shown.data.get("state") != "current", -shown.id))
        return best[0].gid if best else ""
