"""The composition of the window: from the entrance to the open account, out again, and back after a damaged store."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bridge.engine import Bridge
from app.bridge.entrance_state import Step
from app.composition.window import Client, WindowRequest
from app.contract.errors import DiskFull, StoreDamaged
from app.services.open_account import OpenAccount
from app.services.opening import Opening
from app.services.surroundings import Surroundings
from app.services.views_model import Mode, Status
from app.views.home.page import HomePage
from app.views.main_window import MainWindow
from app.views.theme.theme import Theme
from tests.services.small_gateway import SmallGateway, small_gateway
from tests.services.test_opening import PHRASE, entered, surroundings

Start = Callable[..., Client]


@pytest.fixture
def gateway() -> Iterator[SmallGateway]:
    with small_gateway() as made:
        yield made


@pytest.fixture
def start(qapp: QApplication, qtbot: QtBot) -> Iterator[Start]:
    clients: list[Client] = []

    def started(around: Surroundings, request: WindowRequest, out: io.StringIO | None = None) -> Client:
        client = Client(qapp, around, request, Theme(), out or io.StringIO())
        clients.append(client)
        client.begin()
        return client

    yield started
    for client in clients:
        client.close()


def window_of(client: Client, qtbot: QtBot) -> MainWindow:
    """The window, once it stands there and the engine has started."""
    qtbot.waitUntil(lambda: (found := client.bridge) is not None and found._running)
    assert client.window is not None
    return client.window


def test_from_the_entrance_to_the_window(
    gateway: SmallGateway, tmp_path: Path, start: Start, qtbot: QtBot
) -> None:
    client = start(surroundings(tmp_path), WindowRequest(gateway=gateway.url))
    window = window_of(client, qtbot)
    assert window.isVisible()
    assert client.entrance is None
    qtbot.waitUntil(lambda: "GET /v1/snapshot" in gateway.asked)


def test_the_window_stands_there_before_the_engine_starts(
    gateway: SmallGateway, tmp_path: Path, start: Start, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    begin = Bridge.start

    def started(bridge: Bridge) -> None:
        order.append("engine")
        begin(bridge)

    monkeypatch.setattr(Bridge, "start", started)
    monkeypatch.setattr(HomePage, "paintEvent", lambda _page, _event: order.append("home painted"))
    around = surroundings(tmp_path)
    account = entered(Opening(around), gateway)
    with account.open_store() as store:
        store.cursors.write(replace(store.cursors.read(), complete=True))
    account.close()
    client = start(around, WindowRequest(gateway=gateway.url))
    window_of(client, qtbot)
    qtbot.waitUntil(lambda: "engine" in order)
    assert order.index("home painted") < order.index("engine")


def test_signing_out_leads_back_to_the_entrance(
    gateway: SmallGateway, tmp_path: Path, start: Start, qtbot: QtBot
) -> None:
    around = surroundings(tmp_path)
    client = start(around, WindowRequest(gateway=gateway.url))
    window_of(client, qtbot).sign_out_requested.emit()
    qtbot.waitUntil(lambda: client.entrance is not None)
    assert client.window is None
    assert client.entrance is not None
    assert client.entrance.state.step is Step.ACCOUNT
    assert Opening(around).accounts() == ()
    assert "POST /oauth/revoke" in gateway.asked


def test_a_store_that_turns_out_damaged_closes_the_window(
    gateway: SmallGateway, tmp_path: Path, start: Start, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = start(surroundings(tmp_path), WindowRequest(gateway=gateway.url))
    window_of(client, qtbot)

    def damaged(*_: object, **__: object) -> OpenAccount:
        raise StoreDamaged

    monkeypatch.setattr(Opening, "open", damaged)
    client.on_expected(StoreDamaged())
    qtbot.waitUntil(lambda: client.window is None)
    entrance = client.entrance
    assert entrance is not None
    qtbot.waitUntil(lambda: entrance.state.step is Step.PROBLEM)
    assert [offer.name for offer in entrance.state.offers] == ["salvage", "back"]


def test_an_expected_error_is_told_in_the_window(
    gateway: SmallGateway, tmp_path: Path, start: Start, qtbot: QtBot
) -> None:
    client = start(surroundings(tmp_path), WindowRequest(gateway=gateway.url))
    window_of(client, qtbot)
    assert client.bridge is not None
    with qtbot.waitSignal(client.bridge.failed) as told:
        client.on_expected(DiskFull())
    assert isinstance(told.args[0], DiskFull)


def test_without_a_person_the_first_question_ends_it(
    gateway: SmallGateway, tmp_path: Path, start: Start, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    around = surroundings(tmp_path, ring=False)
    client = start(around, WindowRequest(gateway=gateway.url, exit_after_sync=30.0))
    qtbot.waitUntil(lambda: client.exit_code == 1)
    assert capsys.readouterr().err.startswith("Choose a passphrase")


def test_without_a_person_it_leaves_when_both_sides_are_in_step(
    gateway: SmallGateway, tmp_path: Path, start: Start, qtbot: QtBot
) -> None:
    around = surroundings(tmp_path, ring=False)
    account = entered(Opening(around), gateway, PHRASE)
    with account.open_store() as store:
        store.cursors.write(replace(store.cursors.read(), complete=True))
    account.close()
    # The engine gets no answer, so that only the status given here is heard.
    gateway.down |= {"/v1/manifest", "/v1/snapshot", "/v1/changes"}
    out = io.StringIO()
    client = start(around, WindowRequest(gateway=gateway.url, passphrase=PHRASE, exit_after_sync=30.0), out)
    window_of(client, qtbot)
    assert client.bridge is not None
    live = Status(Mode.LIVE, around.clock.now(), around.clock.now())
    client.bridge.statusChanged.emit(live)
    client.bridge.statusChanged.emit(live)
    said = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(one["synced"], one["as_of"]) for one in said] == [(True, "2026-11-23T09:41:00+00:00")]
    assert client.exit_code == 0


def test_without_a_person_a_session_that_ended_is_the_end(
    gateway: SmallGateway, tmp_path: Path, start: Start, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    around = surroundings(tmp_path, ring=False)
    entered(Opening(around), gateway, PHRASE).close()
    gateway.ended = True
    client = start(around, WindowRequest(gateway=gateway.url, passphrase=PHRASE, exit_after_sync=30.0))
    qtbot.waitUntil(lambda: client.exit_code == 1)
    assert "Your session has ended." in capsys.readouterr().err


def test_an_order_to_wipe_closes_the_window_destroys_and_is_told(
    gateway: SmallGateway, tmp_path: Path, start: Start, qtbot: QtBot
) -> None:
    around = surroundings(tmp_path)
    client = start(around, WindowRequest(gateway=gateway.url))
    window_of(client, qtbot)
    (account,) = Opening(around).accounts()
    gateway.wipe = "order-1"
    assert client.bridge is not None
    client.bridge.wake()
    qtbot.waitUntil(lambda: client.entrance is not None)
    entrance = client.entrance
    assert entrance is not None
    assert client.window is None
    assert entrance.state.step is Step.ERASED
    assert entrance.state.heading == "Your account was erased from this computer"
    assert not account.folder.exists()
    qtbot.waitUntil(lambda: entrance.state.notes[-1] == "The gateway has been told that it is done.")
    assert [body["order"] for body, _ in gateway.wiped] == ["order-1"]
    entrance.take("understood")
    assert entrance.state.heading == "Welcome"
    assert Opening(around).erasing.notes() == ()


def test_signing_in_again_may_lead_to_the_order(
    gateway: SmallGateway, tmp_path: Path, start: Start, qtbot: QtBot
) -> None:
    around = surroundings(tmp_path)
    client = start(around, WindowRequest(gateway=gateway.url))
    window_of(client, qtbot)
    (account,) = Opening(around).accounts()
    # What the engine asks when it starts is answered before the session ends.
    qtbot.waitUntil(lambda: "GET /v1/snapshot" in gateway.asked)
    gateway.ended = True
    assert client.bridge is not None
    bridge = client.bridge
    bridge.wake()
    qtbot.waitUntil(lambda: bridge.status.mode is Mode.SIGN_IN)
    gateway.ended, gateway.wipe = False, "order-1"
    bridge.sign_in()
    qtbot.waitUntil(lambda: client.entrance is not None)
    assert client.entrance is not None
    assert client.entrance.state.step is Step.ERASED
    assert not account.folder.exists()
    qtbot.waitUntil(lambda: [body["order"] for body, _ in gateway.wiped] == ["order-1"])


def test_without_a_person_an_order_to_wipe_is_obeyed_before_it_leaves(
    gateway: SmallGateway, tmp_path: Path, start: Start, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    around = surroundings(tmp_path)
    entered(Opening(around), gateway).close()
    (account,) = Opening(around).accounts()
    gateway.wipe = "order-2"
    client = start(around, WindowRequest(gateway=gateway.url, exit_after_sync=30.0))
    qtbot.waitUntil(lambda: client.exit_code == 1)
    assert "was erased from this computer" in capsys.readouterr().err
    assert not account.folder.exists()


def test_a_window_that_closes_at_that_moment_still_obeys(
    gateway: SmallGateway, tmp_path: Path, start: Start, qtbot: QtBot
) -> None:
    around = surroundings(tmp_path)
    client = start(around, WindowRequest(gateway=gateway.url))
    window_of(client, qtbot)
    (account,) = Opening(around).accounts()
    assert client.bridge is not None
    client.bridge.wipeWanted.emit("order-3")
    client.close()
    assert not account.folder.exists()
    assert [note.order for note in Opening(around).erasing.notes()] == ["order-3"]
