"""One device of a user: its store on disk, its engine and portal, made anew after each end of its process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.services.portal import Portal
from app.store.database import Store
from app.sync.engine import Engine, Wake
from app.sync.retry import Backoff
from app.sync.settings import EngineSettings
from app.sync.transfers import Transfers
from gateway.identity.session import Session
from tests.simulation.clock import SetClock
from tests.simulation.network import ClientCrash, SimulatedTransport

if TYPE_CHECKING:
    from tests.simulation.world import World

KEY = bytes(range(32))
SETTINGS = EngineSettings(
    page_rows=7, batch=3, poll=5.0, brake=60.0, brake_least=8, scrub_again=5.0, backoff=Backoff(0.5, 4.0)
)


class Fuse:
    """Stands before the store's connection: ends the process at the n-th statement, and lets a dead one do nothing."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.left: int | None = None
        self.dead = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def execute(self, sql: str, *params: Any) -> Any:
        self._burn(sql)
        return self._raw.execute(sql, *params)

    def executemany(self, sql: str, rows: Any) -> Any:
        self._burn(sql)
        return self._raw.executemany(sql, rows)

    def _burn(self, sql: str) -> None:
        if self.left is not None:
            self.left -= 1
            self.dead = self.dead or self.left < 0
        if self.dead and not sql.startswith("ROLLBACK"):
            raise ClientCrash


class Device:
    """A client."""

    def __init__(self, world: World, name: str, session: Session, path: Path) -> None:
        self.world = world
        self.name = name
        self.session = session
        self.path = path
        self.clock = SetClock(world.crm.clock)
        self.full = False
        self.busy = False
        self.open()

    def open(self) -> None:
        """Start the process."""
        world = self.world
        self.store = Store.open(self.path, KEY)
        self.fuse = Fuse(self.store.connection._raw)
        self.store.connection._raw = self.fuse
        transport = SimulatedTransport(world.network, self.session)
        clock, dice, settings = self.clock, world.dice, world.settings
        self.engine = Engine(self.store, transport, clock, dice, world.heard, settings=settings)
        self.transfers = Transfers(self.store, transport, clock, dice, world.heard, settings)
        self._portal: Portal | None = None
        if self.full:
            self.fill()

    @property
    def portal(self) -> Portal:
        """The use cases, as the window has them."""
        if self._portal is None:
            self._portal = Portal.open(self.store, self.clock, self.world.ids, lambda: None)
        self._portal.reload()
        return self._portal

    def ready(self) -> bool:
        """Whether a user can work with it."""
        return Portal.ready(self.store) and self.store.cursors.read().complete

    # -- the process --------------------------------------------------------------------------------------
    def crash(self) -> None:
        """End the process without a word, and start it again."""
        self.fuse.dead = False
        self.fuse.left = None
        self.store.close()
        self.open()

    def doing(self, do: Callable[[], object]) -> bool:
        """Do something in this process; if that ends it, it starts again. Returns whether it lived."""
        self.busy = True
        try:
            do()
        except ClientCrash:
            self.fuse.dead = True
            self.world.count["client died"] += 1
            self.crash()
            return False
        finally:
            self.fuse.left = None
            self.busy = False
        return True

    def sync(self, wake: Wake = Wake.USER) -> bool:
        """One cycle and the bytes that wait, as the loop's threads run them."""
        return self.doing(lambda: self._sync(wake))

    def _sync(self, wake: Wake) -> None:
        self.engine.cycle(wake)
        if not self.engine.online:
            return
        self.transfers.encourage()
        moved = 0
        while moved < 20 and self.transfers.step():
            moved += 1
        if moved:
            self.engine.cycle(Wake.UPLOADED)

    def sign_in(self) -> None:
        """A person signs in again after the session has ended."""
        self.transfers.encourage()
        self.engine.cycle(Wake.SIGNED_IN)

    # -- the disk -----------------------------------------------------------------------------------------
    def fill(self) -> None:
        """Leave no room on the disk."""
        self.full = True
        pages = self.store.connection.value("PRAGMA page_count")
        self.store.connection.run(f"PRAGMA max_page_count = {pages}")

    def free(self) -> None:
        """Make room again."""
        self.full = False
        self.store.connection.run("PRAGMA max_page_count = 1073741823")

    # -- an older release ---------------------------------------------------------------------------------
    def queued_by_an_older_release(self) -> int:
        """Turn what waits, and was never sent, into what a release before this one would have written."""
        rows = self.store.connection.rows(
            "SELECT seq, body FROM outbox WHERE state = 'queued' AND frozen = 0"
        )
        for seq, text in rows:
            body = json.loads(text)
            body["wire_schema"] = 0
            for name in ("supersedes", "base_version", "depends_on"):
                if not body.get(name):
                    body.pop(name, None)
            self.store.connection.run("UPDATE outbox SET body = ? WHERE seq = ?", (json.dumps(body), seq))
        self.crash()
        return len(rows)

    # -- what is on the screen ----------------------------------------------------------------------------
    def shown(self, entity: str) -> list[str]:
        """Return the gids of the records of a type that the lists show."""
        rows = self.store.connection.rows(
            "SELECT gid FROM record WHERE entity = ? AND sync <> 'draft' ORDER BY gid", (entity,)
        )
        return [gid for (gid,) in rows]

    def value(self, gid: str, name: str) -> Any:
        """Return what is shown of a field."""
        shown = self.store.projection.get(gid)
        return None if shown is None else shown.data.get(name)
