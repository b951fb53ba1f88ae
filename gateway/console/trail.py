"""The audit log as the console reads it, and what it writes there: deeds of staff, and what they were refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, or_, select

from gateway.audit_walk import Trusted
from gateway.audit_walk import verify as walk
from gateway.console.office import AuditLine, AuditWanted, StaffDeed, Verdict
from gateway.console.pages import moment_words
from gateway.core import Gateway
from gateway.feed import mirror as mirrored
from gateway.tables import account, audit, device


class GatewayTrail:
    """The gateway's own audit log."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._database = gateway.ground.database

    def page(self, wanted: AuditWanted, most: int) -> Sequence[AuditLine]:
        """Return entries, the newest first, with users, devices and companies by name."""
        query = select(audit).order_by(audit.c.seq.desc()).limit(most)
        if wanted.before:
            query = query.where(audit.c.seq < wanted.before)
        if wanted.event:
            query = query.where(audit.c.event == wanted.event)
        if wanted.since:
            query = query.where(audit.c.at >= wanted.since)
        if wanted.until:
            query = query.where(audit.c.at < wanted.until)
        if wanted.company:
            # Companies are a JSON list of gids, which hold no quotes themselves.
            query = query.where(audit.c.companies.contains(f'"{wanted.company}"', autoescape=True))
        with self._database.read() as connection:
            if wanted.actor:
                query = query.where(or_(*self._acted(connection, wanted.actor)))
            rows = connection.execute(query).all()
            return _told(connection, rows)

    def _acted(self, connection: Connection, words: str) -> list[Any]:
        """By id, by the login of a member of staff, or by a user's name or address."""
        text = words.lower()
        named = select(account.c.id).where(
            or_(
                account.c.name.icontains(text, autoescape=True),
                account.c.email.icontains(text, autoescape=True),
            )
        )
        ids = connection.execute(named.limit(200)).scalars().all()
        staff = text if text.startswith("staff:") else f"staff:{text}"
        return [audit.c.actor.in_([words, staff, *ids])]

    def events(self) -> Sequence[str]:
        """Return the kinds of event there are."""
        with self._database.read() as connection:
            return (
                connection.execute(select(audit.c.event).distinct().order_by(audit.c.event)).scalars().all()
            )

    def verify(self) -> Verdict:
        """Walk the chain from its beginning."""
        with self._database.read() as connection:
            found = walk(connection, Trusted(self._gateway.audit.seal))
        if found.broken is not None or found.last_at is None:
            return Verdict(found.broken is None, found.words())
        entries = "1 entry" if found.entries == 1 else f"{found.entries} entries"
        return Verdict(True, f"{entries}, chain whole. The last is of {moment_words(found.last_at)} UTC.")

    def note(self, deed: StaffDeed) -> None:
        """Note what a member of staff did in the console, or was refused there."""
        event = "console_refused" if deed.refused else "console_deed"
        with self._database.write() as connection:
            self._gateway.audit.note_staff(
                connection, deed.login, event, entity=deed.area, subject=deed.subject, deed=deed.deed
            )


def _told(connection: Connection, rows: Sequence[Any]) -> list[AuditLine]:
    users = {row.actor for row in rows}
    about = {row.subject for row in rows if row.entity == "account"}
    known = select(account.c.id, account.c.name).where(account.c.id.in_(users | about))
    names: dict[str, str] = {row.id: row.name for row in connection.execute(known)}
    found = select(device.c.user_id, device.c.id, device.c.name).where(device.c.user_id.in_(users))
    devices = {(row.user_id, row.id): row.name for row in connection.execute(found)}
    gids = {gid for row in rows for gid in _list(row.companies)}
    companies = {
        gid: str(one.data.get("name", gid)) for gid, one in mirrored.by_gids(connection, gids).items()
    }
    return [
        AuditLine(
            seq=row.seq,
            at=row.at,
            event=row.event,
            actor=names.get(row.actor, row.actor.removeprefix("staff:")),
            device=devices.get((row.actor, row.device), row.device),
            companies=tuple(companies.get(gid, gid) for gid in _list(row.companies)),
            subject=" ".join(part for part in (row.entity, _subject(row, names)) if part),
            facts=_facts(row.facts),
        )
        for row in rows
    ]


def _subject(row: Any, names: Mapping[str, str]) -> str:
    return names.get(row.subject, row.subject) if row.entity == "account" else str(row.subject or "")


def _facts(text: str) -> Mapping[str, Any]:
    found = _loaded(text)
    return found if isinstance(found, dict) else {"": found}


def _list(text: str) -> list[str]:
    found = _loaded(text)
    return [str(item) for item in found] if isinstance(found, list) else []


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:  # somebody has been at it: verifying says so, the rest can still be read
        return text
