"""A page on its stage: a real portal over a real encrypted store, a real bridge, and an engine that only listens.

Events of the engine are sent by hand with `stage.tell(event)`; what the page asked of the engine is in `stage.loop`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from app.bridge.engine import Bridge
from app.contract.colleagues import Colleague, Colleagues, Devices, Invited
from app.contract.errors import CounterpartError
from app.contract.manifest import Manifest
from app.services.portal import Portal
from app.services.views_model import Mode, Status
from app.services.words import Words
from app.store.database import Store
from app.sync.engine import Wake
from app.sync.events import Event, StatusChanged
from app.views.page import Page, PageContext, Toast
from app.views.theme.theme import Theme
from tests.services.conftest import KEY, World, open_world


class StillLoop:
    """An engine that does nothing and remembers what it was asked."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self.emit = emit
        self.wakes: list[Wake] = []
        self.offline: list[bool] = []
        self.paused: list[bool] = []
        self.believed = 0
        self.verified: list[bool] = []
        self.receipts: list[str] = []

    def start(self) -> None:
        self.wakes.append(Wake.START)

    def wake(self, reason: Wake = Wake.USER) -> None:
        self.wakes.append(reason)

    def set_offline(self, offline: bool) -> None:
        self.offline.append(offline)

    def set_paused(self, paused: bool) -> None:
        self.paused.append(paused)

    def believe(self) -> None:
        self.believed += 1

    def verify(self, rehash: bool) -> None:
        self.verified.append(rehash)

    def fetch_receipt(self, mutation_id: str) -> None:
        self.receipts.append(mutation_id)

    def stop(self, timeout: float = 5.0) -> bool:
        return True


class FakeStaff:
    """The gateway's side of colleagues and devices: `fails` names errors to raise, once each; `asked` what came."""

    def __init__(self) -> None:
        self.found = Colleagues(items=(), roles=())
        self.own = Devices(items=())
        self.fails: dict[str, CounterpartError] = {}
        self.asked: list[tuple[object, ...]] = []
        self.until = datetime(2026, 11, 30, 9, 41, tzinfo=UTC)

    def everybody(self) -> Colleagues:
        self._enter("everybody")
        return self.found

    def invite(self, name: str, email: str, role: str) -> Invited:
        self._enter("invite", name, email, role)
        made = Colleague(
            id=f"u{len(self.found.items)}",
            name=name,
            email=email,
            role=role,
            role_label=self._label(role),
            invited_until=self.until,
        )
        self.found = Colleagues(items=(*self.found.items, made), roles=self.found.roles)
        return self._link(made)

    def new_link(self, colleague: str) -> Invited:
        self._enter("new_link", colleague)
        return self._link(next(one for one in self.found.items if one.id == colleague))

    def change_role(self, colleague: str, role: str) -> Colleague:
        self._enter("change_role", colleague, role)
        change = {"role": role, "role_label": self._label(role)}
        items = [one.model_copy(update=change) if one.id == colleague else one for one in self.found.items]
        self.found = Colleagues(items=tuple(items), roles=self.found.roles)
        return next(one for one in items if one.id == colleague)

    def remove(self, colleague: str) -> None:
        self._enter("remove", colleague)
        left = tuple(one for one in self.found.items if one.id != colleague)
        self.found = Colleagues(items=left, roles=self.found.roles)

    def devices(self) -> Devices:
        self._enter("devices")
        return self.own

    def sign_out_device(self, device: str, *, erase: bool) -> None:
        self._enter("sign_out_device", device, erase)

    def _enter(self, method: str, *arguments: object) -> None:
        self.asked.append((method, *arguments))
        if method in self.fails:
            raise self.fails.pop(method)

    def _label(self, role: str) -> str:
        return next((one.label for one in self.found.roles if one.name == role), role)

    def _link(self, colleague: Colleague) -> Invited:
        link = f"https://portal.halden.example/welcome/{colleague.id}-7mQxV2"
        return Invited(colleague=colleague, link=link, link_until=self.until)


class NoSignIn:
    """Nobody signs in here."""

    address = ""

    def run(self) -> None:
        return

    def cancel(self) -> None:
        return


@dataclass
class Stage:
    """World, bridge and theme of one test, and what the page said and where it went."""

    world: World
    bridge: Bridge
    loop: StillLoop
    theme: Theme
    staff: FakeStaff = field(default_factory=FakeStaff)
    toasts: list[Toast] = field(default_factory=list)
    gone: list[object] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)

    @property
    def portal(self) -> Portal:
        return self.world.portal

    @property
    def context(self) -> PageContext:
        return PageContext(self.portal, self.bridge, self.theme)

    def tell(self, event: Event) -> None:
        """Let the engine say something, and let it arrive."""
        self.loop.emit(event)
        QApplication.processEvents()

    def online(self) -> None:
        now = self.world.clock.now()
        self.tell(StatusChanged(Status(Mode.LIVE, as_of=now, since=now)))

    def offline(self, *, by_choice: bool = False, minutes: float = 89) -> None:
        since = self.world.clock.now() - timedelta(minutes=minutes)
        cause = "" if by_choice else "The gateway cannot be reached."
        self.tell(
            StatusChanged(Status(Mode.OFFLINE, as_of=since, since=since, cause=cause, by_choice=by_choice))
        )

    def show(self, page: Page, width: int = 1072, height: int = 744) -> None:
        """Host a page as the window does: its signals are heard, its changes told."""
        page.said.connect(self.toasts.append)
        page.go.connect(self.gone.append)
        page.open_record.connect(self.opened.append)
        self.bridge.recordsChanged.connect(lambda changed: page.on_records(changed.entities, changed.gids))
        self.bridge.outboxChanged.connect(page.refresh)
        page.resize(width, height)
        page.refresh()
        page.show()
        QApplication.processEvents()

    def close(self) -> None:
        self.bridge.stop()
        self.world.store.close()


def open_stage(
    folder: Path,
    theme: Theme,
    *,
    role: str = "manager",
    companies: int = 1,
    words: Words | None = None,
    manifest: Manifest | None = None,
) -> Stage:
    """Set the stage in an empty folder. The engine is live, as of the world's clock. `words`: what it speaks."""
    path = folder / "store.db"
    world = open_world(path, role=role, companies=companies, words=words, manifest=manifest)
    loops: list[StillLoop] = []

    def make_loop(emit: Callable[[Event], None]) -> StillLoop:
        loops.append(StillLoop(emit))
        return loops[0]

    def open_portal(wake: Callable[[], None]) -> Portal:
        return Portal.open(Store.open(path, KEY), world.clock, world.ids, wake, zone=UTC, words=words)

    staff = FakeStaff()
    bridge = Bridge(world.portal, make_loop, open_portal, NoSignIn, staff=staff)
    stage = Stage(world, bridge, loops[0], theme, staff)
    stage.online()
    return stage


def settle() -> None:
    """Let deferred deletions happen, so that what is asked next finds no ghosts."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()
