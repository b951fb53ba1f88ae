"""One life of both sides: the app is used and syncs, the vendor works, until the blade falls.

`python -m tests.crash.victim FOLDER SEED LIFE PLACE NTH HOW` plays one by itself; the suite forks it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from app.contract.errors import CounterpartError
from app.store.cipher import dbapi2
from app.sync.pull import Pull
from gateway.crm.embedded.files import NewFile
from gateway.crm.port import CrmError, Ref
from tests.crash.blade import Blade, How, Kill, Sql
from tests.crash.journal import Journal
from tests.crash.look import Reader
from tests.crash.world import SETTINGS, World, engines_of

#: Contract field to CRM column, for the fields that are edited.
COLUMNS = {"competitor": "rival", "next_steps": "next_action", "contact_name": "ct_name"}


class Life:
    """What happens in one life, by chance but the same for the same seed."""

    def __init__(self, world: World, journal: Journal) -> None:
        self.world = world
        self.rng = world.rng
        self.journal = journal
        self._n = 0

    def live(self) -> None:
        """Play everything once or more, in an order by chance, with syncs in between."""
        self.sync()
        verbs: list[Callable[[], None]] = [
            self.edit, self.edit, self.edit, self.message, self.message, self.register, self.vendor_edits,
            self.vendor_edits, self.clash, self.vendor_answers, self.pull_paper, self.move_away, self.start_over,
        ]  # fmt: skip
        self.rng.shuffle(verbs)
        for n, verb in enumerate(verbs):
            verb()
            if n % 3 == 2:
                self.sync()
        self.vendor_edits()
        self.sync()

    def word(self) -> str:
        """A value that occurs nowhere else."""
        self._n += 1
        return f"Word{self._n}x{self.rng.randrange(10**9)}"

    def sync(self) -> None:
        self.world.sync()
        while not self.world.store.cursors.read().complete:
            self.world.sync()

    # -- the partner --------------------------------------------------------------------------------------
    def _shown(self, entity: str) -> list[str]:
        records = self.world.portal.records
        return [row.gid for row in records.rows(records.ids(entity))]

    def edit(self, gid: str = "", name: str = "") -> None:
        """Edit a field as the detail pane does."""
        portal, name = self.world.portal, name or self.rng.choice([*COLUMNS])
        gid = gid or self.rng.choice(self._shown("deal_registration") or [""])
        if not gid or name not in portal.records.editable(gid):
            return
        value = self.word()
        self.journal.write("trying", what="edit", gid=gid, field=name, value=value)
        try:
            done = portal.intents.edit(gid, {name: value})
        except CounterpartError:
            self.journal.write("refused", value=value)
            return
        self.journal.write("saved", what="edit", id=done.mutation_id, gid=gid, field=name, value=value)

    def message(self) -> None:
        parents = self._shown("request")
        if not parents:
            return
        text, parent = self.word(), self.rng.choice(parents)
        self.journal.write("trying", what="message", gid=parent, value=text)
        done = self.world.portal.intents.message(parent, text)
        self.journal.write("saved", what="message", id=done.mutation_id, gid=parent, value=text)

    def register(self) -> None:
        """Register a deal with evidence: typed in two steps, then handed in."""
        drafts, name = self.world.portal.drafts, self.word()
        path = self.world.folder / f"{name}.txt"
        path.write_bytes(name.encode() * self.rng.choice((2_000, 30_000)))
        gid = drafts.start("deal_registration")
        self.journal.write("saved", what="draft", gid=gid, value=None)
        data = dict(drafts.load(gid).data) | {"customer": name, "website": f"{name.lower()}.example"}
        drafts.save(gid, data)
        self.journal.write("saved", what="draft", gid=gid, value=name)
        data |= {
            "country": "GB",
            "title": f"{name} network",
            "amount": "1200.00",
            "currency": "GBP",
            "target_close": (self.world.clock.now().date() + timedelta(days=60)).isoformat(),
            "problem": "The network stops whenever the shop is full of people.",
        }
        drafts.save(gid, data)
        file = drafts.add_file(gid, path)
        self.journal.write("saved", what="file", gid=gid, value=file.sha256)
        self.journal.write("trying", what="deal", gid=gid, value=name)
        drafts.submit(gid)
        self.journal.write("saved", what="deal", gid=gid, value=name, sha256=file.sha256)

    def pull_paper(self) -> None:
        """Ask for the bytes of a file that the vendor added."""
        portal = self.world.portal
        for gid in self._shown("file"):
            record = portal.records.get(gid)
            if record is not None and record.data.get("name") == "quote.pdf":
                portal.documents.cancel(gid)
                portal.documents.pull(gid)
                self.journal.write("saved", what="asked", gid=gid, value=record.data["sha256"])
                return

    def start_over(self) -> None:
        """The position was lost: what follows is a snapshot over the mirror, as after an expired cursor."""
        world = self.world
        Pull(world.store, world.transport, world.clock, lambda _: None, SETTINGS).start_over()

    # -- the vendor ---------------------------------------------------------------------------------------
    def vendor_edits(self) -> None:
        """Staff work through several deals, so that a page of changes has several rows."""
        for ref in self.rng.sample(self.world.deals, 3):
            self._vendor_edit(ref, self.rng.choice([*COLUMNS.values()]))
        self.world.tick()

    def _vendor_edit(self, ref: Ref, column: str) -> None:
        self._staff(lambda: self.world.desk.edit(ref, {column: self.word()}))

    def clash(self) -> None:
        """Both sides change the same field before either hears of it."""
        shown = set(self._shown("deal_registration"))
        for ref in self.rng.sample(self.world.deals, len(self.world.deals)):
            gid = self.world.gid(ref)
            if gid in shown:
                name = self.rng.choice([*COLUMNS])
                self.edit(gid, name)
                self._vendor_edit(ref, COLUMNS[name])
                return

    def vendor_answers(self) -> None:
        paper = NewFile("quote.pdf", "application/pdf", b"%PDF-1.4\n" + self.rng.randbytes(300_000))
        ref = self.rng.choice(self.world.requests)
        self._staff(lambda: self.world.desk.answer(ref, self.word(), [paper]))

    def move_away(self) -> None:
        """A deal goes to another partner: nothing of it may stay here."""
        calder = Ref("account", self.world.cast.calder)
        mine = [ref for ref in self.world.deals if self._account(ref) == self.world.cast.brightwater]
        if len(mine) > 2:
            ref = self.rng.choice(mine)
            self.journal.write("moving", gid=self.world.gid(ref))
            self._staff(lambda: self.world.desk.move(ref, calder))

    def _account(self, ref: Ref) -> str:
        return str(self.world.crm.read(ref).fields["account_id"])

    def _staff(self, do: Callable[[], object]) -> None:
        with suppress(CrmError):
            do()


def play(folder: Path, seed: int, life: int, kill: Kill | None, *, looking: bool = False) -> Blade:
    """Play a life; comes back only when the blade did not fall."""
    blade = Blade(kill)
    journal = Journal(folder / "journal", blade.moment)
    reader = Reader(folder) if looking else None
    _watch_all(folder, blade)
    world = World(folder, life, seed, blade)
    if reader is not None:
        _look_on(blade, journal, reader)
    Life(world, journal).live()
    blade.moment()
    return blade


def _watch_all(folder: Path, blade: Blade) -> None:
    """Count the statements of every connection that is opened from now on, from its first one."""
    connect = dbapi2.connect

    def connected(*args: Any, **kwargs: Any) -> Any:
        raw = connect(*args, **kwargs)
        blade.watch(raw, Sql.CLIENT)
        return raw

    dbapi2.connect = connected
    engines = engines_of(folder)
    for engine, name in ((engines.database.engine, Sql.GATEWAY), (engines.crm.database.engine, Sql.CRM)):
        event.listen(engine, "connect", lambda raw, _record, name=name: blade.watch(raw, name), insert=True)


def _look_on(blade: Blade, journal: Journal, reader: Reader) -> None:
    """Have the reader look at the named points of the client and between its statements, so also inside a page."""

    def look() -> None:
        try:
            found = reader.look()
        except Exception as error:  # noqa: BLE001  # SQLite keeps what a callback raises to itself
            found = [f"the reader failed: {error!r}"]
        if found:
            journal.write("torn", found=found)

    blade.looker = look


def main() -> int:
    folder, seed, life, place, nth, how = sys.argv[1:]
    play(Path(folder), int(seed), int(life), Kill(place, int(nth), How(how)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
