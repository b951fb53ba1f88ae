"""The places of the navigation, read from the manifest: home, one for each entity type, sync centre, settings.

Usage: ``nav.set_places(upper_places(manifest))``; ``counts(…)`` says what stands at the right of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from app.contract.manifest import EntityType, Manifest
from app.services.format import Formats
from app.services.views_model import FirstSyncProgress, RecordView
from app.views.page import ACCOUNT, COLLEAGUES, CONFLICT, HOME, NEW, SETTINGS, SYNC_CENTRE, Place
from app.views.widgets.nav import NavItem

#: Letters after G for the places that no manifest describes.
HOME_KEY, SYNC_KEY, ACCOUNT_KEY = "H", "S", "Y"

#: More would push the foot of the navigation out of a small window.
_MOST_PINNED = 5
_PINNED = "pinned:"


@dataclass(frozen=True)
class Count:
    """What stands at the right of a place; `quiet` greys a place that the first sync has not reached."""

    text: str
    quiet: bool = False


def listed(manifest: Manifest) -> tuple[EntityType, ...]:
    """The entity types that have a place of their own, in the order of the navigation."""
    shown = (entity for entity in manifest.entities if entity.nav)
    return tuple(sorted(shown, key=lambda entity: entity.place or entity.rank))


def letters(manifest: Manifest) -> dict[str, str]:
    """The letter after G for each place of the navigation: its own, or else the first of its word that is free.

    A manifest may give one letter twice, or none; home, sync centre and company keep theirs. Some may go without.
    """
    taken = {HOME_KEY, SYNC_KEY, ACCOUNT_KEY}
    found: dict[str, str] = {}
    for own in (True, False):
        for entity in listed(manifest):
            wishes = entity.key.upper() if own else entity.place_name.upper()
            letter = next((one for one in wishes if "A" <= one <= "Z" and one not in taken), "")
            if letter and entity.name not in found:
                found[entity.name] = letter
                taken.add(letter)
    return found


def upper_places(manifest: Manifest) -> list[NavItem]:
    """Home and the lists."""
    home = NavItem(HOME, QCoreApplication.translate("Places", "Home"), "home")
    return [home, *(NavItem(entity.name, entity.place_name, entity.icon) for entity in listed(manifest))]


def lower_places(*, keeps_colleagues: bool, account: bool = False) -> list[NavItem]:
    """What stands at the foot."""
    colleagues = NavItem(COLLEAGUES, QCoreApplication.translate("Places", "Colleagues"), "users")
    own = NavItem(ACCOUNT, QCoreApplication.translate("Places", "Your company"), "building")
    return [
        *([own] if account else []),
        *([colleagues] if keeps_colleagues else []),
        NavItem(SYNC_CENTRE, QCoreApplication.translate("Places", "Sync centre"), "arrows-diff"),
        NavItem(SETTINGS, QCoreApplication.translate("Places", "Settings"), "settings"),
    ]


def pinned_places(records: Sequence[RecordView], manifest: Manifest) -> list[NavItem]:
    """The last few records that are pinned."""
    found = [(record, manifest.entity(record.entity)) for record in records]
    rows = [NavItem(f"{_PINNED}{record.gid}", record.title, kind.icon) for record, kind in found if kind]
    return rows[-_MOST_PINNED:]


def pinned_gid(key: str) -> str:
    """The record that a row of the navigation stands for; empty for a place."""
    return key.removeprefix(_PINNED) if key.startswith(_PINNED) else ""


def counts(
    open_ones: Mapping[str, int], outbox: int, progress: FirstSyncProgress | None, formats: Formats
) -> dict[str, Count]:
    """What stands at the right of each place. `progress` is given only while the first sync runs."""
    found = {name: Count(formats.number(count) if count else "") for name, count in open_ones.items()}
    if progress is not None:
        found.update({name: _arriving(done, total) for name, (done, total) in progress.by_entity.items()})
    found[SYNC_CENTRE] = Count(formats.number(outbox) if outbox else "")
    return found


def _arriving(done: int, total: int) -> Count:
    if done >= total:
        return Count(QCoreApplication.translate("Places", "Ready"))
    if not done:
        return Count(QCoreApplication.translate("Places", "Next"), quiet=True)
    return Count(f"{min(99, done * 100 // total)} %", quiet=True)


def nav_key(place: Place) -> str:
    """The row of the navigation that a place belongs to."""
    if place.page == NEW:
        return place.entity
    return SYNC_CENTRE if place.page == CONFLICT else place.page
