"""Which companies belong to which, read from the tags their records carry."""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from sqlalchemy import Connection, bindparam, select

from gateway.feed.writer import PRESENT
from gateway.scope import below_tag
from gateway.tables import feed

log = structlog.get_logger(__name__)

#: Steps that are followed down. Distributor, reseller, branch are three.
DEEPEST = 8

#: Companies that are followed below one user's. Each brings a handful of tags, and every page looks under all of them.
MOST = 1000

_UNDER = (
    select(feed.c.gid)
    .distinct()
    .where(feed.c.tag.in_(bindparam("tags", expanding=True)), feed.c.entity == "company")
    .where(feed.c.present == PRESENT)
    .order_by(feed.c.gid)
)


def companies_below(connection: Connection, companies: Iterable[str]) -> tuple[str, ...]:
    """Return the companies below these, the nearest first, without these themselves.

    A ring of companies that belong to one another ends where it began. What is deeper than `DEEPEST`, or more than
    `MOST`, is left out: the gid decides, so that the same ones are seen each time.
    """
    known = {*companies}
    found: list[str] = []
    level = sorted(known)
    for _ in range(DEEPEST):
        if not level:
            break
        under = connection.execute(_UNDER, {"tags": [below_tag(company) for company in level]}).scalars()
        level = [gid for gid in under if gid not in known]
        known.update(level)
        found += level
    if level or len(found) > MOST:
        log.warning("companies left out", below=len(found), deepest=DEEPEST, most=MOST)
    return tuple(found[:MOST])
