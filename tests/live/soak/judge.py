"""What must hold when everything is quiet: read from Odoo by its own interface, and from each device's own file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.composition import headless
from app.store.database import Store
from tests.live.soak.book import Book, Edit, words
from tests.live.soak.partner import Partner
from tests.live.soak.seen import Snapshot
from tests.live.staff import Staff
from tests.live.words import DEAL, plain

_LEADS = "crm.lead"
_KEY = {"registration": ("leads", "partner_name"), "request": ("tickets", "name"), "file": ("files", "name")}


class Judge:
    """One look at everything. `companies`: by partner's name, the ids of the companies they act for."""

    def __init__(self, admin: Staff, book: Book, partners: list[Partner]) -> None:
        self._admin, self._book, self._partners = admin, book, partners
        self._snapshot = Snapshot.of(admin)
        self._history = self._tracked()
        self._leads = {self._snapshot.gid(_LEADS, row["id"]): row for row in self._snapshot.leads}
        self._deleted = {self._snapshot.gid(model, key) for model, key in book.deleted}

    def differences(self) -> list[str]:
        """Return how devices differ from Odoo as their user may see it."""
        return [f"{one.name}: {text}" for one in self._partners for text in self._mirror(one)]

    def violations(self) -> list[str]:
        """Return everything that does not hold."""
        found = [*self._book.troubles, *self.differences(), *self._doubled()]
        for one in self._partners:
            wrong = (*self._lost(one), *self._missing(one), *self._leaked(one), *self._proof(one))
            found += [f"{one.name}: {text}" for text in wrong]
        return found

    # -------------------------------------------------------------------------------------------------- mirrors

    def _mirror(self, one: Partner) -> Iterator[str]:
        wanted = self._snapshot.visible(one.person["companies"])
        with one.account.open_store() as store:
            for entity, records in wanted.items():
                held = _held(store, entity)
                for gid in sorted(records.keys() - held.keys()):
                    yield f"lacks {entity} {gid} ({dict(records[gid])})"
                for gid in sorted(held.keys() - records.keys()):
                    yield f"holds {entity} {gid} too many ({str(held[gid])[:200]})"
                for gid in sorted(records.keys() & held.keys()):
                    for name in records[gid].keys() | (_compared(entity) & held[gid].keys()):
                        theirs, mine = records[gid].get(name), held[gid].get(name)
                        if theirs != mine:
                            yield f"{name} of {entity} {gid} is {mine!r}, Odoo has {theirs!r}"

    # -------------------------------------------------------------------------------------------------- writing

    def _tracked(self) -> dict[tuple[int, str], set[str]]:
        """Return the words that ever stood in a lead's field, as Odoo tracks it."""
        names = [
            "mail_message_id",
            "field_id",
            "old_value_char",
            "new_value_char",
            "old_value_text",
            "new_value_text",
        ]
        lines = self._admin.find("mail.tracking.value", [["mail_message_id.model", "=", _LEADS]], names)
        fields = {row["id"]: row["name"] for row in self._admin.find(
            "ir.model.fields", [["model", "=", _LEADS]], ["name"])}  # fmt: skip
        ids = sorted({line["mail_message_id"][0] for line in lines if line["mail_message_id"]})
        of = {
            row["id"]: row["res_id"]
            for row in self._admin.find("mail.message", [["id", "in", ids]], ["res_id"])
        }
        found: dict[tuple[int, str], set[str]] = {}
        for line in lines:
            if line["mail_message_id"] and line["field_id"]:
                place = (of[line["mail_message_id"][0]], fields[line["field_id"][0]])
                found.setdefault(place, set()).update(words([line[name] for name in names[2:]]))
        return found

    def _in_odoo(self, edit: Edit) -> bool:
        row = self._leads.get(edit.gid)
        if row is None:
            return False
        field = DEAL[edit.field]
        return edit.word in words(row[field]) or edit.word in self._history.get((row["id"], field), ())

    def _lost(self, one: Partner) -> Iterator[str]:
        """Every edit is or was in Odoo, was typed over or given up by its user, or is in front of them."""
        mine = [edit for edit in self._book.edits if edit.device == one.name]
        latest = {(edit.gid, edit.field): edit.n for edit in mine}
        front, given_up = self._in_front(one), self._book.given_up_by(one.name)
        for edit in mine:
            if self._in_odoo(edit) or edit.word in front or edit.word in given_up:
                self._book.did("edits accounted for")
            elif latest[edit.gid, edit.field] > edit.n:
                self._book.did("edits typed over before they were sent")
            elif edit.gid in self._deleted:
                self._book.did("edits of deals that Odoo's people deleted")
            else:
                yield f"{edit.field} = {edit.word} of {edit.gid} is nowhere ({self._told(one, edit.word)})"

    def _missing(self, one: Partner) -> Iterator[str]:
        """What was added is in Odoo, or in front of its user."""
        front, given_up = self._in_front(one), self._book.given_up_by(one.name)
        there = self._counted()
        for added in self._book.added:
            excused = added.parent in self._deleted or added.word in front or added.word in given_up
            if added.device == one.name and not there[added.kind][added.word] and not excused:
                yield f"{added.kind} {added.word} is nowhere ({self._told(one, added.word)})"

    def _doubled(self) -> Iterator[str]:
        for kind, counted in self._counted().items():
            for word, count in counted.items():
                if count > 1:
                    yield f"{kind} {word} stands {count} times in Odoo"

    def _counted(self) -> dict[str, Counter[str]]:
        """Count in Odoo what partners add, by its word."""
        found = {
            kind: Counter(row[name] for row in getattr(self._snapshot, rows))
            for kind, (rows, name) in _KEY.items()
        }
        found["file"] = Counter(
            word for name, count in found["file"].items() for word in words(name) for _ in range(count)
        )
        found["registration"] = _worded(found["registration"])
        found["request"] = _worded(found["request"])
        bodies = (plain(row["body"]) for row in self._snapshot.messages if row["message_type"] == "comment")
        found["message"] = Counter(word for body in bodies for word in words(body))
        return found

    def _in_front(self, one: Partner) -> frozenset[str]:
        """The words of all that waits for its user: outbox, conflicts, drafts."""
        with one.account.open_store() as store:
            rows = store.connection.rows(
                "SELECT body FROM outbox WHERE state <> 'settled' UNION ALL SELECT mine FROM conflict"
                " UNION ALL SELECT data FROM draft UNION ALL SELECT children FROM draft"
            )
        return words([text for (text,) in rows])

    def _told(self, one: Partner, word: str) -> str:
        """Return what a device's outbox says of a word, for whoever looks into it."""
        with one.account.open_store() as store:
            rows = store.connection.rows(
                "SELECT kind, state, outcome, problem, mutation_id FROM outbox WHERE body LIKE ?",
                (f"%{word}%",),
            )
        return (
            "; ".join(" ".join(str(value) for value in row if value) for row in rows) or "not in the outbox"
        )

    # -------------------------------------------------------------------------------------------------- secrecy

    def _leaked(self, one: Partner) -> Iterator[str]:
        with one.account.open_store() as store:
            for table, text in _everything(store):
                for word in sorted(words(text) & self._book.internal):
                    yield f"the table {table} holds {word}, which was internal"

    def _proof(self, one: Partner) -> Iterator[str]:
        data = headless.verify(one.around, one.account, rehash=True).data
        if not data["identical"] or data["repaired"]:
            yield f"not proven identical ({data['note']}, {data['repaired']} repaired)"
        rest = one.rest()
        if rest["waiting"]:
            yield f"{rest['waiting']} still wait to be sent"


def _worded(counted: Counter[str]) -> Counter[str]:
    return Counter({word: count for value, count in counted.items() for word in words(value)})


def _compared(entity: str) -> frozenset[str]:
    """The contract fields that are compared although Odoo's side may be blank."""
    return (
        frozenset({"next_steps", "competitor", "contact_name"})
        if entity == "deal_registration"
        else frozenset()
    )


def _held(store: Store, entity: str) -> Mapping[str, dict[str, Any]]:
    """Return what a device takes for the truth, by gid."""
    rows = store.connection.rows(
        "SELECT gid, data FROM shadow WHERE entity = ?1 AND data IS NOT NULL UNION ALL"
        " SELECT gid, data FROM record WHERE entity = ?1 AND sync <> 'draft' AND gid NOT IN (SELECT gid FROM shadow)",
        (entity,),
    )
    return {gid: json.loads(data) for gid, data in rows}


def _everything(store: Store) -> Iterable[tuple[str, str]]:
    for (table,) in store.connection.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        for row in store.connection.rows(f'SELECT * FROM "{table}"'):
            yield table, repr(row)
