"""A gateway's folder that holds many deal registrations: in the CRM, and in mirror and feed as ingest leaves them.

Rows are written in bulk, since bringing hundreds of thousands in one by one would take longer than everything that is
measured. A test holds what is written here to what ingest makes of the same rows.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.contract.canonical import canonical, content_hash
from benchmarks.harness import Scale
from benchmarks.records import ENTITY, Deals
from gateway.console.auth import StaffAuth
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.times import to_ms
from gateway.crm.embedded.unit import AUTOMATION
from gateway.crm.port import Ref
from gateway.feed.cursor import Cursor, Signer
from gateway.identity.people import Contact, NewUser
from gateway.mapping import EntityMap
from gateway.service import Service
from gateway.settings import Settings
from gateway.translate import own_gid

#: Every row of the CRM that `edit` and `plant` write is of this object.
OBJECT = "registration"
STAFF_LOGIN, STAFF_PASSWORD = "bench", "a password for measuring"
USER_EMAIL, USER_PASSWORD = "ada@bench.example", "a password for measuring"

_SYSTEM = "embedded"
_PEOPLE = ("Nia Osei", "Tom Avery", "Ines Duarte", "Jonas Weber", "Maya Patel", "Lars Holm", "Chloe Martin")
_DAY_MINUTES = 24 * 60
_TOLD = "planted.json"
#: Rows that ingest stores in one transaction, and so the distance of two commits' stamps.
_A_COMMIT = 100

_CRM_COLUMNS = (
    "id, rev, created_ms, modified_ms, archived, reg_no, account_id, owner_id, cust_name, domain, domain_key,"
    " country_iso, sector_code, ct_name, ct_mail, deal_name, kind_code, est_value, cur, product_codes, close_on,"
    " pain, pipe_code, next_action, stage_code, prot_to"
)
_MIRROR_COLUMNS = (
    "gid, entity, system, object, source_id, status, data, hash, content_hash, version, tags, position, fence,"
    " changed, modified_at, read_at, revision"
)


@dataclass(frozen=True)
class Planted:
    """A prepared folder. `token`: an access token of its administrator, who sees all `count` registrations.

    `user`, `company`: gids. `contacts`: the CRM's ids of the people who own registrations.
    """

    folder: Path
    count: int
    token: str
    user: str
    company: str
    account: int
    contacts: tuple[int, ...]

    def settings(self) -> Settings:
        """Return what its gateway is opened with: the default settings, and tokens that outlast any measurement."""
        return Settings(
            folder=self.folder, port=0, access_minutes=30 * _DAY_MINUTES, sweep_minutes=_DAY_MINUTES
        )

    def cursor(self, behind: int) -> str:
        """Return a cursor of the administrator from which `behind` changes follow."""
        with closing(_connect(self.folder / "gateway.sqlite3")) as connection:
            (epoch,) = connection.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
            (head,) = connection.execute("SELECT value FROM position").fetchone()
            stamps = "SELECT stamp FROM commit_stamp WHERE position >= ? ORDER BY position LIMIT 1"
            (stamp,) = connection.execute(stamps, (head - behind,)).fetchone()
            (version,) = connection.execute(
                "SELECT max(version) FROM grant_version WHERE user_id = ?", (self.user,)
            ).fetchone()
        signer = Signer((self.folder / "secret.key").read_bytes())
        return signer.write_cursor(self.user, Cursor(epoch, head - behind, stamp, (version,)))

    def tags(self) -> list[str]:
        """Return the tags the administrator holds."""
        with closing(_connect(self.folder / "gateway.sqlite3")) as connection:
            found = connection.execute("SELECT tags FROM grant_version WHERE user_id = ?", (self.user,))
            tags: list[str] = json.loads(found.fetchone()[0])
        return tags

    def ref(self, index: int) -> Ref:
        """Return the CRM's row of a registration."""
        return Ref(OBJECT, str(index + 1))

    def gid(self, index: int) -> str:
        """Return the gid of a registration."""
        return own_gid(_SYSTEM, self.ref(index))


