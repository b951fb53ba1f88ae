"""The verbs of the simulation: what partners, the vendor, the network and the machines do.

Each verb draws from `rng`, which is dealt anew for every step, so that leaving one step out of a script leaves the
others' draws as they were. It returns a word for the script, or None when it did not apply.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from app.contract.errors import CounterpartError, LocalError
from app.services.views_model import Choice, ChoiceKind
from app.sync.engine import Wake
from gateway.crm.embedded.unit import AUTOMATION
from gateway.crm.port import CrmError, Ref
from gateway.failpoints import Failpoint
from tests.simulation.device import Device
from tests.simulation.network import Fault
from tests.simulation.oracle import COLUMNS, Oracle
from tests.simulation.uneasy import PAGE, Slip
from tests.simulation.world import World

T = TypeVar("T")
Verb = Callable[["Story"], "str | None"]

VERBS: dict[str, int] = {}

_DEAL, _REQUEST = "deal_registration", "request"
_LONG = ("next_steps", "problem")
_ROLES = ("admin", "manager", "read_only", "support", "finance")


def verb(weight: int) -> Callable[[Verb], Verb]:
    """Make a method a verb that is played with this weight."""

    def taken(method: Verb) -> Verb:
        VERBS[method.__name__] = weight
        return method

    return taken


class Story:
    """One world, and what can happen in it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.oracle = Oracle(world)
        self.rng = random.Random(0)
        self._words = 0

    def play(self, name: str, draw: object) -> str | None:
        """Play one verb with its own dice."""
        self.rng = random.Random(str(draw))
        told: str | None = getattr(self, name)()
        return told

    # -- parts --------------------------------------------------------------------------------------------
    def word(self) -> str:
        """A word that occurs nowhere else."""
        self._words += 1
        return f"w{self._words}x{self.rng.randrange(10**6)}"

    def any_of(self, things: Sequence[T]) -> T | None:
        """One of them, None when there is none."""
        return self.rng.choice(things) if things else None

    def device(self) -> Device | None:
        """A device somebody can work with."""
        return self.any_of([device for device in self.world.devices if device.ready()])

    def _using(self, do: Callable[[Device], str | None]) -> str | None:
        device = self.device()
        if device is None:
            return None
        told: list[str | None] = []

        def use() -> None:
            try:
                told.append(do(device))
            except LocalError:
                self.world.count["not saved: no room"] += 1
            except CounterpartError:
                self.world.count["not allowed"] += 1

        if not device.doing(use):
            self.oracle.after_a_crash(device)
            return f"{device.name} dies while its user works"
        return f"{device.name}: {told[0]}" if told and told[0] else None

    def _row(self, obj: str) -> Ref | None:
        return self.any_of(self.world.rows(obj))

    def _staff(self, obj: str, words: str, do: Callable[[Ref], object]) -> str | None:
        ref = self._row(obj)
        if ref is None:
            return None
        try:
            do(ref)
        except CrmError:
            return None
        return words

    def _disturb(self, *refs: Ref) -> None:
        """What users enter about these rows may rightly not arrive from now on."""
        for ref in refs:
            row = self.world.crm.crm.read(ref)
            self.oracle.disturbed.add(str(row.fields.get("portal_ref") or ""))

    # -- partners -----------------------------------------------------------------------------------------
    @verb(12)
    def sync(self) -> str:
        device = self.rng.choice(self.world.devices)
        if not device.sync():
            self.oracle.after_a_crash(device)
        return f"sync {device.name}"

    @verb(6)
    def poke(self) -> str:
        for device in self.world.devices:
            if not device.sync(Wake.POKE):
                self.oracle.after_a_crash(device)
        return "poke"

    @verb(10)
    def edit(self) -> str | None:
        return self._using(self._edit)

    def _edit(self, device: Device) -> str | None:
        entity = self.rng.choice((_DEAL, _DEAL, _DEAL, _REQUEST))
        gid = self.any_of(device.shown(entity))
        field = self.rng.choice([name for name in COLUMNS[entity] if name != "subject"])
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

    @verb(5)
    def resolve(self) -> str | None:
        return self._using(self._resolve)

    def _resolve(self, device: Device) -> str | None:
        view = self.any_of(device.portal.conflicts.list())
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

    @verb(2)
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

    @verb(1)
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

    # -- the vendor ---------------------------------------------------------------------------------------
    @verb(8)
    def vendor_edit(self) -> str | None:
        obj = self.rng.choice(("registration", "registration", "ticket"))
        change = self._vendor_change(obj)
        return self._staff(obj, "vendor edit", lambda ref: self.world.crm.desk.edit(ref, change(ref)))

    def _vendor_change(self, obj: str) -> Callable[[Ref], dict[str, str]]:
        word = self.word()
        columns = ("rival", "next_action", "ct_name", "pain") if obj == "registration" else ("cust_name",)
        column = self.rng.choice(columns)
        on_top = self.rng.random() < 0.5

        def change(ref: Ref) -> dict[str, str]:
            before = self.world.crm.crm.read(ref).fields[column]
            return {
                column: f"{word}\n{before}"
                if on_top and before and column in ("next_action", "pain")
                else word
            }

        return change

    @verb(2)
    def vendor_touch(self) -> str | None:
        return self._staff("registration", "automation touches", self.world.crm.desk.touch)

    @verb(1)
    def herd(self) -> str:
        """More rows than a page, and than a step of the fast lane reads, get one and the same time."""
        with self.world.crm.crm.writing() as unit:
            for n in range(self.rng.choice((PAGE, 6 * PAGE))):
                ref = self.world.crm.brightwater
                values = {"account_id": int(ref.id), "subject": self.word(), "cust_name": f"Herd {n}"}
                unit.insert("ticket", values, AUTOMATION)
        return "herd"

    @verb(3)
    def vendor_move(self) -> str | None:
        desk = self.world.crm.desk
        moves: tuple[Callable[[Ref], object], ...] = (
            desk.start_review,
            lambda ref: desk.ask_information(ref, "Please say more."),
            desk.send_for_approval,
            desk.approve,
            lambda ref: desk.reject(ref, "Already registered"),
            desk.expire,
        )
        move = self.rng.choice(moves)

        def moved(ref: Ref) -> None:
            move(ref)
            self._disturb(ref)

        return self._staff("registration", "vendor moves a stage", moved)

    @verb(3)
    def vendor_answer(self) -> str | None:
        word, internal = self.word(), self.rng.random() < 0.3
        desk = self.world.crm.desk
        answer = desk.internal_note if internal else desk.answer
        return self._staff("ticket", "internal note" if internal else "answer", lambda ref: answer(ref, word))

    @verb(2)
    def move_away(self) -> str | None:
        crm = self.world.crm
        to = self.rng.choice((crm.calder, crm.calder, crm.brightwater))

        def moved(ref: Ref) -> None:
            crm.desk.move(ref, to)
            self._disturb(ref)

        return self._staff(self.rng.choice(("registration", "ticket")), "move to another company", moved)

    @verb(1)
    def archive(self) -> str | None:
        desk = self.world.crm.desk

        def archived(ref: Ref) -> None:
            if len(self.world.rows(ref.obj)) > 3:
                self._disturb(ref)
                desk.archive(ref)

        return self._staff(self.rng.choice(("registration", "ticket")), "archive", archived)

    @verb(1)
    def crm_merge(self) -> str | None:
        winner = self._row("registration")

        def merged(loser: Ref) -> None:
            if winner is not None and len(self.world.rows("registration")) > 3:
                self._disturb(loser, winner)
                self.world.crm.desk.merge(loser, winner)

        return self._staff("registration", "CRM merge", merged)

    @verb(2)
    def commits_late(self) -> str | None:
        """A transaction takes its time; whoever asks in between does not see it, and it has its beginning's time."""
        change = self._vendor_change("registration")
        port, desk = self.world.port, self.world.crm.desk

        def begun(ref: Ref) -> None:
            self.world.deaf = True
            try:
                port.begin_late(ref, lambda: desk.edit(ref, change(ref)))
            finally:
                self.world.deaf = False

        return self._staff("registration", "a CRM transaction begins", begun)

    @verb(3)
    def slip(self) -> str | None:
        """Somebody acts in the middle of a call of the CRM: a member of staff, or another device."""
        if self.rng.random() < 0.3:
            device = self.rng.choice(self.world.devices)
            self.world.port.guests.append(lambda: self.world.visited(device))
            return f"{device.name} will sync {Slip.AFTER_READ}"
        ref = self._row("registration")
        if ref is None:
            return None
        change = self._vendor_change("registration")

        def acts() -> None:
            try:
                self.world.crm.desk.edit(ref, change(ref))
            except CrmError:
                self.world.count["slip refused"] += 1

        where = self.rng.choice(list(Slip))
        self.world.port.slips.append((where, acts))
        return f"somebody will edit {where}"

    @verb(1)
    def search_lag(self) -> str:
        self.world.port.lag = timedelta(seconds=self.rng.choice((0, 1, 3)))
        return f"the search index lags {self.world.port.lag.seconds} s"

    @verb(1)
    def webhooks(self) -> str:
        self.world.deaf = not self.world.deaf
        return "webhooks do not arrive" if self.world.deaf else "webhooks arrive"

    @verb(1)
    def crm_down(self) -> str:
        self.world.port.down = not self.world.port.down
        return f"CRM {'down' if self.world.port.down else 'up'}"

    # -- who may see what ---------------------------------------------------------------------------------
    @verb(1)
    def grant(self) -> str:
        """Give a user another set of companies."""
        world = self.world
        user = self.rng.choice(sorted(world.users))
        home, other = world.company(world.crm.brightwater), world.company(world.crm.calder)
        companies = self.rng.choice(((home,), (home, other), (other,), (home,)))
        world.living(lambda: world.gateway.identity.set_companies(user, companies))
        self.oracle.disturbed.add(user)
        return f"{len(companies)} companies"

    @verb(1)
    def role(self) -> str:
        user, role = self.rng.choice(sorted(self.world.users)), self.rng.choice(_ROLES)
        self.world.living(lambda: self.world.gateway.identity.set_role(user, role))
        self.oracle.disturbed.add(user)
        return f"role {role}"

    @verb(1)
    def manifest(self) -> str:
        self.world.change_manifest()
        self.oracle.disturbed.add("*")
        return f"manifest {'narrow' if self.world.narrow else 'whole'}"

    # -- network and machines -----------------------------------------------------------------------------
    @verb(9)
    def fault(self) -> str:
        fault = self.rng.choice(list(Fault))
        self.world.network.faults.append(fault)
        return f"fault: {fault}"

    @verb(1)
    def outage(self) -> str:
        self.world.network.down = not self.world.network.down
        return "network down" if self.world.network.down else "network up"

    @verb(2)
    def toggle_offline(self) -> str:
        device = self.rng.choice(self.world.devices)
        offline = device.engine.status.by_choice
        device.doing(lambda: self._switch(device, offline=not offline))
        return f"{'online' if offline else 'offline'} {device.name}"

    def _switch(self, device: Device, *, offline: bool) -> None:
        try:
            device.engine.set_offline(offline)
        except LocalError:
            self.world.count["not saved: no room"] += 1

    @verb(1)
    def sign_in(self) -> str:
        device = self.rng.choice(self.world.devices)
        if not device.doing(device.sign_in):
            self.oracle.after_a_crash(device)
        return f"sign in {device.name}"

    @verb(2)
    def late(self) -> str | None:
        return "late delivery" if self.world.network.deliver_late() else None

    @verb(2)
    def client_crash(self) -> str:
        device = self.rng.choice(self.world.devices)
        device.crash()
        self.oracle.after_a_crash(device)
        return f"crash {device.name}"

    @verb(4)
    def client_fuse(self) -> str:
        """The next thing this device does ends its process at some statement."""
        device = self.rng.choice(self.world.devices)
        device.fuse.left = int(self.rng.expovariate(1 / 60))
        if not device.sync():
            self.oracle.after_a_crash(device)
        return f"{device.name} dies at a statement"

    @verb(1)
    def clock_jump(self) -> str:
        days = self.rng.choice((-3.0, -0.1, 0.0, 0.1, 3.0))
        if self.rng.random() < 0.3:
            self.world.clock.off_by = timedelta(minutes=20 * days)
            return f"gateway's clock {20 * days:+.0f} min"
        device = self.rng.choice(self.world.devices)
        device.clock.off_by = timedelta(days=days)
        return f"clock of {device.name} {days:+} days"

    @verb(1)
    def upgrade(self) -> str | None:
        device = self.rng.choice(self.world.devices)
        if device.full or not device.queued_by_an_older_release():
            return None
        self.oracle.after_a_crash(device)
        return f"{device.name} is upgraded with work in its outbox"

    @verb(1)
    def disk_full(self) -> str:
        device = self.rng.choice(self.world.devices)
        device.free() if device.full else device.fill()
        return f"disk of {device.name} {'full' if device.full else 'has room'}"

    @verb(2)
    def gateway_failpoint(self) -> str:
        point = self.rng.choice(list(Failpoint))
        self.world.crash_gateway_at(point)
        return f"gateway dies {point}"

    @verb(2)
    def gateway_fuse(self) -> str:
        self.world.crash_gateway_in(int(self.rng.expovariate(1 / 40)))
        return "gateway dies at a statement"

    @verb(1)
    def gateway_restart(self) -> str:
        self.world.restart_gateway()
        return "gateway restarts"

    @verb(1)
    def back_up(self) -> str:
        self.world.back_up()
        return "backup"

    @verb(1)
    def restore(self) -> str | None:
        if self.world.backup is None:
            return None
        self.world.restore()
        self.oracle.disturbed.add("*")
        self.oracle.unsure = True
        return "gateway restored from its backup"

    @verb(6)
    def time(self) -> str:
        self.world.tick(self.rng.choice((0.5, 2.0, 30.0, 3600.0)))
        self.world.full_pass()
        return "time"

    @verb(4)
    def gateway_round(self) -> str:
        self.world.full_pass()
        return "gateway's round"
