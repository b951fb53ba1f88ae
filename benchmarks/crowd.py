"""A gateway on PostgreSQL with many partner companies, each with as many registrations, and one signed-in person each.

Companies and people come in as in life, through the CRM and ingest; registrations are written in bulk (COPY), as ingest
leaves them, with the indexes made afterwards. A partner's rows lie scattered among those of all others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from pydantic import SecretStr
from sqlalchemy import insert

from app.contract.canonical import canonical, content_hash
from benchmarks.harness import timed
from benchmarks.records import ENTITY, Deals
from gateway.crm.embedded.unit import AUTOMATION
from gateway.crm.port import Ref
from gateway.feed.cursor import Cursor, Signer
from gateway.identity.session import Session, hashed
from gateway.service import Service
from gateway.settings import Settings
from gateway.tables import access_token, account, account_company, account_contact, device, session
from gateway.translate import own_gid
from tests.postgres import server

_SYSTEM, _OBJECT = "embedded", "registration"
_DAY_MINUTES = 24 * 60
#: Different texts; the rest differ from them by company, number and owner.
_TEXTS = 500
#: Rows that ingest stores in one transaction, and so the distance of two commits' stamps.
_A_COMMIT = 100
_COMPANY, _NUMBER = "@@company@@", "@@number@@"
_PEOPLE = ("Nia Osei", "Tom Avery", "Ines Duarte")

_MIRROR = (
    "gid, entity, system, object, source_id, status, data, hash, content_hash, version, tags, position, fence,"
    " changed, modified_at, read_at, revision"
)


@dataclass(frozen=True)
class Partner:
    """A company with its one person, who is an administrator there."""

    company: str
    user: str
    contact: str

    @property
    def token(self) -> str:
        """Their access token."""
        return f"scale-{self.user}"

    @property
    def session(self) -> Session:
        """Their session."""
        return Session(self.user, self.user, "computer", "A computer for measuring")


@dataclass(frozen=True)
class Crowd:
    """A prepared gateway. `head`: the last position; `filled`, `indexed`: seconds; `size`: bytes of the database."""

    folder: Path
    address: str
    partners: tuple[Partner, ...]
    records: int
    head: int
    filled: float
    indexed: float
    size: int

    def settings(self) -> Settings:
        """Return what its gateway is opened with: tokens outlast any measurement, sweeps have no turn."""
        return _settings(self.folder, self.address)

    def environment(self) -> dict[str, str]:
        """Return the same for a process."""
        given = self.settings()
        told = {
            "folder": str(given.folder),
            "database": self.address,
            "crm_url": given.crm_url,
            "access_minutes": str(given.access_minutes),
            "sweep_minutes": str(given.sweep_minutes),
            "log_level": "WARNING",
        }
        return {f"COUNTERPART_GATEWAY_{name.upper()}": value for name, value in told.items()}

    def cursor(self, partner: Partner, behind: int, version: int) -> str:
        """Return a partner's cursor from which all changes of the last `behind` positions follow."""
        with psycopg.connect(self.address) as connection:
            epoch = _one(connection, "SELECT value FROM meta WHERE name = 'epoch'")
            stamps = "SELECT stamp FROM commit_stamp WHERE position >= %s ORDER BY position LIMIT 1"
            stamp = _one(connection, stamps, self.head - behind)
        signer = Signer((self.folder / "secret.key").read_bytes())
        return signer.write_cursor(partner.user, Cursor(epoch, self.head - behind, stamp, (version,)))


@contextmanager
def crowd(folder: Path, partners: int, each: int, late: int) -> Iterator[Crowd]:
    """Lend a gateway of `partners` companies with `each` registrations; its database is gone afterwards.

    The last `late` positions are those of the first partner's registrations, all of them, among others of other
    partners.
    """
    running = server()
    name = running.create()
    address = running.address(name)
    try:
        people = _people(_settings(folder, address), partners)
        yield _filled(folder, address, people, each, late)
    finally:
        running.drop(name)