def prepared(scale: Scale, count: int, *, crm: bool = True) -> Planted:
    """Return a folder with `count` registrations, made once a run; what writes takes a `copied` one.

    `crm`: whether the CRM holds them too, or only mirror and feed.
    """
    folder = scale.folder / f"gateway-{count}{'' if crm else '-feed'}"
    if not (folder / _TOLD).exists():
        plant(folder, count, crm=crm)
    return opened(folder)


def opened(folder: Path) -> Planted:
    """Return what a prepared folder says of itself."""
    told = json.loads((folder / _TOLD).read_text("utf-8"))
    return Planted(**{**told, "folder": folder, "contacts": tuple(told["contacts"])})


@contextmanager
def copied(scale: Scale, count: int, *, crm: bool = True) -> Iterator[Planted]:
    """Lend a copy of a prepared folder that may be written to; it is gone afterwards."""
    original = prepared(scale, count, crm=crm)
    used = scale.folder / f"{original.folder.name}-copy"
    shutil.rmtree(used, ignore_errors=True)
    shutil.copytree(original.folder, used)
    try:
        yield replace(original, folder=used)
    finally:
        shutil.rmtree(used, ignore_errors=True)


def plant(folder: Path, count: int, *, crm: bool = True) -> Planted:
    """Make a folder with `count` registrations of one company, its people, a member of staff and an administrator."""
    empty = Planted(folder, count, "", "", "", 0, ())
    service = Service.open(empty.settings())
    try:
        planted = _people(service, empty)
        texts = _Texts(service, planted)
    finally:
        service.close()
    if crm:
        with _bulk(folder / "crm.sqlite3") as connection:
            _fill_crm(connection, texts, range(count))
    with _bulk(folder / "gateway.sqlite3") as connection:
        _fill_gateway(connection, texts, count)
    told = {**asdict(planted), "folder": ""}
    (folder / _TOLD).write_text(json.dumps(told), "utf-8")
    return planted


def edit(planted: Planted, indices: Sequence[int], edition: int, *, crm: bool = True) -> None:
    """Change registrations as an edit in the CRM does that has been read since, `edition` ≥ 1 telling which.

    May be done while a gateway serves the folder, or beside one that was opened in this process.
    """
    service = Service.open(planted.settings())
    try:
        texts = _Texts(service, planted, edition)
    finally:
        service.close()
    if crm:
        with closing(_connect(planted.folder / "crm.sqlite3")) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            rev = "next_action = ?, modified_ms = ?, rev = rev + 1"
            rows = ((row[0], row[1], index + 1) for index in indices for row in (texts.edited(index),))
            connection.executemany(f"UPDATE registration SET {rev} WHERE id = ?", rows)  # noqa: S608
    with closing(_connect(planted.folder / "gateway.sqlite3")) as connection, connection:
        connection.execute("BEGIN IMMEDIATE")
        _edit_feed(connection, texts, indices)


# ---------------------------------------------------------------------------------------------------------- people
def _people(service: Service, empty: Planted) -> Planted:
    """Fill in a company, its people, staff and a signed-in administrator, in the gateway's own way."""
    account, contacts = _company(service.crm)
    service.gateway.backfill()
    identity = service.gateway.identity
    contact = Contact(_SYSTEM, Ref("contact", str(contacts[0])))
    company = own_gid(_SYSTEM, Ref("account", str(account)))
    user = identity.add_user(NewUser("Ada Bench", USER_EMAIL, "admin", (company,), USER_PASSWORD, (contact,)))
    sessions = identity.sessions
    session = sessions.session_for(user, "A computer for measuring")
    with service.gateway.ground.database.write() as connection:
        token = sessions.first_tokens(connection, session.id).access
    service.gateway.grant(session)
    return replace(empty, token=token, user=user, company=company, account=account, contacts=contacts)


