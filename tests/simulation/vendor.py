"""What the vendor does: its staff, its automations, its CRM's bad habits, and who is granted what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from gateway.crm.embedded.unit import AUTOMATION
from gateway.crm.port import CrmError, Ref
from tests.simulation.stage import Stage, verb
from tests.simulation.uneasy import Slip
from tests.simulation.world import DROPPED

_ROLES = ("admin", "manager", "read_only", "support", "finance")


class Vendor(Stage):
    """Verbs of the other side."""

    @verb(10)
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
    def rename(self) -> str:
        """A contact has another name, which many rows show and none of them holds."""
        who = self.rng.choice((self.world.crm.maya, self.world.crm.tomasz))
        contact, word = Ref("contact", who.id), self.word()
        self._linked(contact, lambda: self.world.crm.desk.edit(contact, {"full_name": word}))
        return "rename a contact"

    def _linked(self, ref: Ref, change: Callable[[], object], *, silent: bool = True) -> None:
        """Change what rows are linked to: where that is silent, nobody is told of more than this one row."""
        world = self.world
        if not (silent and world.quirks.can.silent_links):
            change()
            return
        deaf, world.deaf = world.deaf, True
        try:
            world.port.silently(ref, change)
        finally:
            world.deaf = deaf
        world.hear((ref,))

    @verb(1)
    def ahead(self) -> str | None:
        """The CRM's clock is fast for a moment: a row is stamped with a time that is yet to come."""
        clock, ahead = self.world.crm.clock, timedelta(minutes=self.rng.choice((10, 24 * 60)))
        change = self._vendor_change("registration")

        def stamped(ref: Ref) -> None:
            clock.at += ahead
            try:
                self.world.crm.desk.edit(ref, change(ref))
            finally:
                clock.at -= ahead

        return self._staff("registration", "an edit is stamped ahead of time", stamped)

    @verb(1)
    def herd(self) -> str:
        """More rows than a page, and than a step of the fast lane reads, get one and the same time."""
        page = self.world.quirks.can.page_size
        with self.world.crm.crm.writing() as unit:
            for n in range(self.rng.choice((page, 6 * page))):
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
            silent = self.world.quirks.moves_silently
            self._linked(ref, lambda: crm.desk.move(ref, to), silent=silent)
            self._disturb(ref)

        return self._staff(self.rng.choice(("registration", "ticket")), "move to another company", moved)

    @verb(1)
    def archive(self) -> str | None:
        desk = self.world.crm.desk

        def archived(ref: Ref) -> None:
            self._disturb(ref)
            desk.archive(ref)

        obj = self.rng.choice(("registration", "ticket"))
        return self._staff(obj, "archive", archived) if len(self.world.rows(obj)) > 3 else None

    @verb(1)
    def crm_merge(self) -> str | None:
        winner = self._row("registration")
        if winner is None or len(self.world.rows("registration")) <= 3:
            return None

        def merged(loser: Ref) -> None:
            self._disturb(loser, winner)
            self.world.crm.desk.merge(loser, winner)

        return self._staff("registration", "CRM merge", merged)

    @verb(2, needs=lambda quirks: quirks.can.late_commit)
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

    @verb(1, needs=lambda quirks: quirks.can.index_lag)
    def search_lag(self) -> str:
        self.world.port.lag = timedelta(seconds=self.rng.choice(self.world.quirks.lags))
        return f"the search index lags {self.world.port.lag.seconds} s"

    @verb(2, needs=lambda quirks: quirks.can.rate)
    def limited(self) -> str:
        """Others have used up what the CRM takes."""
        self.world.port.refusing = self.rng.choice((1, 3, 9))
        return f"the CRM takes none of the next {self.world.port.refusing} calls"

    @verb(1, needs=lambda quirks: quirks.journal)
    def journal_forgets(self) -> str:
        self.world.port.forget()
        return "the journal forgets what has happened"

    @verb(1, needs=lambda quirks: quirks.can.webhooks)
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
        self.oracle.disturbed.add(DROPPED)
        return f"manifest {'narrow' if self.world.narrow else 'whole'}"