def _settings(folder: Path, address: str) -> Settings:
    return Settings(
        folder=folder,
        database=SecretStr(address),
        crm_url=f"sqlite:///{folder / 'crm.sqlite3'}",
        port=0,
        access_minutes=30 * _DAY_MINUTES,
        sweep_minutes=_DAY_MINUTES,
    )


# ---------------------------------------------------------------------------------------------------------- people
def _people(settings: Settings, count: int) -> tuple[Partner, ...]:
    service = Service.open(settings)
    try:
        with service.crm.writing() as unit:
            rows = [
                (
                    company := unit.insert(
                        "account", {"acct_name": f"Partner {number:05d}", "tier_code": "A"}, AUTOMATION
                    ),
                    unit.insert(
                        "contact", {"account_id": company, "full_name": f"Ada {number:05d}"}, AUTOMATION
                    ),
                )
                for number in range(count)
            ]
        service.gateway.backfill()
        people = tuple(
            Partner(
                own_gid(_SYSTEM, Ref("account", str(company))),
                own_gid(_SYSTEM, Ref("contact", str(contact))),
                str(contact),
            )
            for company, contact in rows
        )
        _sign_in(service, people)
    finally:
        service.close()
    return people


def _sign_in(service: Service, people: tuple[Partner, ...]) -> None:
    """Write accounts and sessions in bulk: hashing a password for each would take longer than everything else."""
    now = service.gateway.ground.clock.now()
    users: dict[Any, list[dict[str, Any]]] = {
        account: [
            {
                "id": one.user,
                "email": f"{one.user}@scale.example",
                "name": "Ada Scale",
                "role": "admin",
                "password": "",
                "active": True,
                "failures": 0,
                "created_at": now,
            }
            for one in people
        ],
        account_company: [{"user_id": one.user, "company": one.company} for one in people],
        account_contact: [
            {"user_id": one.user, "system": _SYSTEM, "object": "contact", "source_id": one.contact}
            for one in people
        ],
        device: [
            {"user_id": one.user, "id": "computer", "name": "A computer for measuring", "created_at": now}
            for one in people
        ],
        session: [
            {"id": one.user, "user_id": one.user, "device": "computer", "created_at": now} for one in people
        ],
        access_token: [
            {"hash": hashed(one.token), "session": one.user, "expires_at": now + timedelta(days=30)}
            for one in people
        ],
    }
    with service.gateway.ground.database.write() as connection:
        for table, rows in users.items():
            connection.execute(insert(table), rows)


# ------------------------------------------------------------------------------------------------------------ rows
def _filled(folder: Path, address: str, people: tuple[Partner, ...], each: int, late: int) -> Crowd:
    count = len(people) * each
    with psycopg.connect(address, autocommit=True) as connection:
        start = int(_one(connection, "SELECT value FROM position"))
        positions = _positions(len(people), count, late)
        indexes = _without_indexes(connection)
        filled = timed(lambda: _copied(connection, people, positions, start))
        indexed = timed(lambda: [connection.execute(made.encode()) for made in indexes])
        head = start + count
        _told(connection, start, head)
        connection.execute("VACUUM ANALYZE")
        size = int(_one(connection, "SELECT pg_database_size(current_database())"))
    return Crowd(folder, address, people, count, head, filled, indexed, size)


