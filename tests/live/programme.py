"""The sample partner programme in the contract's words, read once out of an embedded CRM that is not kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.resources import files
from typing import Any

from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.port import Ref, SourceRow
from gateway.identity.people import NewUser
from gateway.mapping import SystemMapping
from gateway.sample.build import build_sample
from gateway.translate import to_record

Record = dict[str, Any]
_MANY = 100_000


@dataclass(frozen=True)
class Programme:
    """Records by entity type, each with its `@id`; references name `object/id`. `bodies`: file bytes by SHA-256.

    `people`: who may sign in to the portal, with their contact's row under `@contact` and companies under `@companies`.
    """

    records: dict[str, list[Record]]
    bodies: dict[str, bytes]
    people: list[Record]
    staff: list[str]

    @cached_property
    def companies(self) -> list[Record]:
        """The partner companies."""
        return self.records["company"]


class _Users:
    """Notes who is added, instead of a gateway."""

    def __init__(self) -> None:
        self.users: list[NewUser] = []

    def add_user(self, new: NewUser) -> str:
        """Note them."""
        self.users.append(new)
        return str(len(self.users))


def sample_programme() -> Programme:
    """Make the programme as of today."""
    mapping = SystemMapping.load((files("gateway.crm.embedded") / "mapping.toml").read_text("utf-8"))
    now = datetime.now(UTC)
    with closing(EmbeddedCrm.open("sqlite://", lambda: now, "Halden Systems")) as crm:
        users = _Users()
        accounts = build_sample(crm, users, now.date(), 1)
        records: dict[str, list[Record]] = {}
        for obj in mapping.objects():
            for row in _rows(crm, obj):
                item = mapping.of_row(obj, row.fields)
                if item is None:
                    continue
                record = to_record(crm.system, item, row, lambda _, ref: f"{ref.obj}/{ref.id}")
                told: Record = dict(record.data) | {"@id": f"{obj}/{row.ref.id}", "@tags": record.tags}
                told["@person"] = row.fields.get("owner_id") or row.fields.get("author_id")
                records.setdefault(item.entity, []).append(told)
        bodies: dict[str, bytes] = {}
        for entity, obj in (("file", "attachment"), ("document", "document")):
            for one in records[entity]:
                if one["sha256"] not in bodies:
                    key = one["@id"].partition("/")[2]
                    bodies[one["sha256"]] = b"".join(crm.open_file(Ref(obj, key)).chunks)
        people = _people(crm, users.users)
    return Programme(records, bodies, people, [one.name for one in accounts.staff])


def _rows(crm: EmbeddedCrm, obj: str) -> Iterator[SourceRow]:
    yield from crm.fetch([Ref(obj, key) for key in crm.sweep(obj, None, _MANY)])


def _people(crm: EmbeddedCrm, users: list[NewUser]) -> list[Record]:
    accounts = {row.ref.id: row.fields.get("account_id") for row in _rows(crm, "contact")}
    found: list[Record] = []
    companies = [f"account/{key}" for key in crm.sweep("account", None, _MANY)]
    for user in users:
        contact = user.contacts[0].ref.id
        of = accounts[contact]
        acts_for = [f"account/{of}"] if of else companies[: len(user.companies)]
        about = {"name": user.name, "email": user.email, "role": user.role, "password": user.password}
        found.append(
            {**about, "@contact": contact, "@company": f"account/{of}" if of else "", "@companies": acts_for}
        )
    return found