def _company(crm: EmbeddedCrm) -> tuple[int, tuple[int, ...]]:
    with crm.writing() as unit:
        staff = unit.insert(
            "staff", {"login": STAFF_LOGIN, "full_name": "Ingrid Bench", "job_title": "Reviewer"}, AUTOMATION
        )
        account = unit.insert(
            "account",
            {"acct_name": "Bench Partners", "tier_code": "A", "town": "Bristol", "looked_after_id": staff},
            AUTOMATION,
        )
        contacts = tuple(
            unit.insert("contact", {"in_house": True, "full_name": name}, AUTOMATION) for name in _PEOPLE
        )
    StaffAuth(crm).set_password(staff, STAFF_PASSWORD)
    return account, contacts


# ------------------------------------------------------------------------------------------------------------ rows
class _Texts:
    """One registration as the CRM's row and as the mirror's."""

    def __init__(self, service: Service, planted: Planted, edition: int = 0) -> None:
        (self._map,) = next(iter(service.gateway.systems)).mapping.of_object(OBJECT)
        self._deals = Deals()
        self._planted = planted
        self._edition = edition
        self._contacts = dict(zip(_PEOPLE, planted.contacts, strict=True))
        self._owners = {
            name: own_gid(_SYSTEM, Ref("contact", str(number))) for name, number in self._contacts.items()
        }
        self._written = {name: _written(self._map, name) for name in ("industry", "sales_stage", "state")}
        self._products = _written(self._map, "products")
        self.read_at = _instant(datetime.now(UTC))

    def data(self, index: int) -> dict[str, Any]:
        """Return a registration's data as the mapping makes it from the CRM's row."""
        data = self._deals.data(index, self._edition)
        data["company"] = self._planted.company
        data["owner"] = self._owners[data["owner_name"]]
        for name in ("created_at", "updated_at"):
            data[name] = data[name].replace(".000Z", "Z")
        return data

    def crm_row(self, index: int) -> tuple[Any, ...]:
        """Return the CRM's row, in the order of its columns above."""
        data = self.data(index)
        return (
            index + 1,
            1,
            _ms(data["created_at"]),
            _ms(data["updated_at"]),
            0,
            data["number"],
            self._planted.account,
            self._contacts[data["owner_name"]],
            data["customer"],
            data["website"],
            data["website"],
            data["country"],
            self._written["industry"][data["industry"]],
            data["contact_name"],
            data["contact_email"],
            data["title"],
            "N",
            data["amount"],
            data["currency"],
            json.dumps([self._products[item] for item in data["products"]]),
            data["target_close"],
            data["problem"],
            self._written["sales_stage"][data["sales_stage"]],
            data["next_steps"],
            self._written["state"][data["state"]],
            data["protected_until"],
        )

    def edited(self, index: int) -> tuple[str, int]:
        """Return what an edit writes to the CRM's row: next steps, and when it was modified in milliseconds."""
        data = self.data(index)
        return data["next_steps"], _ms(data["updated_at"])

    def mirror_row(self, index: int, position: int) -> tuple[Any, ...]:
        """Return the mirror's row, in the order of its columns above."""
        data = self.data(index)
        text = canonical(data)
        updated = data.pop("updated_at")
        content = content_hash(f"[{canonical(data)},null,null]")
        company = self._planted.company
        tags = sorted((f"company:{company}:sales", f"company:{company}:owner:{data['owner']}"))
        changed = json.dumps(dict.fromkeys((*data, "updated_at"), (position, "")))
        return (
            self._planted.gid(index),
            ENTITY,
            _SYSTEM,
            OBJECT,
            str(index + 1),
            "live",
            text,
            content_hash(text),
            content,
            f"{position:x}-{content[:16]}",
            json.dumps(tags),
            position,
            position,
            changed,
            _instant(datetime.fromisoformat(updated)),
            self.read_at,
            "1",
        )


def _written(item: EntityMap, field: str) -> dict[str, str]:
    return {value: many[0] for value, many in item.fields[field].values.items()}


def _ms(moment: str) -> int:
    return to_ms(datetime.fromisoformat(moment))


