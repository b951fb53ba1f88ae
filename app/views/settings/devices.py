"""The user's own devices: which they are, and signing out one that is not at hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.contract.colleagues import Devices, DeviceSeen
from app.contract.errors import CounterpartError, SignInNeeded
from app.services.format import Formats
from app.views.page import PageContext, Toast
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import Button, link, secondary
from app.views.widgets.cards import Card, Rule, SectionHeader
from app.views.widgets.choice_controls import CheckBox
from app.views.widgets.dialog import Dialog
from app.views.widgets.layout import column, emptied, holding, row
from app.views.widgets.own_tasks import OwnTasks
from app.views.widgets.pills import Pill
from app.views.widgets.text import Text
from app.views.widgets.tiles import IconTile

#: What was read is good for so long; then it is read again when the settings are shown.
_FRESH = timedelta(minutes=1)

_LEAST_NAME = 60


class DeviceRow(ThemedWidget):
    """One device. `sign_out_asked`: of another one than this."""

    sign_out_asked = Signal()

    def __init__(self, theme: Theme, device: DeviceSeen, formats: Formats) -> None:
        super().__init__(theme)
        self.device = device
        said = _standing(device, formats)
        self.setAccessibleName(f"{device.name}. {said}")
        name = Text(theme, device.name, Role.NAME, elide=True)
        name.setMinimumWidth(min(_LEAST_NAME, name.sizeHint().width()))
        named = row(name, gap=8)
        if device.this:
            named.addWidget(Pill(theme, self.tr("This one")))
        named.addStretch(1)
        below = Text(theme, said, Role.SECONDARY, Tone.TEXT3, elide=True)
        below.setMinimumWidth(_LEAST_NAME)
        words = column(None, named, below, None)
        verb = self.tr("Sign out") if device.signed_in else self.tr("Erase")
        self.sign_out: Button = secondary(theme, verb, small=True)
        self.sign_out.setAccessibleName(f"{verb}: {device.name}")
        self.sign_out.setVisible(not device.this)
        self.sign_out.clicked.connect(self.sign_out_asked)
        self._problem = Text(theme, "", Role.SECONDARY, Tone.BAD, wrap=True)
        line = row(IconTile(theme, "device-laptop", Tone.NEUTRAL), gap=Space.M)
        line.addLayout(words, 1)
        line.addWidget(self.sign_out)
        self.setLayout(column(line, self._problem, gap=4, margins=(Space.L, 10, Space.L, 10)))
        self.show_problem("")

    @property
    def problem(self) -> str:
        """Why what was asked did not happen."""
        return self._problem.text()

    def show_problem(self, words: str) -> None:
        self._problem.set_text(words)
        self._problem.setVisible(bool(words))


class SignOutDevice(Dialog):
    """Asks once, and whether the device is to be erased too. One that is signed out already can only be erased."""

    def __init__(self, theme: Theme, window: QWidget, device: DeviceSeen, vendor: str) -> None:
        erase_only = not device.signed_in
        super().__init__(
            theme,
            window,
            _said("Erase {name}?" if erase_only else "Sign out {name}?").format(name=device.name),
            _said(
                "Its session is over already. What it holds is erased when it next comes online."
                if erase_only
                else "Its session ends at once. What it holds stays on it, encrypted, until you sign in there again."
            ),
            verb=_said("Erase it") if erase_only else _said("Sign out"),
            safe=_said("Leave it"),
            danger=True,
        )
        self.erase = CheckBox(theme, _said("and erase what it holds"))
        self.erase.setChecked(erase_only)
        self.erase.setVisible(not erase_only)
        self._means = Text(
            theme,
            _said(
                "For a device that is lost or stolen. When it next comes online, everything of this account on it is "
                "destroyed, and so is what was entered there and has not reached {vendor}. This cannot be undone."
            ).format(vendor=vendor),
            Role.SECONDARY,
            Tone.WARN,
            wrap=True,
        )
        self._erase_only = erase_only
        self.body.addWidget(self.erase)
        self.body.addWidget(self._means)
        self.erase.toggled.connect(lambda _on: self._show())
        self._show()

    @property
    def erases(self) -> bool:
        """Whether it was ticked."""
        return self.erase.isChecked()

    def _show(self) -> None:
        self._means.setVisible(self.erases)
        if not self._erase_only:
            verb = _said("Sign out and erase") if self.erases else _said("Sign out")
            self.verb_button.set_text(verb)
        self.erase.setAccessibleDescription(self._means.text())
        self.adjustSize()


class DevicesSection(QWidget):
    """The list, read when it is shown; offline it says so."""

    said = Signal(object)
    """A Toast."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = context.theme
        self.bridge = context.bridge
        self.portal = context.portal
        self._tasks = OwnTasks(self, context.bridge)
        self._found: Devices | None = None
        self._read_at: datetime | None = None
        self._reading = False
        self._trouble = ""
        self.rows: list[DeviceRow] = []
        self._header = SectionHeader(self.theme, self.tr("Your devices"))
        self._card = Card(self.theme, name=self.tr("Your devices"))
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._note = Text(self.theme, "", Role.SECONDARY, Tone.TEXT3, wrap=True)
        self.again = link(self.theme, self.tr("Try again"))
        self.again.clicked.connect(self.read)
        noted = row(gap=Space.M, margins=(Space.L, 12, Space.L, 12))
        noted.addWidget(self._note, 1)
        noted.addWidget(self.again)
        self._noted = holding(noted)
        self._card.body.addLayout(self._list)
        self._card.body.addWidget(self._noted)
        self.setLayout(column(self._header, self._card, gap=Space.M - 2))
        self.bridge.statusChanged.connect(self._on_status)

    @property
    def note(self) -> str:
        """What is said below the list, or in its place."""
        return self._note.text() if self._noted.isVisibleTo(self) else ""

    def _on_status(self) -> None:
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Show what is known, and read it again when that is old."""
        if self._read_at is None or self.portal.now() - self._read_at > _FRESH:
            self.read()
        self._show()

    def read(self) -> None:
        """Ask the gateway, if it can be asked and is not being asked already."""
        if self._reading or not self.bridge.online:
            return
        self._reading = True
        staff = self.bridge.staff
        self._tasks.run(lambda _portal: staff.devices(), self._on_read, self._on_unread)

    def _on_read(self, found: Devices) -> None:
        self._reading = False
        self._trouble = ""
        self._read_at = self.portal.now()
        if found != self._found:
            self._found = found
            self._fill(found.items)
        self._show()

    def _on_unread(self, error: CounterpartError) -> None:
        self._reading = False
        self._trouble = self._words(error)
        self._show()

    def _words(self, error: CounterpartError) -> str:
        if isinstance(error, SignInNeeded):
            self.bridge.wake()  # what that means is found out, and told, in one place
        return self.portal.formats.tr.told(error)

    def _fill(self, devices: Sequence[DeviceSeen]) -> None:
        emptied(self._list)
        self.rows = []
        for number, device in enumerate(devices):
            if number:
                self._list.addWidget(Rule(self.theme))
            made = DeviceRow(self.theme, device, self.portal.formats)
            made.sign_out_asked.connect(lambda shown=made: self._ask(shown))
            self._list.addWidget(made)
            self.rows.append(made)

    def _show(self) -> None:
        online = self.bridge.online
        offline = self.tr("You are offline. {vendor} keeps this list; it can be changed when you are back.")
        words = self._trouble
        if not online:
            words = offline.format(vendor=self.portal.vendor)
        elif not words and self._found is None:
            words = self.tr("Asking {vendor}.").format(vendor=self.portal.vendor)
        self._note.set_text(words)
        self._noted.setVisible(bool(words))
        self.again.setVisible(online and bool(self._trouble))
        for shown in self.rows:
            if online:
                shown.sign_out.enable()
            else:
                shown.sign_out.disable(words)

    def _ask(self, shown: DeviceRow) -> None:
        dialog = SignOutDevice(self.theme, self.window(), shown.device, self.portal.vendor)
        dialog.accepted.connect(lambda: self._sign_out(shown.device, erase=dialog.erases))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _sign_out(self, device: DeviceSeen, *, erase: bool) -> None:
        staff = self.bridge.staff
        self._say_of(device.id, "", busy=True)

        def done(_: None) -> None:
            self._say_of(device.id, "")
            words = self.tr("{name} is signed out")
            if erase:
                words = self.tr("{name} is erased as soon as it comes online")
            self.said.emit(Toast(words.format(name=device.name)))
            self.read()

        def refused(error: CounterpartError) -> None:
            self._say_of(device.id, self._words(error))

        self._tasks.run(lambda _portal: staff.sign_out_device(device.id, erase=erase), done, refused)

    def _say_of(self, device: str, problem: str, *, busy: bool = False) -> None:
        """What became of a wish about a device, in its row, which may have been built anew meanwhile."""
        for shown in self.rows:
            if shown.device.id == device:
                shown.show_problem(problem)
                if busy:
                    shown.sign_out.disable(self.tr("One moment: the gateway is asked."))
                else:
                    shown.sign_out.enable()


def _standing(device: DeviceSeen, formats: Formats) -> str:
    since = _said("Signed in {when}").format(when=formats.on(device.signed_in_at))
    if not device.signed_in:
        since = _said("Signed out")
    if device.this or device.last_seen_at is None:
        return since
    return _said("{since} · last seen {when}").format(since=since, when=formats.on(device.last_seen_at))


def _said(words: str) -> str:
    return QCoreApplication.translate("DevicesSection", words)
