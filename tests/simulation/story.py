"""Verbs of the simulation and the seeded story made of them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from app.contract.errors import CounterpartError
from gateway.crm.port import CrmError, Ref
from gateway.failpoints import Failpoint
from tests.simulation.judge import always, finally_
from tests.simulation.network import Fault
from tests.simulation.world import Client, World

#: Fields the stories edit; unique values make every write traceable.
_FIELDS = ("competitor", "next_steps", "contact_name")


@dataclass(frozen=True)
class Ran:
    """What one seed did. `trace` is the same for two runs of one seed."""

    seed: int
    steps: int
    violations: tuple[str, ...]
    script: tuple[str, ...]
    counts: Counter[str]
    trace: str


class Story:
    """One world and the verbs that move it; each returns a word for the script, or None when it did not apply."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng = world.rng
        self._n = 0

    def word(self) -> str:
        """A value that occurs nowhere else."""
        self._n += 1
        return f"Word{self._n}x{self.rng.randrange(10**6)}"

    def client(self) -> Client | None:
        ready = [client for client in self.world.clients if client.ready()]
        return self.rng.choice(ready) if ready else None

    def deal(self, client: Client) -> str | None:
        shown = self.world.shown(client, "deal_registration")
        return self.rng.choice(shown) if shown else None

    # -- partner ------------------------------------------------------------------------------------------
    def sync(self) -> str:
        client = self.rng.choice(self.world.clients)
        client.sync()
        return f"sync {client.name}"

    def edit(self) -> str | None:
        client = self.client()
        gid = self.deal(client) if client else None
        if client is None or gid is None:
            return None
        name, value = self.rng.choice(_FIELDS), self.word()
        return f"edit {name}" if self.world.edit(client, gid, name, value) else None

    def message(self) -> str | None:
        client = self.client()
        if client is None:
            return None
        parents = self.world.shown(client, "request")
        if not parents:
            return None
        self.world.message(client, self.rng.choice(parents), self.word())
        return "message"

    def register(self) -> str | None:
        client = self.client()
        if client is None:
            return None
        self.world.register(client, self.word())
        return "register"

    def command(self) -> str | None:
        client = self.client()
        gid = self.deal(client) if client else None
        if client is None or gid is None:
            return None
        possible = [c for c in client.portal.records.commands(gid) if c.name in ("withdraw", "convert")]
        if not possible:
            return None
        chosen = self.rng.choice(possible)
        args = {"po_reference": self.word()} if chosen.name == "convert" else {}
        try:
            client.portal.intents.command(gid, chosen.name, args)
        except CounterpartError:
            return None
        return f"command {chosen.name}"

    def resolve(self) -> str | None:
        client = self.client()
        return "resolve" if client and self.world.resolve(client) else None

    def crash_client(self) -> str:
        client = self.rng.choice(self.world.clients)
        client.crash()
        return f"crash {client.name}"

    def toggle_offline(self) -> str:
        client = self.rng.choice(self.world.clients)
        offline = client.engine.status.by_choice
        client.engine.set_offline(not offline)
        return f"{'online' if offline else 'offline'} {client.name}"

    # -- vendor -------------------------------------------------------------------------------------------
    def vendor_edit(self) -> str | None:
        column = self.rng.choice(("rival", "next_action", "ct_name"))
        return self._staff("vendor edit", lambda ref: self.world.crm.desk.edit(ref, {column: self.word()}))

    def vendor_touch(self) -> str | None:
        return self._staff("touch", self.world.crm.desk.touch)

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
        return self._staff("vendor state", self.rng.choice(moves))

    def vendor_answer(self) -> str | None:
        ref = self.rng.choice(self.world.requests)
        try:
            self.world.crm.desk.answer(ref, self.word())
        except CrmError:
            return None
        return "vendor answer"

    def move_away(self) -> str | None:
        world = self.world
        if len(world.moved_away) >= 2 or self.rng.random() < 0.6:
            return None
        ref = self.rng.choice(world.deals)
        gid, secret = world.gid(ref), self.word()
        try:
            world.crm.desk.edit(ref, {"rival": secret})
            world.tick()
            world.crm.desk.move(ref, world.crm.calder)
        except CrmError:
            return None
        world.moved_away[gid] = secret
        for client in world.clients:
            # What it typed is its user's, but no longer to be found in the CRM by this world's rules.
            client.written = [w for w in client.written if w.gid != gid]
        world.deals.remove(ref)
        return "move away"

    def archive(self) -> str | None:
        world = self.world
        if len(world.deals) < 3 or self.rng.random() < 0.7:
            return None
        ref = self.rng.choice(world.deals)
        gid = world.gid(ref)
        world.crm.desk.archive(ref)
        for client in world.clients:
            client.written = [w for w in client.written if w.gid != gid]
        world.deals.remove(ref)
        return "archive"

    def _staff(self, words: str, do: Callable[[Ref], object]) -> str | None:
        if not self.world.deals:
            return None
        try:
            do(self.rng.choice(self.world.deals))
        except CrmError:
            return None
        return words

    # -- the world ----------------------------------------------------------------------------------------
    def fault(self) -> str:
        fault = self.rng.choice(list(Fault))
        self.world.network.faults.append(fault)
        return f"fault: {fault}"

    def outage(self) -> str:
        self.world.network.down = not self.world.network.down
        return "network down" if self.world.network.down else "network up"

    def crash_gateway(self) -> str:
        point = self.rng.choice(list(Failpoint))
        self.world.crash_gateway_at(point)
        return f"gateway dies {point}"

    def restart_gateway(self) -> str:
        self.world.restart_gateway()
        return "gateway restarts"

    def late(self) -> str | None:
        if not self.world.network.late:
            return None
        self.world.network.deliver_late()
        return "late delivery"

    def time(self) -> str:
        self.world.tick(self.rng.choice((0.5, 2.0, 30.0, 3600.0)))
        return "time"