def _instant(moment: datetime) -> str:
    """Write a time as the gateway's tables hold it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


# ------------------------------------------------------------------------------------------------------------ bulk
def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=60)


@contextmanager
def _bulk(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database nobody else has open for filling it: no journal, and its own indexes after the rows."""
    with closing(_connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=OFF").close()
        connection.execute("PRAGMA synchronous=OFF").close()
        connection.execute("PRAGMA cache_size=-400000").close()
        connection.execute("PRAGMA temp_store=MEMORY").close()
        listed = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        indexes = connection.execute(listed).fetchall()
        connection.execute("BEGIN")
        for name, _sql in indexes:
            connection.execute(f'DROP INDEX "{name}"')
        yield connection
        for _name, sql in indexes:
            connection.execute(sql)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode=WAL").close()


def _fill_crm(connection: sqlite3.Connection, texts: _Texts, indices: Iterable[int]) -> None:
    marks = ",".join("?" * (_CRM_COLUMNS.count(",") + 1))
    connection.executemany(
        f"INSERT INTO registration ({_CRM_COLUMNS}) VALUES ({marks})",  # noqa: S608  (our own names)
        (texts.crm_row(index) for index in indices),
    )


def _fill_gateway(connection: sqlite3.Connection, texts: _Texts, count: int) -> None:
    (head,) = connection.execute("SELECT value FROM position").fetchone()
    marks = ",".join("?" * (_MIRROR_COLUMNS.count(",") + 1))
    connection.executemany(
        f"INSERT INTO mirror ({_MIRROR_COLUMNS}) VALUES ({marks})",  # noqa: S608
        (texts.mirror_row(index, head + 1 + index) for index in range(count)),
    )
    connection.execute(
        "INSERT INTO feed (tag, gid, entity, position, present)"
        " SELECT tags.value, mirror.gid, entity, position, 1 FROM mirror, json_each(mirror.tags) AS tags"
        " WHERE mirror.object = ? ORDER BY 1, 2",
        (OBJECT,),
    )
    last = head + count
    ends = sorted({*range(head + _A_COMMIT, last, _A_COMMIT), last} - {head})
    connection.executemany("INSERT INTO commit_stamp VALUES (?, ?)", ((at, f"{at:024x}") for at in ends))
    connection.execute("UPDATE position SET value = ?", (last,))
    # Everything has been read and compared: the first step of ingest finds nothing to do.
    connection.execute("UPDATE ingest_cursor SET swept_at = ?", (texts.read_at,))
    newest = "SELECT max(modified_at) FROM mirror WHERE object = ?"
    connection.execute(
        f"UPDATE ingest_cursor SET high = ({newest}) WHERE object = ?",  # noqa: S608
        (OBJECT, OBJECT),
    )


def _edit_feed(connection: sqlite3.Connection, texts: _Texts, indices: Sequence[int]) -> None:
    (head,) = connection.execute("SELECT value FROM position").fetchone()
    columns = _MIRROR_COLUMNS.split(", ")
    at = {name: place for place, name in enumerate(column.strip() for column in columns)}
    changing = ("data", "hash", "content_hash", "version", "position", "fence", "modified_at", "read_at")
    rows = [texts.mirror_row(index, head + 1 + place) for place, index in enumerate(indices)]
    sets = ", ".join([*(f"{name} = ?" for name in changing), "revision = revision + 1"])
    connection.executemany(
        f"UPDATE mirror SET {sets} WHERE gid = ?",  # noqa: S608
        ((*(row[at[name]] for name in changing), row[at["gid"]]) for row in rows),
    )
    connection.executemany(
        "UPDATE feed SET position = ? WHERE gid = ?", ((row[at["position"]], row[at["gid"]]) for row in rows)
    )
    last = head + len(rows)
    connection.execute("INSERT INTO commit_stamp VALUES (?, ?)", (last, f"{last:024x}"))
    connection.execute("UPDATE position SET value = ?", (last,))
