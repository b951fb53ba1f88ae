"""What a user may see, worked out from the CRM's rows by the oracle's own rules, and what a device holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.contract.ids import source_gid
from gateway.crm.embedded.times import to_ms
from gateway.feed.cursor import Signer
from gateway.problems import Problem

if TYPE_CHECKING:
    from tests.simulation.device import Device
    from tests.simulation.world import World

#: Which rows of their companies a role sees; what somebody owns there they see in any role.
_SEES = {
    "admin": ("registration", "ticket"),
    "manager": ("registration", "ticket"),
    "read_only": ("registration", "ticket"),
    "support": ("ticket",),
}
_WORD = re.compile(r"w\d+x\d+|\b\d{5}\.\d\d\b")


@dataclass(frozen=True)
class Scope:
    """One user's companies (as the CRM's ids), role and own contact."""

    world: World
    companies: frozenset[int]
    role: str
    contact: int

    @classmethod
    def of(cls, world: World, device: Device) -> Scope:
        """Return the scope of a device's user as it is granted now."""
        user = world.gateway.identity.people.get(device.session.user)
        assert user is not None
        ids = {world.company(ref): int(ref.id) for ref in (world.crm.brightwater, world.crm.calder)}
        companies = frozenset(ids[gid] for gid in user.companies)
        return cls(world, companies, user.role, int(world.users[user.id]))

    def _rows(self, query: str) -> list[dict[str, Any]]:
        with self.world.crm.crm.database.read() as connection:
            return [dict(row) for row in connection.exec_driver_sql(query).mappings()]

    def _sees(self, obj: str, row: dict[str, Any]) -> bool:
        if row["archived"] or row["account_id"] not in self.companies:
            return False
        return obj in _SEES.get(self.role, ()) or row["owner_id"] == self.contact

    def visible(self, obj: str) -> dict[str, dict[str, Any]]:
        """Return the visible rows of an object by gid."""
        return {_gid(obj, row): row for row in self._rows(f"SELECT * FROM {obj}") if self._sees(obj, row)}

    def owners(self, obj: str) -> dict[str, str]:
        """Return the name of each visible row's owner, which is another row's."""
        names = {row["id"]: str(row["full_name"]) for row in self._rows("SELECT id, full_name FROM contact")}
        return {gid: names.get(row["owner_id"], "") for gid, row in self.visible(obj).items()}

    def visible_children(self, obj: str) -> dict[str, dict[str, Any]]:
        """Return the notes or attachments that are public and below a visible row."""
        parents = {
            (parent, row["id"])
            for parent in ("registration", "ticket")
            for row in self._rows(f"SELECT * FROM {parent}")
            if self._sees(parent, row)
        }
        return {
            _gid(obj, row): row
            for row in self._rows(f"SELECT * FROM {obj}")
            if not row["archived"]
            and not row["internal"]
            and (row["parent_obj"], row["parent_id"]) in parents
        }

    def secret_words(self) -> set[str]:
        """Return the words of rows that are there and not for this user, as far as no row that is says them too."""
        secret: set[str] = set()
        public: set[str] = set()
        hidden = set()
        for obj in ("registration", "ticket"):
            for row in self._rows(f"SELECT * FROM {obj}"):
                found = set(_WORD.findall(repr(row)))
                if self._sees(obj, row):
                    public |= found
                elif not row["archived"]:
                    secret |= found
                    hidden.add((obj, row["id"]))
        for row in self._rows("SELECT * FROM note"):
            found = set(_WORD.findall(repr(row)))
            if row["internal"] or (row["parent_obj"], row["parent_id"]) in hidden:
                secret |= found
            else:
                public |= found
        return secret - public


def _gid(obj: str, row: dict[str, Any]) -> str:
    return str(row["portal_ref"] or source_gid("embedded", obj, str(row["id"])))


