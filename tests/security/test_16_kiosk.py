"""16. On a shared machine an idle lock takes a person's window, search and clipboard away; no dialog for files,
printer, shell or browser can be reached; who comes next sees nothing of who was there, on the screen or on the
disk.

Signing in: statement 3. More: `tests/e2e/test_kiosk.py`, `tests/e2e/test_kiosk_broken_off.py`,
`tests/views/test_ways_out.py`, `tests/views/test_kiosk_entrance.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from app.composition.kiosk import KioskClient
from app.services.idle import CountingDown, Idle, IdleWatch, Using
from app.services.kiosk.account import KioskAccount
from app.views import ways_out
from app.views.kiosk.entrance import EntranceScreen
from app.views.kiosk.use import UseScreen
from app.views.page import Place
from app.views.theme.theme import Theme
from tests.e2e.kiosk import Kiosk, NoWait, Phone, colleague, working
from tests.e2e.together import DEAL, Person, Vendor, vendor_at
from tests.patience import PATIENCE
from tests.security.canary import scan
from tests.services.conftest import StandingClock

WORD = "canaryQX7"


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendor]:
    with vendor_at(tmp_path_factory.mktemp("counter"), device_code=True, console=False) as made:
        yield made


@pytest.fixture
def kiosk(counter: Vendor, tmp_path: Path) -> Iterator[Kiosk]:
    made = Kiosk(counter, tmp_path / "kiosk")
    yield made
    made.opening.end()
    made.wire.close()


@pytest.fixture
def maya(counter: Vendor) -> Person:
    return colleague(counter, "Maya Brandt")


@pytest.fixture
def tom(counter: Vendor) -> Person:
    return colleague(counter, "Tom Reyes")


@pytest.fixture
def client(kiosk: Kiosk, theme: Theme, qapp: QApplication) -> Iterator[KioskClient]:
    made = KioskClient(qapp, kiosk.around, theme)
    made.begin()
    yield made
    made.close()


def enters(client: KioskClient, person: Person, vendor: Vendor) -> KioskAccount:
    """Somebody signs in by phone and has the screen."""
    signed_in = client.opening.sign_in(Phone(person), NoWait(vendor)).run()
    account = client.opening.open(signed_in)
    client._on_opened(account)
    return account


def until(condition: Callable[[], object]) -> None:
    passed = 0.0
    while not condition():
        assert passed < PATIENCE
        QTest.qWait(20)
        passed += 0.02


def texts(widget: QWidget) -> str:
    found = [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription(), widget.windowTitle()]
    if isinstance(widget, QLabel | QLineEdit):
        found.append(widget.text())
    if isinstance(widget, QPlainTextEdit | QTextEdit):
        found.append(widget.toPlainText())
    return "\n".join(found)


def seen_anywhere(word: str) -> list[str]:
    """Every widget of the process that holds a word, visible or not, and the clipboards."""
    QCoreApplication.sendPostedEvents(None, 0)
    found = [type(widget).__name__ for widget in QApplication.allWidgets() if word in texts(widget)]
    clipboard = QGuiApplication.clipboard()
    found += [
        mode.name
        for mode in (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection)
        if word in clipboard.text(mode)
    ]
    return found


def test_an_idle_screen_is_given_away_with_everything_on_it(
    client: KioskClient, counter: Vendor, maya: Person, tom: Person, kiosk: Kiosk
) -> None:
    account = enters(client, maya, counter)
    with working(account) as portal:
        portal.intents.edit(DEAL, {"competitor": WORD}) if portal.records.get(DEAL) else None
        portal.drafts.start("request", {"subject": WORD})
    window = client.window
    assert window is not None
    window.go(Place("request"))
    QApplication.processEvents()
    QGuiApplication.clipboard().setText(WORD)
    window.overlays.open_palette()
    window.palette_overlay._edit.setText(WORD)
    QApplication.processEvents()
    assert seen_anywhere(WORD), "it was there"
    counter.clock.forward(seconds=121)
    client.idling.look()
    assert isinstance(client.screen, EntranceScreen)
    assert seen_anywhere(WORD) == []
    assert client.window is None
    until(lambda: not [*kiosk.root.rglob("store.db")])  # she has chosen no code to come back with
    enters(client, tom, counter)
    assert isinstance(client.screen, UseScreen)
    assert seen_anywhere(WORD) == []
    assert seen_anywhere("Brandt") == []
    assert scan([kiosk.root], [WORD, maya.email, "Brandt"]) == {}


def test_a_countdown_is_seen_and_a_touch_ends_it() -> None:
    clock = StandingClock()
    watch = IdleWatch(clock, 0)
    assert isinstance(watch.state(), Using)
    clock.go(seconds=101)
    assert isinstance(watch.state(), CountingDown)
    watch.touched()
    assert isinstance(watch.state(), Using)
    clock.go(seconds=121)
    assert isinstance(watch.state(), Idle)
    watch.touched()
    assert isinstance(watch.state(), Idle), "whoever comes by does not open it by touching it"


def test_no_dialog_shell_or_program_can_be_reached(
    client: KioskClient, counter: Vendor, maya: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def never(*_arguments: object, **_members: object) -> None:
        raise AssertionError("it led out")

    for name in ("getSaveFileName", "getOpenFileName", "getOpenFileNames", "getExistingDirectory", "exec"):
        monkeypatch.setattr(QFileDialog, name, never)
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", never)
    monkeypatch.setattr("subprocess.Popen", never)
    monkeypatch.setattr("webbrowser.open", never)
    assert ways_out.allowed() == ways_out.NOTHING
    enters(client, maya, counter)
    window = client.window
    assert window is not None
    screen = client.screen
    for key, modifier in (
        (Qt.Key.Key_F12, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier),
        (Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_F4, Qt.KeyboardModifier.AltModifier),
        (Qt.Key.Key_F11, Qt.KeyboardModifier.NoModifier),
    ):
        QTest.keyClick(window, key, modifier)
        QApplication.processEvents()
    assert client.screen is screen
    assert ways_out.ask_where(window, tmp_path / "a.pdf") is None
    assert ways_out.ask_files(window) == ()
    assert ways_out.open_address("https://halden.example") is False


def test_signing_out_leaves_nothing_but_what_is_sealed(kiosk: Kiosk, maya: Person) -> None:
    account = kiosk.enter(maya)
    assert kiosk.sync(account).ok
    kiosk.wire.close()
    with working(account) as portal:
        portal.drafts.start("request", {"subject": WORD})
    assert scan([kiosk.root], [WORD, maya.email]) == {}, "nor while somebody works"
    kiosk.opening.sign_out(account.person.id)
    assert scan([kiosk.root], [WORD, maya.email, maya.name]) == {}
    assert not [name for name in kiosk.files() if "store.db" in name]
    assert any(name.endswith(".sealed") for name in kiosk.files()), "what is not sent is kept for her alone"
