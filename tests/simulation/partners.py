"""What partners do at their devices."""

from __future__ import annotations

from datetime import timedelta

from app.services.views_model import Choice, ChoiceKind
from app.sync.engine import Wake
from tests.simulation.book import COLUMNS, Added
from tests.simulation.device import Device
from tests.simulation.stage import Stage, verb

_DEAL, _REQUEST = "deal_registration", "request"
_LONG = ("next_steps", "problem")


class Partners(Stage):
    """Verbs of the users."""

    @verb(12)
    def sync(self) -> str:
        device = self.rng.choice(self.world.devices)
        if not device.sync():
            self.oracle.after_a_crash(device)
        return f"sync {device.name}"

    @verb(5)
    def poke(self) -> str:
        for device in self.world.devices:
            if not device.sync(Wake.POKE):
                self.oracle.after_a_crash(device)
        return "poke"

    @verb(16)
    def edit(self) -> str | None:
        return self._using(self._edit)

    def _edit(self, device: Device) -> str | None:
        entity = self.rng.choice((_DEAL, _DEAL, _DEAL, _REQUEST))
        gid = self.favourite(device.shown(entity))
        field = self.rng.choice([name for name in COLUMNS[entity] if name != "subject"])
        return self._edit_of(device, gid, entity, field)

    @verb(4)
    def meet(self) -> str | None:
        """An edit goes out in the middle of the gateway's reading of that very row."""
        return self._using(self._meet)

    def _meet(self, device: Device) -> str | None:
        gid = self.favourite(device.shown(_DEAL))
        ref = self.oracle.row_of(gid) if gid else None
        if ref not in self.world.rows("registration") or not self._edit_of(device, gid, _DEAL, "next_steps"):
            return None
        self.world.port.guests.append(lambda: self.world.visited(device))
        self.world.crm.desk.touch(ref)
        return "edit, to be sent while the gateway reads the row"

    def _edit_of(self, device: Device, gid: str | None, entity: str, field: str) -> str | None:
        if gid is None or field not in device.portal.records.editable(gid):
            return None
        before = device.value(gid, field)
        word = self.word()
        value = f"{before}\n{word}" if field in _LONG and before and self.rng.random() < 0.7 else word
        if field == "problem" and len(value) < 20:
            value = f"The tills stop every day: {word}"
        if field == "amount":
            word = value = f"{20000 + self._words}.{self.rng.randrange(10, 100)}"
        self.oracle.saw(device, gid, field, before)
        done = device.portal.intents.edit(gid, {field: value})
        self.oracle.entered(device, done.mutation_id, (gid, entity, field), word, value)
        return f"edit {field}"

    @verb(4)
    def message(self) -> str | None:
        return self._using(self._message)

    def _message(self, device: Device) -> str | None:
        parent = self.any_of([*device.shown(_REQUEST), *device.shown(_DEAL)])
        if parent is None:
            return None
        word = self.word()
        done = device.portal.intents.message(parent, word)
        self.oracle.added(device, parent, done.mutation_id, word)
        return "message"

    @verb(2)
    def attach(self) -> str | None:
        return self._using(self._attach)

    def _attach(self, device: Device) -> str | None:
        parent = self.any_of([*device.shown(_REQUEST), *device.shown(_DEAL)])
        if parent is None:
            return None
        word = self.word()
        path = self.world.folder / f"{word}.txt"
        # Now and then the bytes are some that were sent before.
        path.write_text(self.rng.choice((word, "the same")) * self.rng.choice((1, 30_000)))
        done = device.portal.intents.attach(parent, path)
        self.oracle.added(device, parent, done.mutation_id, word, file=True)
        return "attach"

    @verb(3)
    def register(self) -> str | None:
        return self._using(self._register)

    def _register(self, device: Device) -> str | None:
        """A deal with its evidence, a message on it and an edit of it, all before anything is sent."""
        drafts = device.portal.drafts
        gid = drafts.start(_DEAL)
        name = self.word()
        data = dict(drafts.load(gid).data)
        data |= {
            "customer": name,
            "website": f"{name}.example",
            "country": "GB",
            "title": "Branch network",
            "amount": "1200.00",
            "currency": "GBP",
            "target_close": (device.clock.now().date() + timedelta(days=60)).isoformat(),
            "problem": "The network stops whenever the shop is full of people.",
        }
        drafts.save(gid, data)
        path = self.world.folder / f"{name}.txt"
        path.write_text(f"Evidence for {name}")
        drafts.add_file(gid, path)
        done = drafts.submit(gid)
        self.oracle.entered(device, done.mutation_id, (gid, _DEAL, "customer"), name, name)
        self.oracle.registered.append(Added(device.name, gid, done.mutation_id, name))
        if self.rng.random() < 0.5:
            word = self.word()
            message = device.portal.intents.message(gid, word)
            self.oracle.added(device, gid, message.mutation_id, word)
        return "register with evidence"

    @verb(2)
    def raise_request(self) -> str | None:
        return self._using(self._raise_request)

    def _raise_request(self, device: Device) -> str | None:
        drafts = device.portal.drafts
        gid = drafts.start(_REQUEST)
        subject, text = self.word(), self.word()
        data = {**drafts.load(gid).data, "subject": subject, "category": "quote", "priority": "normal"}
        drafts.save(gid, data, text=text)
        done = drafts.submit(gid)
        self.oracle.entered(device, done.mutation_id, (gid, _REQUEST, "subject"), subject, subject)
        self.oracle.added(device, gid, done.mutation_id, text)
        return "request with its message"

    @verb(3)
    def command(self) -> str | None:
        return self._using(self._command)

    def _command(self, device: Device) -> str | None:
        gid = self.any_of([*device.shown(_DEAL), *device.shown(_REQUEST)])
        if gid is None:
            return None
        possible = [c.name for c in device.portal.records.commands(gid) if c.name != "submit"]
        name = self.any_of(possible)
        if name is None:
            return None
        args: dict[str, str] = {}
        if name == "convert":
            args = {"po_reference": "PO 1"}
        if name == "ask_extension":
            until = device.clock.now().date() + timedelta(days=400)
            args = {"until": until.isoformat(), "note": "They decide in spring."}
        device.portal.intents.command(gid, name, args)
        self.oracle.disturbed.add(gid)
        return f"command {name}"

    @verb(2)
    def delete(self) -> str | None:
        return self._using(self._delete)

    def _delete(self, device: Device) -> str | None:
        for gid in device.shown(_DEAL):
            if device.value(gid, "state") == "draft":
                device.portal.intents.delete(gid)
                self.oracle.disturbed.add(gid)
                self.oracle.deleted.add((device.name, gid))
                return "delete"
        return None

    @verb(12)
    def resolve(self) -> str | None:
        return self._using(self._resolve)

    def _resolve(self, device: Device) -> str | None:
        listed = self.any_of(device.portal.conflicts.list())
        # What opens is the oldest of its record, whichever was picked from the list.
        view = device.portal.conflicts.get(listed.gid) if listed else None
        if view is None:
            return None
        if view.kind == "gone":
            keep = self.rng.random() < 0.5
            mine = [field.mine for field in view.fields]
            device.portal.conflicts.resolve_gone(view.gid, keep)
            self.oracle.gave_up(device, mine)
            return "resolve gone"
        choices: dict[str, Choice] = {}
        for field in view.fields:
            for name in field.names:
                for value in (field.base.get(name), field.theirs.get(name), field.mine.get(name)):
                    self.oracle.saw(device, view.gid, name, value)
            kind = (
                self.rng.choice((ChoiceKind.MINE, ChoiceKind.THEIRS)) if field.editable else ChoiceKind.THEIRS
            )
            choices[field.group] = Choice(kind)
        done = device.portal.conflicts.resolve(view.gid, choices)
        self.oracle.decided(device, done.mutation_id)
        for field in view.fields:
            if choices[field.group].kind is ChoiceKind.THEIRS:
                self.oracle.gave_up(device, field.mine)
        return "resolve"

    @verb(9)
    def discard(self) -> str | None:
        return self._using(self._discard)

    def _discard(self, device: Device) -> str | None:
        aside = [item for item in device.store.outbox.open_items() if item.state == "quarantined"]
        item = self.any_of(aside)
        if item is None:
            return None
        mutation = item.mutation
        if self.rng.random() < 0.5 and (item.problem or {}).get("kind") != "revoked":
            again = device.portal.outbox.retry(mutation.mutation_id)
            if mutation.kind == "patch":
                for name in mutation.changes:
                    self.oracle.saw(device, mutation.gid, name, mutation.base.get(name))
            self.oracle.decided(device, again.mutation_id)
            return "try again"
        device.portal.outbox.discard(mutation.mutation_id)
        self.oracle.gave_up(device, mutation.changes)
        self.oracle.forgettable.add(mutation.mutation_id)
        return "discard"

    @verb(2)
    def take_back(self) -> str | None:
        return self._using(self._take_back)

    def _take_back(self, device: Device) -> str | None:
        waiting = [
            item for item in device.store.outbox.open_items() if item.state == "queued" and not item.draft
        ]
        item = self.any_of(waiting)
        if item is None:
            return None
        done = device.portal.outbox.cancel(item.mutation.mutation_id)
        if done.undoable:
            for taken in getattr(done.taken, "items", ()):
                self.oracle.gave_up(device, taken.mutation.changes)
        return "take back"