#: Verbs with their weights.
VERBS: tuple[tuple[str, int], ...] = (
    ("sync", 10),
    ("edit", 9),
    ("message", 4),
    ("register", 2),
    ("command", 2),
    ("resolve", 4),
    ("crash_client", 2),
    ("toggle_offline", 2),
    ("vendor_edit", 6),
    ("vendor_touch", 2),
    ("vendor_move", 3),
    ("vendor_answer", 2),
    ("move_away", 2),
    ("archive", 1),
    ("fault", 8),
    ("outage", 1),
    ("crash_gateway", 2),
    ("restart_gateway", 1),
    ("late", 2),
    ("time", 6),
)


def run_seed(seed: int, steps: int) -> Ran:
    """Play one seed to its end; never raises for a violation, it is in the result."""
    world = World(seed)
    script: list[str] = []
    counts: Counter[str] = Counter()
    violations: list[str] = []
    try:
        story = Story(world)
        for client in world.clients:
            client.sync()
        names, weights = zip(*VERBS, strict=True)
        for _ in range(steps):
            name = world.rng.choices(names, weights)[0]
            told: str | None = getattr(story, name)()
            if told is None:
                continue
            script.append(told)
            counts[name] += 1
            world.tick(0.2)
            violations = always(world)
            if violations:
                break
        if not violations:
            _rest(world)
            violations = finally_(world)
        counts.update({f"fault: {name}": n for name, n in world.network.seen.items()})
        counts.update(_outcomes(world))
    finally:
        world.close()
    trace = hashlib.sha256("\n".join([*script, *violations]).encode()).hexdigest()[:16]
    return Ran(seed, len(script), tuple(violations), tuple(script), counts, trace)


def _rest(world: World) -> None:
    for client in world.clients:
        if client.engine.status.by_choice:
            client.engine.set_offline(False)
    world.heal()


def _outcomes(world: World) -> Counter[str]:
    found: Counter[str] = Counter()
    for client in world.clients:
        for done in client.store.outbox.history(10_000):
            found[f"outcome: {done.status}"] += 1
        found["outcome: quarantined"] += len(client.store.outbox.open_items())
    return found
