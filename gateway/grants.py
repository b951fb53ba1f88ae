"""Grants: what one user may see now, read afresh inside each call's transaction, and remembered by version.

A version is written down the first time it is seen, so that a cursor can say under which grant a mirror was read and
the difference can be paged when the grant changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from app.contract.canonical import canonical, content_hash
from app.contract.manifest import EntityType, Manifest, effective
from gateway.clock import Clock
from gateway.crm.port import Ref
from gateway.database import Database
from gateway.feed import mirror as mirrored
from gateway.feed.mirror import Standing
from gateway.problems import sign_in_needed, too_busy
from gateway.scope import tags_of
from gateway.tables import account, account_company, account_contact, grant_version, mirror


@dataclass(frozen=True)
class View:
    """The manifest as it holds for one role, and which fields of a record the role sees."""

    manifest: Manifest
    full: Manifest

    @cached_property
    def text(self) -> str:
        """The manifest as it is served."""
        return self.manifest.model_dump_json()

    @cached_property
    def etag(self) -> str:
        """Hash of the served manifest."""
        return content_hash(self.text)

    @cached_property
    def fields(self) -> dict[str, frozenset[str]]:
        """Visible fields by entity type."""
        return {entity.name: frozenset(entity.by_name) for entity in self.manifest.entities}

    @cached_property
    def hashes(self) -> dict[str, str]:
        """Hash of the visible fields by entity type."""
        return {name: content_hash(canonical(sorted(fields))) for name, fields in self.fields.items()}

    @cached_property
    def cut(self) -> frozenset[str]:
        """Entity types of which this role does not see every field."""
        return frozenset(e.name for e in self.full.entities if self.fields[e.name] != frozenset(e.by_name))

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Entity types in the order they are sent: what others refer to comes first."""
        return tuple(e.name for e in sorted(self.manifest.entities, key=lambda e: (e.rank, e.name)))

    def entity(self, name: str) -> EntityType | None:
        """Return an entity type as this role sees it."""
        return self.manifest.entity(name)


class Views:
    """The views of one manifest by role; each is worked out once."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self._by_role: dict[str, View] = {}

    def of(self, role: str) -> View:
        """Return the view of a role."""
        if role not in self._by_role:
            self._by_role[role] = View(effective(self.manifest, role), self.manifest)
        return self._by_role[role]


@dataclass(frozen=True)
class Company:
    """A partner company as far as scope needs it."""

    gid: str
    name: str
    tier: str | None


@dataclass(frozen=True)
class Grant:
    """What a user may see and do now. `contacts`: by system, whom they stand for there."""

    user: str
    name: str
    email: str
    role: str
    version: int
    tags: frozenset[str]
    view: View
    companies: tuple[Company, ...]
    contacts: Mapping[str, Ref]

    @property
    def label(self) -> str:
        """Opaque text that changes whenever the grant does."""
        return f"{self.version}-{self.view.etag[:12]}"

    def sees(self, tags: frozenset[str]) -> bool:
        """Tell whether a record with these tags is visible."""
        return not self.tags.isdisjoint(tags)


@dataclass(frozen=True)
class EarlierGrant:
    """What a user was shown under an earlier version."""

    tags: frozenset[str]
    views: Mapping[str, str]


class Grants:
    """Reads grants, and writes down versions that are new."""

    def __init__(self, database: Database, views: Views, clock: Clock) -> None:
        self._database = database
        self.views = views
        self._clock = clock

    @contextmanager
    def reading(self, user: str) -> Iterator[tuple[Connection, Grant]]:
        """Open a read transaction together with the grant that holds in it. Raises Problem 401."""
        for _ in range(5):
            with self._database.read() as connection:
                grant = self.load(connection, user)
                if self._written_down(connection, grant):
                    yield connection, grant
                    return
            self._write_down(user)
        raise too_busy("What you may see is being changed right now.", 1.0)

    def current(self, user: str) -> Grant:
        """Return the grant that holds now, written down. Raises Problem 401."""
        with self.reading(user) as (_, grant):
            return grant

    def load(self, connection: Connection, user: str) -> Grant:
        """Work out a user's grant in a transaction. Raises Problem 401 when they have none any more."""
        row = connection.execute(select(account).where(account.c.id == user, account.c.active)).first()
        if row is None:
            raise sign_in_needed("This account is not active any more.")
        companies, latest = _companies(connection, user), _latest(connection, user)
        contacts = connection.execute(select(account_contact).where(account_contact.c.user_id == user))
        return Grant(
            user=user,
            name=row.name,
            email=row.email,
            role=row.role,
            version=latest.version if latest else 0,
            tags=tags_of(user, row.role, {company.gid: company.tier for company in companies}),
            view=self.views.of(row.role),
            companies=companies,
            contacts={c.system: Ref(c.object, c.source_id) for c in contacts},
        )

    def earlier(self, connection: Connection, user: str, version: int) -> EarlierGrant | None:
        """Return what a user was shown under a version."""
        row = connection.execute(
            select(grant_version).where(grant_version.c.user_id == user, grant_version.c.version == version)
        ).first()
        return None if row is None else EarlierGrant(frozenset(json.loads(row.tags)), json.loads(row.views))

    def _written_down(self, connection: Connection, grant: Grant) -> bool:
        row = _latest(connection, grant.user)
        if row is None:
            return False
        same_tags = frozenset(json.loads(row.tags)) == grant.tags
        return same_tags and row.manifest == grant.view.etag and row.role == grant.role

    def _write_down(self, user: str) -> None:
        with self._database.write() as connection:
            grant = self.load(connection, user)
            if self._written_down(connection, grant):
                return
            connection.execute(
                insert(grant_version).values(
                    user_id=user,
                    version=grant.version + 1,
                    role=grant.role,
                    tags=json.dumps(sorted(grant.tags)),
                    manifest=grant.view.etag,
                    views=json.dumps(grant.view.hashes),
                    made_at=self._clock.now(),
                )
            )


def _latest(connection: Connection, user: str) -> Row[*tuple[Any, ...]] | None:
    return connection.execute(
        select(grant_version)
        .where(grant_version.c.user_id == user)
        .order_by(grant_version.c.version.desc())
        .limit(1)
    ).first()


def _companies(connection: Connection, user: str) -> tuple[Company, ...]:
    rows = connection.execute(
        select(account_company.c.company)
        .where(account_company.c.user_id == user)
        .order_by(account_company.c.company)
    )
    gids = [row.company for row in rows]
    found = mirrored.by_gids(connection, gids)
    companies = []
    for gid in gids:
        record = found.get(gid)
        data = record.data if record and record.standing is Standing.LIVE else {}
        companies.append(Company(gid, str(data.get("name", "")), data.get("tier")))
    return tuple(sorted(companies, key=lambda company: (company.name, company.gid)))


def company_names(database: Database) -> dict[str, str]:
    """Return the gids of all companies by name."""
    with database.read() as connection:
        rows = connection.execute(
            select(mirror.c.gid, mirror.c.data).where(
                mirror.c.entity == "company", mirror.c.status == Standing.LIVE.value
            )
        )
        return {str(json.loads(row.data).get("name", row.gid)): row.gid for row in rows}