def held(device: Device, entity: str) -> dict[str, dict[str, Any]]:
    """Return what a device takes for the server's truth, by gid."""
    rows = device.store.connection.rows(
        "SELECT gid, data FROM shadow WHERE entity = ?1 AND data IS NOT NULL UNION ALL"
        " SELECT gid, data FROM record WHERE entity = ?1 AND sync <> 'draft' AND gid NOT IN (SELECT gid FROM shadow)",
        (entity,),
    )
    return {gid: json.loads(data) for gid, data in rows}


def positions(world: World, device: Device) -> Iterable[str]:
    """Whatever the gateway has up to a device's position is there as it is, and nothing else of it."""
    token = device.store.cursors.read().cursor
    if token is None or not device.store.cursors.read().complete:
        return
    try:
        cursor = Signer(world._secret).read_cursor(device.session.user, token)
    except Problem:
        return
    gateway = world.gateway
    with gateway.ground.grants.reading(device.session.user) as (connection, grant):
        stamps = connection.exec_driver_sql(
            "SELECT stamp FROM commit_stamp WHERE position >= ? ORDER BY position LIMIT 1", (cursor.position,)
        ).scalar()
        lost = stamps != cursor.stamp or cursor.epoch != gateway.epoch
        if lost or cursor.towards or cursor.grants != (grant.version,):
            return  # another history or another grant: the next pull says so and starts from there
        live = connection.exec_driver_sql(
            "SELECT gid, version, tags, position FROM mirror WHERE status = 'live'"
        ).fetchall()
    visible = {
        gid: (version, at) for gid, version, tags, at in live if grant.sees(frozenset(json.loads(tags)))
    }
    mine = dict(
        device.store.connection.rows(
            "SELECT gid, version FROM shadow WHERE data IS NOT NULL UNION ALL SELECT gid, version FROM record"
            " WHERE sync <> 'draft' AND gid NOT IN (SELECT gid FROM shadow)"
        )
    )
    aside = {gid for (gid,) in device.store.connection.rows("SELECT gid FROM quarantine_row")}
    for gid, (version, at) in sorted(visible.items()):
        if at <= cursor.position and mine.get(gid) != version and gid not in aside:
            yield f"at position {cursor.position} it has {mine.get(gid)} of {gid}, which is {version} since {at}"


def unread(
    world: World, columns: Mapping[str, Mapping[str, str]], objects: Mapping[str, str]
) -> Iterable[str]:
    """What the gateway says it has read, and has not: rows changed before the instant up to which it claims so.

    `columns`: by entity type, field to column; `objects`: by entity type, the CRM's object.
    """
    with world.database.engine.connect() as connection:
        claim = connection.exec_driver_sql("SELECT read_at FROM source").scalar()
        rows = connection.exec_driver_sql("SELECT object, source_id, status, data FROM mirror").fetchall()
    if claim is None:
        return
    mirror = {(obj, source_id): (status, json.loads(data)) for obj, source_id, status, data in rows}
    for entity, obj in objects.items():
        for row in _changed_before(world, obj, datetime.fromisoformat(claim)):
            status, data = mirror.get((obj, str(row["id"])), ("unknown", {}))
            if status != "live":
                yield f"everything up to {claim} is said to be read, and {obj} {row['id']} is {status}"
                continue
            for field, column in columns[entity].items():
                if (data.get(field) or None) != (row[column] or None):
                    yield (
                        f"everything up to {claim} is said to be read, and {field} of {obj} {row['id']} is"
                        f" {data.get(field)!r}, the CRM has {row[column]!r}"
                    )


def _changed_before(world: World, obj: str, instant: datetime) -> list[dict[str, Any]]:
    with world.crm.crm.database.read() as connection:
        found = connection.exec_driver_sql(
            f"SELECT * FROM {obj} WHERE archived = 0 AND modified_ms < ?", (to_ms(instant),)
        )
        return [dict(row) for row in found.mappings()]
