"""Inviting somebody: who and as what, and then the link that is shown once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QWidget

from app.contract.colleagues import Invited, RoleChoice
from app.contract.errors import CounterpartError, Refused
from app.services.words import Words
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.ways_out import OpenAddress, allowed, open_address
from app.views.widgets.buttons import Button, secondary
from app.views.widgets.choice_controls import ChoiceControl, Option
from app.views.widgets.dialog import Dialog
from app.views.widgets.field import Field
from app.views.widgets.layout import row
from app.views.widgets.text import Text
from app.views.widgets.text_controls import LineControl

_COPIED_MS = 2_000


@dataclass(frozen=True)
class Typed:
    """What stands in the form."""

    name: str = ""
    email: str = ""
    role: str = ""


class InviteDialog(Dialog):
    """Name, address and role. `wished` with a Typed; the owner answers with `fail` or closes it with `done`."""

    wished = Signal(object)

    def __init__(
        self,
        theme: Theme,
        window: QWidget,
        roles: Sequence[RoleChoice],
        company: str,
        typed: Typed,
        tr: Words,
    ) -> None:
        super().__init__(
            theme,
            window,
            self.tr("Invite a colleague"),
            self.tr(
                "They get a link that works once. With it they choose a password and work for {company}."
            ).format(company=company),
            verb=self.tr("Make the link"),
            safe=self.tr("Cancel"),
        )
        self._words = tr
        self._sending = False
        self._reason = ""
        self.name = Field(theme, self.tr("Name"), LineControl(theme))
        self.email = Field(theme, self.tr("E-mail"), LineControl(theme, "name@company.example"))
        options = [Option(role.name, role.label) for role in roles]
        self.role = Field(theme, self.tr("Role"), ChoiceControl(theme, options, may_be_empty=False))
        self.role.set_help(self.tr("It decides what they see and may do. You can change it later."))
        self._fields = {"name": self.name, "email": self.email, "role": self.role}
        for field in self._fields.values():
            self.body.addWidget(field)
        self._problem = Text(theme, "", Role.SECONDARY, Tone.BAD, wrap=True)
        self.body.addWidget(self._problem)
        self.name.set_value(typed.name or None)
        self.email.set_value(typed.email or None)
        self.role.set_value(typed.role or None)
        self.say("")
        for field in (self.name, self.email):
            _line(field).edit.returnPressed.connect(self.accept)

    @property
    def typed(self) -> Typed:
        """What stands in the form now."""
        return Typed(*(str(field.value() or "") for field in (self.name, self.email, self.role)))

    @property
    def problem(self) -> str:
        """What is said below the fields."""
        return self._problem.text()

    def accept(self) -> None:
        """Send the wish; what is typed stays until it was granted."""
        if not self._sending and self.verb_button.isEnabled():
            self.say("")
            self._busy(sending=True)
            self.wished.emit(self.typed)

    def reject(self) -> None:
        """Close; a wish that is on its way is waited for, since its link is shown once."""
        if not self._sending:
            super().reject()

    def fail(self, error: CounterpartError) -> None:
        """Say what stands in the way, on the field it belongs to."""
        self._busy(sending=False)
        wrong = error.fields if isinstance(error, Refused) else {}
        known = {name: words for name, words in wrong.items() if name in self._fields}
        for name, words in known.items():
            self._fields[name].set_error(self._words(words))
        self.say("" if known else self._words.told(error))
        first = next((field for name, field in self._fields.items() if name in known), None)
        if first is not None:
            first.focus()
        self.adjustSize()

    def allow(self, reason: str) -> None:
        """Offline nothing can be sent: the verb rests and says why; what is typed stays."""
        if self._sending:
            return
        if reason:
            self.verb_button.disable(reason)
            self.say(reason)
        else:
            self.verb_button.enable()
            if self.problem == self._reason:
                self.say("")
        self._reason = reason
        self.adjustSize()

    def say(self, words: str) -> None:
        """A line below the fields."""
        self._problem.set_text(words)
        self._problem.setVisible(bool(words))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.name.focus()

    def _busy(self, *, sending: bool) -> None:
        self._sending = sending
        waits = self.tr("One moment: the gateway makes the link.")
        for button in (self.verb_button, self.safe_button):
            if sending:
                button.disable(waits)
            else:
                button.enable()


class LinkDialog(Dialog):
    """The link, to be copied or mailed. Another one can be made, so that closing it loses nothing for good."""

    def __init__(
        self,
        theme: Theme,
        window: QWidget,
        invited: Invited,
        until: str,
        mail: str,
        *,
        opens: OpenAddress = open_address,
    ) -> None:
        """`until`: how long it is good, in words; `mail`: the address that writes the invitation."""
        name = invited.colleague.name
        super().__init__(
            theme,
            window,
            self.tr("A link for {name}").format(name=name),
            self.tr(
                "Hand it to {name} alone: whoever opens it first gets in. It is shown only now and works once, "
                "until {until}. If it is lost, make a new one."
            ).format(name=name, until=until),
            verb=self.tr("Done"),
            safe="",
        )
        self._mail_address = mail
        self._opens = opens
        self.safe_button.hide()
        self.link = LineControl(theme)
        self.link.set_value(invited.link)
        self.link.set_locked(True)
        self.link.name_as(self.tr("Link"), self.tr("Shown only now."))
        self.copy: Button = secondary(theme, self.tr("Copy link"), "copy")
        self.copy.clicked.connect(self._copy)
        self.mail: Button = secondary(theme, self.tr("Open in mail program"), "mail")
        self.mail.clicked.connect(self._mail)
        if not allowed().programs:
            self.mail.hide()
        self._note = Text(theme, "", Role.SECONDARY, Tone.WARN, wrap=True)
        self._note.hide()
        self.body.addWidget(self.link)
        self.body.addLayout(row(self.copy, self.mail, None))
        self.body.addWidget(self._note)
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.setInterval(_COPIED_MS)
        self._back.timeout.connect(lambda: self.copy.set_text(self.tr("Copy link")))

    @property
    def note(self) -> str:
        """What is said below the buttons."""
        return self._note.text()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.copy.setFocus(Qt.FocusReason.OtherFocusReason)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(str(self.link.value()))
        self.copy.set_text(self.tr("Copied"))
        self._back.start()

    def _mail(self) -> None:
        if allowed().programs and not self._opens(self._mail_address):
            self._note.set_text(self.tr("No mail program opened. Copy the link and send it in your own way."))
            self._note.show()
            self.adjustSize()


def _line(field: Field) -> LineControl:
    control = field.control
    assert isinstance(control, LineControl)
    return control
