"""Who calls and what their grant is worked out from, in one statement.

What this returns is compared with what it returned the last time: as long as it is the same, so is the grant. It is
read inside the transaction of each call, so a change by any process holds from the next call on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy.sql import FromClause

from gateway.callers import saw
from gateway.crm.port import Ref
from gateway.identity.session import Bearer, hashed
from gateway.identity.wipes import refusal
from gateway.problems import sign_in_needed
from gateway.scope import BELOW
from gateway.tables import (
    access_token,
    account,
    account_company,
    account_contact,
    device,
    feed,
    grant_version,
    mirror,
    session,
)


@dataclass(frozen=True)
class Standing:
    """What a user's grant follows from.

    `version`: the latest that was written down, 0 for none. `companies`: gid with the version and status of its record,
    which change with its content. `contacts`: whom they stand for, by system. `structure`: the position of the last
    change of a company that belongs, or belonged, to another one.
    """

    user: str
    name: str
    email: str
    role: str
    version: int
    companies: frozenset[tuple[str, str | None, str | None]]
    contacts: frozenset[tuple[str, Ref]]
    structure: int


def standing_of(connection: Connection, who: str | Bearer, now: datetime) -> Standing:
    """Return how a user stands, by their id or by an access token that still holds. Raises Problem 401."""
    if isinstance(who, Bearer):
        rows = connection.execute(_BY_TOKEN, {"hash": hashed(who.token)}).all()
        if not rows or rows[0].ended_at is not None or rows[0].expires_at <= now:
            raise refusal(connection, hashed(who.token))
    else:
        rows = connection.execute(_BY_USER, {"user": who}).all()
        if not rows:
            raise sign_in_needed("This account is not active any more.")
    first = rows[0]
    saw(
        first.id,
        first.device if isinstance(who, Bearer) else "",
        {row.company for row in rows if row.company},
    )
    return Standing(
        user=first.id,
        name=first.name,
        email=first.email,
        role=first.role,
        version=first.version or 0,
        companies=frozenset((r.company, r.company_version, r.status) for r in rows if r.company),
        contacts=frozenset((r.system, Ref(r.object, r.source_id)) for r in rows if r.system),
        structure=first.structure or 0,
    )


def _standing(start: FromClause, *more: Any) -> Select[Any]:
    """A row for each company and contact of an active account; a user without any has one row."""
    written_down = (
        select(func.max(grant_version.c.version))
        .where(grant_version.c.user_id == account.c.id)
        .scalar_subquery()
        .label("version")
    )
    structure = select(func.max(feed.c.position)).where(feed.c.tag == BELOW).scalar_subquery()
    held = (
        start.outerjoin(account_company, account_company.c.user_id == account.c.id)
        .outerjoin(mirror, mirror.c.gid == account_company.c.company)
        .outerjoin(account_contact, account_contact.c.user_id == account.c.id)
    )
    columns = (
        account.c.id,
        account.c.name,
        account.c.email,
        account.c.role,
        written_down,
        account_company.c.company,
        mirror.c.version.label("company_version"),
        mirror.c.status,
        account_contact.c.system,
        account_contact.c.object,
        account_contact.c.source_id,
        structure.label("structure"),
    )
    return select(*columns, *more).select_from(held).where(account.c.active)


_BY_USER = _standing(account).where(account.c.id == bindparam("user"))
_BY_TOKEN = _standing(
    access_token.join(session, session.c.id == access_token.c.session)
    .join(device, (device.c.id == session.c.device) & (device.c.user_id == session.c.user_id))
    .join(account, account.c.id == session.c.user_id),
    session.c.ended_at,
    access_token.c.expires_at,
    session.c.device,
).where(access_token.c.hash == bindparam("hash"))
