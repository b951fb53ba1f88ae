"""What HubSpot can do, in figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gateway.crm.hubspot.types import TYPE_IDS
from gateway.crm.port import Capabilities, Rate
from gateway.crm.webhook import HUBSPOT_V3

#: Calls an app may make in ten seconds and in a day: with Free and Starter; with Professional and Enterprise.
#: (developers.hubspot.com, "API usage guidelines and limits")
_LEAST = Rate(calls=100, seconds=10.0, daily=250_000)
_MORE = Rate(calls=190, seconds=10.0, daily=650_000)

#: Seconds after which the search shows a write. HubSpot says "a few moments"; half a minute has been seen by others.
INDEX_LAG = 30.0

#: Searches an account takes in a second, of all its apps together, are five. One is left to the others.
SEARCHES_A_SECOND = 4


def capabilities_of(
    rate: int | None, daily: int, index_lag: float, objects: Iterable[str], *, journal: bool = False
) -> Capabilities:
    """Return what the connector declares for a mapping's objects. `journal`: there is an app that may read it."""
    named = set(objects)
    webhook = replace(
        HUBSPOT_V3,
        # Subscriptions of the present kind (`object.creation`) name the object by its number alone.
        object_at="objectTypeId",
        objects={type_id: obj for type_id, obj in TYPE_IDS.items() if obj in named},
        further=(
            ("objectTypeId", "newObjectId"),
            ("fromObjectTypeId", "fromObjectId"),
            ("toObjectTypeId", "toObjectId"),
        ),
    )
    return Capabilities(
        conditional_writes=False,  # there is no If-Match: read, compare, write, read back
        history=True,
        webhooks=True,
        markers=True,
        clock_step=0.001,  # dates of modification are told in milliseconds
        page_size=100,  # records a batch takes; a search would bring 200
        writes_a_call=100,
        index_lag=index_lag,
        rate=None if rate is None else _rate(rate, daily),
        webhook=webhook,
        journal=journal,
        silent_links=True,  # links move no date of modification
    )


def _rate(calls: int, daily: int) -> Rate:
    """Return what an account takes that takes so many calls in ten seconds, and in a day; 0: it is not known."""
    known = _MORE if calls >= _MORE.calls else _LEAST
    return replace(known, calls=calls or known.calls, daily=daily or known.daily)
