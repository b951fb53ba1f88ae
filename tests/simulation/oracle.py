"""The oracle: judges by who wrote what in each field of the CRM, and by what a device still holds for its user.

It keeps its own book, and reads the CRM's own history and rows and each device's file. It uses nothing of the merge,
the engine or the ledger, so a mistake there cannot hide here. It asks the engine to compare only to see that it finds
nothing; what is held and what is visible it works out by itself. For promise 8, and for what the gateway says it has
read, it takes the gateway's own tables and grant for what they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from app.store.states import ConflictKind
from tests.simulation.book import COLUMNS, OBJECTS, Book, Edit, Line, words
from tests.simulation.views import Scope, held, positions, unread

if TYPE_CHECKING:
    from app.store.conflicts import Conflict
    from tests.simulation.device import Device


class Oracle(Book):
    """The book of one world, and its judge."""

    # -- always -------------------------------------------------------------------------------------------
    def always(self) -> list[str]:
        """Return what is violated at this very moment."""
        with self.world.looking():
            return self._always()

    def _always(self) -> list[str]:
        self._read()
        found: list[str] = []
        for line in self._lines[self._checked :]:
            found += self._judge(line)
        self._checked = len(self._lines)
        found += [f"promise 1: {text}" for text in self._not_read()]
        if self.world.repairs and not self.unsure:
            found.append("promise 1: a comparison found something to mend")
        # A device may hold what a gateway that was set back has not read again; comparing is how that is found.
        self.world.repairs = 0
        for device in self.world.devices:
            found += [f"promise 6: {device.name}: {text}" for text in self._out_of_sight(device)]
            found += [f"promise 6: {device.name}: {text}" for text in self._taken_back(device)]
            found += [f"promise 7: {device.name}: {text}" for text in self._forgotten(device)]
            found += [f"promise 2: {device.name}: {text}" for text in self._without_reason(device)]
            cursor = device.store.cursors.read().cursor
            if cursor != self._cursors.get(device.name, ""):
                self._cursors[device.name] = cursor
                found += [f"promise 8: {device.name}: {text}" for text in positions(self.world, device)]
        return found

    def _not_read(self) -> Iterable[str]:
        """What clients are told has been read completely was read completely.

        That is said in the gateway's own time: a clock that was set wrong takes the word's meaning.
        """
        self._astray = self._astray or bool(self.world.clock.off_by)
        if self.unsure or self._astray:
            return
        columns = {
            entity: {name: column for name, column in fields.items() if name not in self.disturbed}
            for entity, fields in COLUMNS.items()
        }
        yield from unread(self.world, columns, OBJECTS)

    def after_a_crash(self, device: Device) -> None:
        """Look at a device's position once more although it has not moved."""
        self._cursors.pop(device.name, None)

    def _judge(self, line: Line) -> Iterable[str]:
        """One write of a portal user: once only, in their order, and over nothing they had not seen."""
        if not line.marker or not line.by.startswith("contact/"):
            return
        if self._by_marker[line.row, line.column, line.marker] > 1:
            yield f"promise 3: one mutation wrote {line.column} of {line.row} more than once ({line.new})"
        author = self._author.get(line.marker)
        if author is None:
            return
        device, seq = author
        field = _field_of(line.row[0], line.column)
        for earlier in self._lines:
            if earlier.n >= line.n:
                break
            if (earlier.row, earlier.column) == (line.row, line.column):
                before = self._author.get(earlier.marker)
                if before and before[0] == device and before[1] > seq:
                    yield f"promise 4: {device}: an earlier edit of {line.column} was written after a later one"
        gid = self._gids.get(line.row)
        if field is None or gid is None:
            return
        known = self._seen[device, gid, field]
        own = {e.word for e in self.edits if (e.device, e.gid, e.field) == (device, gid, field)}
        latest = self._touched.get(line.marker, self._n)
        for word in words(line.old) - words(line.new) - own:
            if known.get(word, self._n + 1) > latest:
                yield f"promise 2: {device} overwrote {word} in {field} of {gid}, which its user had not seen"

    def _out_of_sight(self, device: Device) -> Iterable[str]:
        """What a user entered last is what they see, as long as it waits."""
        latest: dict[tuple[str, str], Edit] = {}
        for edit in self.edits:
            if edit.device == device.name:
                latest[edit.gid, edit.field] = edit
        if not latest:
            return
        waiting = {
            name
            for (name,) in device.store.connection.rows(
                "SELECT mutation_id FROM outbox WHERE state NOT IN ('settled', 'quarantined')"
            )
        }
        for (gid, field), edit in latest.items():
            shows = not self._hidden(device, edit.entity, field) and (device.name, gid) not in self.deleted
            if edit.mutation_id in waiting and shows:
                shown = device.value(gid, field)
                if edit.word not in words(shown) and not self._out_of_scope(device, edit):
                    yield f"{field} = {edit.word} waits and is not shown ({shown!r})"

    def _out_of_scope(self, device: Device, edit: Edit) -> bool:
        """Whether a record is hidden because it was gone: what was entered there waits in the outbox for its answer.

        One that is granted again is shown again with the next sync.
        """
        place = (device.name, edit.gid)
        if device.store.projection.get(edit.gid) is not None or edit.gid not in self._born:
            self._rightly_hidden.discard(place)
            return False
        if edit.gid not in Scope.of(self.world, device).visible(OBJECTS[edit.entity]):
            self._rightly_hidden.add(place)
        return place in self._rightly_hidden

    def _taken_back(self, device: Device) -> Iterable[str]:
        """What was acknowledged stays in sight as long as nobody has written over it."""
        if self.unsure:
            return
        done = {
            name
            for (name,) in device.store.connection.rows(
                "SELECT mutation_id FROM outbox WHERE outcome = 'applied'"
            )
        }
        for edit in self.edits:
            row = self._born.get(edit.gid)
            if edit.device != device.name or edit.mutation_id not in done or row is None:
                continue
            if self._hidden(device, edit.entity, edit.field):
                continue
            latest = self._latest.get((row, COLUMNS[edit.entity][edit.field]))
            shown = device.value(edit.gid, edit.field)
            if latest is None or latest.marker != edit.mutation_id or shown is None:
                continue
            mine = any(
                (e.device, e.gid, e.field) == (edit.device, edit.gid, edit.field) and e.n > edit.n
                for e in self.edits
            )
            if edit.word in words(latest.new) and edit.word not in words(shown) and not mine:
                yield f"{edit.field} = {edit.word} was acknowledged and is not shown any more ({shown!r})"

    def _without_reason(self, device: Device) -> Iterable[str]:
        """Nobody is asked to decide, and nothing is refused, unless somebody else has done something."""
        for conflict in device.store.conflicts.all():
            if conflict.mutation_id in self._asked or self.unsure:
                continue
            self._asked.add(conflict.mutation_id)
            if self._excused(device, conflict.gid):
                continue
            if conflict.kind is ConflictKind.GONE:
                yield f"{conflict.gid} is said to be gone"
            for clash in conflict.clashes:
                if not any(self._written_by_others(device, conflict, name) for name in clash.theirs):
                    yield f"a conflict about {clash.group} ({clash.reason}), which nobody else has written"
        for mutation_id, gid, changes, problem in device.store.connection.rows(
            "SELECT mutation_id, gid, json_extract(body, '$.changes'), problem FROM outbox"
            " WHERE state = 'quarantined' AND json_extract(problem, '$.kind') = 'rejected' AND kind = 'patch'"
        ):
            excused = self._excused(device, gid) or self.disturbed.intersection(json.loads(changes))
            if mutation_id not in self._asked and not excused:
                yield f"an edit of {gid} was refused, though nothing stood against it ({problem})"
            self._asked.add(mutation_id)

    def _written_by_others(self, device: Device, conflict: Conflict, name: str) -> bool:
        """Whether a field holds, or held, what this user had not seen when they entered theirs."""
        row, column = self._born.get(conflict.gid), COLUMNS[conflict.entity].get(name)
        known = self._seen[device.name, conflict.gid, name]
        latest = self._touched.get(conflict.mutation_id, self._n)
        return any(
            self._author.get(line.marker, ("",))[0] != device.name
            and any(known.get(word, self._n + 1) > latest for word in words(line.new))
            for line in self._lines
            if (line.row, line.column) == (row, column)
        )

    def _forgotten(self, device: Device) -> Iterable[str]:
        """What was said to be saved is in the outbox or its history."""
        told = {e.mutation_id for e in self.edits if e.device == device.name}
        told |= {one.mutation_id for one in (*self.messages, *self.files) if one.device == device.name}
        if not told:
            return
        there = {name for (name,) in device.store.connection.rows("SELECT mutation_id FROM outbox")}
        for mutation_id in sorted(told - there):
            if mutation_id not in self.forgettable:
                yield f"{mutation_id} was said to be saved and is nowhere"

    def _hidden(self, device: Device, entity: str, field: str) -> bool:
        manifest = device.store.manifest
        spec = manifest.entity(entity) if manifest else None
        return spec is None or spec.field(field) is None

    # -- at rest ------------------------------------------------------------------------------------------
    def finally_(self) -> list[str]:
        """Return what is violated once everything had time to come to rest."""
        self.unsure = False
        found = self.always()
        checks: tuple[tuple[str, Callable[[Device], Iterable[str]]], ...] = (
            ("promise 1", self._not_converged),
            ("promise 2", self._lost),
            ("promise 4", self._handed_in),
            ("promise 3", self._told_otherwise),
            ("promise 8", lambda device: positions(self.world, device)),
            ("promise 9", self._residue),
            ("promise 10", self._waiting),
        )
        for device in self.world.devices:
            for promise, check in checks:
                found += [f"{promise}: {device.name}: {text}" for text in check(device)]
        return [*found, *self._doubled(), *self._aside()]

    def _aside(self) -> Iterable[str]:
        """Every row here can be understood: one that stands aside hides a mistake of the gateway's own."""
        with self.world.database.engine.connect() as connection:
            for obj, row, reason in connection.exec_driver_sql(
                "SELECT object, source_id, reason FROM dead_letter"
            ):
                yield f"promise 1: {obj} {row} stands aside at the gateway ({reason})"

    def _waiting(self, device: Device) -> Iterable[str]:
        for state, kind, problem in device.store.connection.rows(
            "SELECT state, kind, problem FROM outbox WHERE state NOT IN ('settled', 'quarantined')"
        ):
            yield f"a {kind} is still {state} ({problem})"
        for sha, error in device.store.connection.rows("SELECT sha256, error FROM blob WHERE unsent = 1"):
            if device.store.connection.value(
                "SELECT 1 FROM outbox WHERE blobs LIKE ? AND state = 'queued'", (f"%{sha}%",)
            ):
                yield f"a file is still not sent ({error})"

    def _not_converged(self, device: Device) -> Iterable[str]:
        proof = device.engine.verify(rehash=True)
        if not proof.identical or proof.repaired:
            yield f"not proven identical ({proof.note}, {proof.repaired} repaired)"
        scope = Scope.of(self.world, device)
        for entity, obj in OBJECTS.items():
            visible = scope.visible(obj)
            mine = held(device, entity)
            if mine.keys() != visible.keys():
                extra, missing = mine.keys() - visible.keys(), visible.keys() - mine.keys()
                yield f"holds {sorted(extra)} too many and lacks {sorted(missing)} of {obj}"
            owners = scope.owners(obj)
            for gid in mine.keys() & visible.keys():
                if (mine[gid].get("owner_name") or "") != owners[gid]:
                    yield f"owner of {gid} is {mine[gid].get('owner_name')!r}, the CRM has {owners[gid]!r}"
                for field, column in COLUMNS[entity].items():
                    if self._hidden(device, entity, field):
                        if field in mine[gid]:
                            yield f"holds {field}, which its manifest does not show"
                    elif (mine[gid].get(field) or None) != (visible[gid][column] or None):
                        yield f"{field} of {gid} is {mine[gid].get(field)!r}, the CRM has {visible[gid][column]!r}"
        for entity, obj, field, column in (
            ("message", "note", "body", "body"),
            ("file", "attachment", "name", "file_name"),
        ):
            mine, visible = held(device, entity), scope.visible_children(obj)
            if mine.keys() != visible.keys():
                extra, missing = mine.keys() - visible.keys(), visible.keys() - mine.keys()
                yield f"holds {len(extra)} {obj}s too many and lacks {len(missing)}"
            for gid in mine.keys() & visible.keys():
                if mine[gid].get(field) != visible[gid][column]:
                    yield f"{field} of {gid} is {mine[gid].get(field)!r}, the CRM has {visible[gid][column]!r}"

    def _lost(self, device: Device) -> Iterable[str]:
        """Every accepted edit is in the CRM, was typed over or given up by its user, or is in front of them."""
        mine = [edit for edit in self.edits if edit.device == device.name]
        sight = _in_front(device)
        for edit in mine:
            row = self._born.get(edit.gid)
            column = COLUMNS[edit.entity][edit.field]
            if row and edit.word in self._in_history[row, column]:
                continue
            over = (e for e in mine if (e.gid, e.field) == (edit.gid, edit.field) and e.n > edit.n)
            if any(edit.word not in words(later.value) for later in over):
                continue
            if edit.word not in sight and edit.word not in self._given_up[device.name]:
                yield f"{edit.field} = {edit.word} of {edit.gid} ({edit.mutation_id}) is nowhere"
        for what, added, there in (
            ("message", self.messages, self._texts()),
            ("file", self.files, self._file_names()),
        ):
            for one in added:
                if one.device != device.name or one.word in self._given_up[device.name] or one.word in there:
                    continue
                if one.word not in sight:
                    yield f"{what} {one.word} is nowhere"
                elif not self._excused(device, one.parent):
                    yield f"{what} {one.word} never arrived, though nothing stood against it"

    def _handed_in(self, device: Device) -> Iterable[str]:
        """What was handed in, and nothing stood against, was handed in."""
        with self.world.crm.crm.database.read() as connection:
            found = connection.exec_driver_sql("SELECT portal_ref, stage_code FROM registration").fetchall()
        stages = {row[0]: row[1] for row in found}
        for one in self.registered:
            stands = stages.get(one.parent, "nowhere")
            given_up = one.word in self._given_up[device.name]
            excused = one.device != device.name or given_up or self._excused(device, one.parent)
            if stands in ("nowhere", "DRAFT") and not excused:
                yield f"deal {one.word} was handed in and is {stands}, though nothing stood against it"

    def _excused(self, device: Device, parent: str) -> bool:
        return bool({parent, device.session.user, "*", device.name} & self.disturbed)

    def _told_otherwise(self, device: Device) -> Iterable[str]:
        """What was written is not said to have been refused."""
        for mutation_id, state, outcome, kind in device.store.connection.rows(
            "SELECT mutation_id, state, outcome, json_extract(problem, '$.kind') FROM outbox"
            " WHERE state = 'quarantined' OR outcome IN ('conflict', 'rejected')"
        ):
            if state == "quarantined" and kind != "rejected":
                continue
            if outcome == "conflict" and not self.world.port.capabilities.conditional_writes:
                continue  # somebody wrote over it before it was read back; its user decides
            if any(line.marker == mutation_id for line in self._lines):
                yield f"{mutation_id} was written, and its user was told {outcome or kind}"

    def _texts(self) -> set[str]:
        return self._children_words("SELECT body FROM note")

    def _file_names(self) -> set[str]:
        return self._children_words("SELECT file_name FROM attachment")

    def _children_words(self, query: str) -> set[str]:
        with self.world.crm.crm.database.read() as connection:
            return {word for (text,) in connection.exec_driver_sql(query) for word in words(text)}

    def _doubled(self) -> Iterable[str]:
        with self.world.crm.crm.database.read() as connection:
            for table, column in (
                ("note", "body"),
                ("attachment", "file_name"),
                ("registration", "cust_name"),
                ("ticket", "subject"),
            ):
                query = (
                    f"SELECT {column}, count(*) FROM {table} WHERE portal_ref IS NOT NULL"
                    " GROUP BY 1 HAVING count(*) > 1"
                )
                for text, count in connection.exec_driver_sql(query):
                    if words(text):
                        yield f"promise 3: {table} {text!r} stands {count} times"

    def _residue(self, device: Device) -> Iterable[str]:
        """Of rows that are there and not this user's to see, a device holds only what its own user typed."""
        typed = {e.word for e in self.edits if e.device == device.name}
        typed |= {one.word for one in (*self.messages, *self.files) if one.device == device.name}
        secret = Scope.of(self.world, device).secret_words() - typed
        if not secret:
            return
        for table, text in _everything(device):
            for word in words(text) & secret:
                yield f"{table} still holds {word}, which is out of scope"
        for word in sorted(secret):
            if device.store.search.find(word, 5):
                yield f"search still finds {word}"


def _field_of(obj: str, column: str) -> str | None:
    entity = next((name for name, one in OBJECTS.items() if one == obj), "")
    return next((field for field, name in COLUMNS.get(entity, {}).items() if name == column), None)


def _in_front(device: Device) -> frozenset[str]:
    """The words of all that waits for its user: outbox, conflicts, drafts."""
    rows = device.store.connection.rows(
        "SELECT body FROM outbox WHERE state <> 'settled' UNION ALL SELECT mine FROM conflict"
        " UNION ALL SELECT data FROM draft UNION ALL SELECT children FROM draft"
    )
    return words([text for (text,) in rows])


def _everything(device: Device) -> Iterable[tuple[str, str]]:
    connection = device.store.connection
    tables = connection.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    for (table,) in tables:
        for row in connection.rows(f'SELECT * FROM "{table}"'):
            yield table, repr(row)
