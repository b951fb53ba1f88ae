"""Grants: what one user may see now, read afresh inside each call's transaction, and remembered by version.

A version is written down the first time it is seen, so that a cursor can say under which grant a mirror was read and
the difference can be paged when the grant changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection, insert, select

from app.contract.canonical import canonical, content_hash
from app.contract.manifest import EntityType, Manifest, effective
from gateway.clock import Clock
from gateway.companies import companies_below
from gateway.crm.port import Ref
from gateway.database import Database
from gateway.feed import mirror as mirrored
from gateway.identity.session import Bearer
from gateway.identity.standing import Standing, standing_of
from gateway.problems import too_busy
from gateway.scope import Terms, reach_of, tags_of
from gateway.tables import grant_version, mirror

#: Users whose grants are kept in memory; a grant takes a few kilobytes.
_KEPT = 5_000


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
    def whole(self) -> frozenset[str]:
        """Entity types of which this role sees every field."""
        return frozenset(
            e.name for e in self.full.entities if self.fields.get(e.name) == frozenset(e.by_name)
        )

    @cached_property
    def quoted(self) -> dict[str, str]:
        """Names of entity types as JSON text."""
        return {name: json.dumps(name) for name in self.fields}

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
    terms: Terms


@dataclass(frozen=True)
class Grant:
    """What a user may see and do now. `companies`: for whom they act; `contacts`: by system, whom they stand for."""

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
    """Reads grants, and writes down versions that are new.

    A grant that was worked out is kept beside what it follows from. That is read again in each call, so nothing holds
    longer than it should; only the working out is spared.
    """

    def __init__(self, database: Database, views: Views, clock: Clock) -> None:
        self._database = database
        self.views = views
        self._clock = clock
        self._settled: dict[str, tuple[Standing, Grant]] = {}

    @contextmanager
    def reading(self, who: str | Bearer) -> Iterator[tuple[Connection, Grant]]:
        """Open a read transaction together with the grant that holds in it. Raises Problem 401.

        `who`: a user's id, or an access token that is checked in the same transaction.
        """
        for _ in range(5):
            with self._database.read() as connection:
                standing = standing_of(connection, who, self._clock.now())
                grant, written_down = self._grant(connection, standing)
                if written_down:
                    yield connection, grant
                    return
            self._write_down(standing.user)
        raise too_busy("What you may see is being changed right now.", 1.0)

    def current(self, user: str) -> Grant:
        """Return the grant that holds now, written down. Raises Problem 401."""
        with self.reading(user) as (_, grant):
            return grant

    def load(self, connection: Connection, user: str) -> Grant:
        """Work out a user's grant in a transaction. Raises Problem 401 when they have none any more."""
        return self._grant(connection, standing_of(connection, user, self._clock.now()))[0]

    def earlier(self, connection: Connection, user: str, version: int) -> EarlierGrant | None:
        """Return what a user was shown under a version."""
        row = connection.execute(
            select(grant_version).where(grant_version.c.user_id == user, grant_version.c.version == version)
        ).first()
        return None if row is None else EarlierGrant(frozenset(json.loads(row.tags)), json.loads(row.views))

    def _grant(self, connection: Connection, standing: Standing) -> tuple[Grant, bool]:
        """Return the grant that follows, and whether it is the one that was written down last."""
        known = self._settled.get(standing.user)
        if known and known[0] == standing:
            return known[1], True
        companies = _companies(connection, sorted(gid for gid, _, _ in standing.companies))
        terms = {item.gid: item.terms for item in companies}
        role = self.views.manifest.role(standing.role)
        below = companies_below(connection, terms) if reach_of(standing.role, role).below else ()
        grant = Grant(
            user=standing.user,
            name=standing.name,
            email=standing.email,
            role=standing.role,
            version=standing.version,
            tags=tags_of(standing.user, standing.role, terms, below, role),
            view=self.views.of(standing.role),
            companies=companies,
            contacts=dict(standing.contacts),
        )
        written_down = _written_down(connection, grant)
        if written_down:
            if len(self._settled) >= _KEPT:
                self._settled.clear()
            self._settled[standing.user] = standing, grant
        return grant, written_down

    def _write_down(self, user: str) -> None:
        with self._database.write() as connection:
            grant, written_down = self._grant(connection, standing_of(connection, user, self._clock.now()))
            if written_down:
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


def _written_down(connection: Connection, grant: Grant) -> bool:
    row = connection.execute(
        select(grant_version).where(
            grant_version.c.user_id == grant.user, grant_version.c.version == grant.version
        )
    ).first()
    if row is None:
        return False
    same_tags = frozenset(json.loads(row.tags)) == grant.tags
    return same_tags and row.manifest == grant.view.etag and row.role == grant.role


def _companies(connection: Connection, gids: Sequence[str]) -> tuple[Company, ...]:
    found = mirrored.by_gids(connection, gids) if gids else {}
    companies = []
    for gid in gids:
        record = found.get(gid)
        data = record.data if record and record.standing is mirrored.Standing.LIVE else {}
        terms = Terms(data.get("tier"), data.get("stage"))
        companies.append(Company(gid, str(data.get("name", "")), terms))
    return tuple(sorted(companies, key=lambda company: (company.name, company.gid)))


def company_names(database: Database) -> dict[str, str]:
    """Return the gids of all companies by name."""
    with database.read() as connection:
        rows = connection.execute(
            select(mirror.c.gid, mirror.c.data).where(
                mirror.c.entity == "company", mirror.c.status == mirrored.Standing.LIVE.value
            )
        )
        return {str(json.loads(row.data).get("name", row.gid)): row.gid for row in rows}