def _positions(partners: int, count: int, late: int) -> list[int]:
    """Return each registration's place in the feed, from 1: registration n is of partner n modulo their number.

    The first partner's come last, evenly among others.
    """
    mine = range(0, count, partners)
    every = max(1, late // len(mine))
    others = [number for number in range(count) if number % partners]
    tail = others[len(others) - (late - len(mine)) :] if late > len(mine) else []
    order = others[: len(others) - len(tail)]
    places = iter(tail)
    for number in mine:
        order += [number, *(next(places, -1) for _ in range(every - 1))]
    order = [number for number in [*order, *places] if number >= 0]
    found = [0] * count
    for place, number in enumerate(order, 1):
        found[number] = place
    return found


def _copied(
    connection: psycopg.Connection[Any], people: tuple[Partner, ...], positions: list[int], start: int
) -> None:
    texts, read_at = [_text(index) for index in range(_TEXTS)], _instant(datetime.now(UTC))
    count = len(positions)
    with connection.cursor() as cursor, cursor.copy(f"COPY mirror ({_MIRROR}) FROM STDIN".encode()) as copy:
        for number in range(count):
            partner = people[number % len(people)]
            copy.write_row(_mirror_row(partner, number, start + positions[number], texts, read_at))
    feed = b"COPY feed (tag, gid, entity, position, present) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(feed) as copy:
        for number in range(count):
            partner, gid = people[number % len(people)], own_gid(_SYSTEM, Ref(_OBJECT, str(number + 1)))
            for tag in _tags(partner):
                copy.write_row((tag, gid, ENTITY, start + positions[number], 1))


def _tags(partner: Partner) -> tuple[str, str]:
    return f"company:{partner.company}:owner:{partner.user}", f"company:{partner.company}:sales"


def _text(index: int) -> tuple[str, str]:
    """Return a registration's data with gaps for company and number, and its history the same way."""
    data = Deals().data(index)
    data |= {"company": _COMPANY, "number": _NUMBER}
    return canonical(data), json.dumps(dict.fromkeys(data, (0, "")))


def _mirror_row(
    partner: Partner, number: int, position: int, texts: list[tuple[str, str]], read_at: str
) -> tuple[Any, ...]:
    text, changed = texts[number % _TEXTS]
    text = text.replace(_COMPANY, partner.company).replace(_NUMBER, f"REG-{number:07d}")
    digest = content_hash(text)
    return (
        own_gid(_SYSTEM, Ref(_OBJECT, str(number + 1))),
        ENTITY,
        _SYSTEM,
        _OBJECT,
        str(number + 1),
        "live",
        text,
        digest,
        digest,
        f"{position:x}-{digest[:16]}",
        json.dumps(_tags(partner)),
        position,
        position,
        changed,
        read_at,
        read_at,
        "1",
    )


def _without_indexes(connection: psycopg.Connection[Any]) -> list[str]:
    """Take the indexes of mirror and feed away; returns the statements that make them again."""
    made: list[str] = []
    keys = (
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype IN ('p', 'u')"
    )
    rest = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND schemaname = current_schema()"
    for table in ("mirror", "feed"):
        for name, definition in connection.execute(keys.encode(), (table,)).fetchall():
            connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'.encode())
            made.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        for name, definition in connection.execute(rest.encode(), (table,)).fetchall():
            connection.execute(f'DROP INDEX "{name}"'.encode())
            made.append(definition)
    return made


def _told(connection: psycopg.Connection[Any], start: int, head: int) -> None:
    """Write down what ingest would have: commits with their stamps, the counter, and that everything is read."""
    connection.execute(
        "INSERT INTO commit_stamp (position, stamp)"
        " SELECT at, lpad(to_hex(at), 24, '0') FROM generate_series(%s::bigint, %s::bigint, %s) AS at",
        (start + _A_COMMIT, head - 1, _A_COMMIT),
    )
    connection.execute(
        "INSERT INTO commit_stamp VALUES (%s, lpad(to_hex(%s::bigint), 24, '0'))", (head, head)
    )
    connection.execute("UPDATE position SET value = %s", (head,))
    connection.execute("UPDATE ingest_cursor SET swept_at = passed_at")


def _one(connection: psycopg.Connection[Any], statement: str, *values: object) -> Any:
    row = connection.execute(statement.encode(), values or None).fetchone()
    assert row is not None
    return row[0]


def _instant(moment: datetime) -> str:
    """Write a time as the gateway's tables hold it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"
