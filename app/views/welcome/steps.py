"""The cards of the entrance, one a step. `take` shows newer words of the same step and keeps what is typed."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QVBoxLayout

from app.bridge.entrance import Entrance
from app.bridge.entrance_state import AccountLine, EntranceState, Step
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Tone
from app.views.welcome.gateways import GatewayChoices
from app.views.widgets.buttons import Button, ButtonKind, link, primary
from app.views.widgets.cards import Card, Rule
from app.views.widgets.field import Field
from app.views.widgets.layout import column, row
from app.views.widgets.rows import OpenRow
from app.views.widgets.text import Text
from app.views.widgets.text_controls import LineControl
from app.views.widgets.tiles import Avatar, Icon, IconTile

_INSET = 32
_COPIED_MS = 2_000


class StepCard(Card):
    """Icon, heading, words; the step's own parts go below into `parts`."""

    def __init__(self, theme: Theme, entrance: Entrance, state: EntranceState, icon: str, tone: Tone) -> None:
        super().__init__(theme, name=state.heading)
        self._ground = theme
        self.entrance = entrance
        self._heading = Text(theme, state.heading, Role.PAGE_TITLE, wrap=True)
        self._words = Text(theme, state.text, Role.BODY, Tone.TEXT2, wrap=True)
        self._words.setVisible(bool(state.text))
        self.parts = QVBoxLayout()
        self.parts.setSpacing(0)
        self.body.addLayout(
            column(
                row(IconTile(theme, icon, tone, size=40, icon_size=20), None),
                16,
                self._heading,
                6,
                self._words,
                20,
                self.parts,
                margins=(_INSET, _INSET, _INSET, _INSET - 4),
            )
        )
        self.setAccessibleDescription(state.text)

    def take(self, state: EntranceState) -> bool:
        """Show newer words of the same step; False: build the card anew."""
        return False

    def focus_first(self) -> None:
        """Give the keyboard to what one does first."""


class AccountStep(StepCard):
    """Accounts that are known here, and a field for a gateway's address."""

    def __init__(self, theme: Theme, entrance: Entrance, state: EntranceState) -> None:
        super().__init__(theme, entrance, state, "users" if state.accounts else "plug-connected", Tone.ACCENT)
        self.rows: list[AccountRow] = []
        for account in state.accounts:
            entry = AccountRow(theme, account)
            entry.opened.connect(lambda known=account.id: entrance.use_account(known))
            self.parts.addWidget(entry)
            self.parts.addWidget(Rule(theme))
            self.rows.append(entry)
        if state.accounts:
            self.parts.addSpacing(20)
        self.address = LineControl(theme, "https://partners.vendor.example")
        label = self.tr("Another gateway") if state.accounts else self.tr("Gateway address")
        hint = self.tr("The vendor gave it to you. It begins with https://.")
        self.field = Field(theme, label, self.address, help=hint)
        self.field.set_value(state.gateway or None)
        self.field.set_error(state.problem)
        self.address.edit.returnPressed.connect(self._go)
        self.go: Button = primary(theme, self.tr("Sign in"), "login")
        self.go.clicked.connect(self._go)
        self.offered: GatewayChoices | None = None
        self._fixed = state.fixed
        if state.fixed:
            self.offered = GatewayChoices(theme, state.fixed, state.problem)
            self.offered.chosen.connect(entrance.sign_in)
            self.parts.addWidget(self.offered)
            for unused in (self.field, self.go):
                unused.setParent(self)
                unused.hide()
        else:
            self.parts.addWidget(self.field)
            self.parts.addSpacing(16)
            self.parts.addLayout(row(None, self.go))

    def take(self, state: EntranceState) -> bool:
        if [entry.account for entry in self.rows] != list(state.accounts) or state.fixed != self._fixed:
            return False
        if self.offered is not None:
            self.offered.set_problem(state.problem)
        self.field.set_error(state.problem)
        self.focus_first()
        return True

    def focus_first(self) -> None:
        if self.rows and not self.field.error:
            self.rows[0].setFocus()
        elif self.offered is not None:
            self.offered.focus_first()
        else:
            self.field.focus()

    def _go(self) -> None:
        address = str(self.field.value() or "")
        if address:
            self.entrance.sign_in(address)
        else:
            self.field.set_error(self.tr("Needed. Write the address the vendor gave you."))
            self.field.focus()


class AccountRow(OpenRow):
    """A person at a vendor; Return or a click opens it."""

    def __init__(self, theme: Theme, account: AccountLine) -> None:
        super().__init__(theme)
        self.account = account
        self.setFixedHeight(Height.ROW_TWO_LINES + 4)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{account.name}, {account.vendor}, {account.gateway}")
        words = column(
            None,
            Text(theme, account.name, Role.NAME, elide=True),
            Text(theme, f"{account.vendor} · {account.gateway}", Role.SECONDARY, Tone.TEXT3, elide=True),
            None,
        )
        line = row(Avatar(theme, account.name, 32, own=True), gap=12, margins=(8, 0, 8, 0))
        line.addLayout(words, 1)
        line.addWidget(Icon(theme, "chevron-right", Tone.TEXT3, 16, self.tr("Open")))
        self.setLayout(line)


class BrowserStep(StepCard):
    """The browser is open; the address is here for another one."""

    def __init__(self, theme: Theme, entrance: Entrance, state: EntranceState) -> None:
        super().__init__(theme, entrance, state, "external-link", Tone.ACCENT)
        self._address = state.address
        note = self.tr("No page opened? Copy its address into a browser on this computer.")
        self.parts.addWidget(Text(theme, note, Role.SECONDARY, Tone.TEXT3, wrap=True))
        self.parts.addSpacing(16)
        self.copy = link(theme, self.tr("Copy the address"), "copy")
        self.copy.clicked.connect(self._copy)
        self.copy.setVisible(bool(state.address))
        self.cancel = Button(theme, self.tr("Cancel"))
        self.cancel.clicked.connect(entrance.cancel)
        self.parts.addLayout(row(self.copy, None, self.cancel))
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.setInterval(_COPIED_MS)
        self._back.timeout.connect(lambda: self.copy.set_text(self.tr("Copy the address")))

    def focus_first(self) -> None:
        self.cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._address)
        self.copy.set_text(self.tr("Copied"))
        self._back.start()


class PassphraseStep(StepCard):
    """Unlock with the passphrase, or choose one, written twice."""

    def __init__(self, theme: Theme, entrance: Entrance, state: EntranceState) -> None:
        self._new = state.step is Step.NEW_PASSPHRASE
        super().__init__(theme, entrance, state, "key" if self._new else "lock", Tone.ACCENT)
        if state.who:
            who = row(Avatar(theme, state.who, 24, own=True), Text(theme, state.who, Role.NAME), None, gap=8)
            self.parts.addLayout(who)
            self.parts.addSpacing(16)
        self.one = Field(theme, self.tr("Passphrase"), LineControl(theme, secret=True))
        self.two = Field(theme, self.tr("The same again"), LineControl(theme, secret=True))
        self.one.control.setAccessibleName(self.tr("Passphrase"))
        if self._new:
            self.one.set_help(self.tr("A few words are easier to remember than a few signs."))
        self.parts.addWidget(self.one)
        if self._new:
            self.parts.addSpacing(12)
            self.parts.addWidget(self.two)
        else:
            self.two.setParent(self)
            self.two.hide()
        self.parts.addSpacing(20)
        self.back = Button(theme, self.tr("Back"))
        self.back.clicked.connect(entrance.cancel)
        self.go: Button = primary(theme, self.tr("Use this passphrase") if self._new else self.tr("Unlock"))
        self.go.clicked.connect(self._go)
        for field in (self.one, self.two):
            _edit(field).returnPressed.connect(self._go)
        self.parts.addLayout(row(None, self.back, self.go, gap=12))
        self.take(state)

    def take(self, state: EntranceState) -> bool:
        field = self.two if self._new and self.one.value() else self.one
        field.set_error(state.problem)
        return True

    def focus_first(self) -> None:
        self.one.focus()

    def _go(self) -> None:
        one, two = _edit(self.one).text(), _edit(self.two).text()
        if not one:
            self.one.set_error(self.tr("Needed."))
            self.one.focus()
        elif self._new:
            self.entrance.choose_passphrase(one, two)
        else:
            self.entrance.unlock(one)


class WorkingStep(StepCard):
    """Something takes a moment."""

    def __init__(self, theme: Theme, entrance: Entrance, state: EntranceState) -> None:
        super().__init__(theme, entrance, state, "hourglass", Tone.NEUTRAL)

    def take(self, state: EntranceState) -> bool:
        self._heading.set_text(state.heading)
        self._words.set_text(state.text)
        self._words.setVisible(bool(state.text))
        self.setAccessibleName(state.heading)
        return True


class ProblemStep(StepCard):
    """What happened, what is kept, and what can be done now."""

    def __init__(
        self, theme: Theme, entrance: Entrance, state: EntranceState, icon: str = "alert-triangle"
    ) -> None:
        super().__init__(theme, entrance, state, icon, Tone.WARN)
        self.buttons: dict[str, Button] = {}
        for offer in state.offers:
            kind = ButtonKind.PRIMARY if offer.primary else ButtonKind.SECONDARY
            button = Button(theme, offer.label, kind)
            button.clicked.connect(lambda _on=False, name=offer.name: entrance.take(name))
            self.buttons[offer.name] = button
        # The way on stands at the end, where the eye arrives.
        ordered = sorted(state.offers, key=lambda offer: offer.primary)
        line = row(None, *(self.buttons[offer.name] for offer in ordered), gap=12)
        self.parts.addLayout(line)
        self._first = next((offer.name for offer in state.offers if offer.primary), "")

    def focus_first(self) -> None:
        button = self.buttons.get(self._first) or next(iter(self.buttons.values()), None)
        if button is not None:
            button.setFocus(Qt.FocusReason.OtherFocusReason)


class ErasedStep(ProblemStep):
    """An account was ordered away: by whom, what that means, what to do, and whether the gateway knows."""

    def __init__(self, theme: Theme, entrance: Entrance, state: EntranceState) -> None:
        super().__init__(theme, entrance, state, "trash")
        self._notes = [Text(theme, note, Role.BODY, Tone.TEXT2, wrap=True) for note in state.notes]
        self._notes[-1].set_tone(Tone.TEXT3)
        for number, note in enumerate(self._notes):
            self.parts.insertWidget(2 * number, note)
            self.parts.insertSpacing(2 * number + 1, 20 if note is self._notes[-1] else 12)
        self._describe(state)

    def take(self, state: EntranceState) -> bool:
        """The receipt was taken meanwhile: the keyboard stays where it is."""
        self._heading.set_text(state.heading)
        self._words.set_text(state.text)
        for shown, note in zip(self._notes, state.notes, strict=True):
            shown.set_text(note)
        self._describe(state)
        return True

    def _describe(self, state: EntranceState) -> None:
        self.setAccessibleName(state.heading)
        self.setAccessibleDescription(" ".join((state.text, *state.notes)))


def _edit(field: Field) -> QLineEdit:
    control = field.control
    assert isinstance(control, LineControl)
    return control.edit
