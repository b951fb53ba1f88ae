"""Colleagues, one row each: who they are, how they stand, their role, and what can be done about them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from app.bridge.tips import plain_tip
from app.contract.colleagues import Colleague, RoleChoice
from app.services.format import Formats
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import Button, secondary
from app.views.widgets.choice_controls import ChoiceControl, Option
from app.views.widgets.layout import column, holding, row
from app.views.widgets.pills import Pill
from app.views.widgets.text import Text
from app.views.widgets.tiles import Avatar, Icon

_STANDING, _ROLE, _LEAST_NAME = 180, 190, 60
#: Where a row is narrower than this, how somebody stands is written below their address.
_NARROW = 800


class ColleagueRow(ThemedWidget):
    """`role_chosen` with the role's name; `link_asked`; `remove_asked`. The owner says what became of it."""

    role_chosen = Signal(str)
    link_asked = Signal()
    remove_asked = Signal()

    def __init__(
        self, theme: Theme, colleague: Colleague, roles: Sequence[RoleChoice], formats: Formats
    ) -> None:
        super().__init__(theme)
        self.colleague = colleague
        said, tone = standing(colleague, formats)
        self.setAccessibleName(", ".join((colleague.name, colleague.email, colleague.role_label, said)))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._name = Text(theme, colleague.name, Role.NAME, elide=True)
        self._email = Text(theme, colleague.email, Role.SECONDARY, Tone.TEXT3, elide=True)
        self._below = Text(theme, said, Role.SECONDARY, tone, elide=True)
        self._beside = Text(theme, said, Role.SECONDARY, tone, elide=True)
        self._beside.setFixedWidth(_STANDING)
        for text in (self._name, self._email, self._below):
            text.setMinimumWidth(_LEAST_NAME)
        self.role = self._make_role(roles)
        self.link: Button = secondary(theme, self.tr("New link"), "link", small=True)
        self.link.setVisible(colleague.invited_until is not None)
        self.link.setAccessibleName(self.tr("New link for {name}").format(name=colleague.name))
        self.remove: Button = secondary(theme, self.tr("Remove"), small=True)
        self.remove.setAccessibleName(self.tr("Remove {name}").format(name=colleague.name))
        self.remove.setVisible(not colleague.you)
        self._icon = Icon(theme, "alert-circle", Tone.BAD, 14, self.tr("Error"))
        self._problem = Text(theme, "", Role.SECONDARY, Tone.BAD, wrap=True)
        self._trouble = holding(row(self._icon, gap=6))
        self._build()
        self.role.edited.connect(lambda: self.role_chosen.emit(str(self.role.value())))
        self.link.clicked.connect(self.link_asked)
        self.remove.clicked.connect(self.remove_asked)
        self.show_problem("")
        self._arrange()

    def _make_role(self, roles: Sequence[RoleChoice]) -> ChoiceControl:
        options = [Option(role.name, role.label) for role in roles]
        if all(role.name != self.colleague.role for role in roles):
            options.append(Option(self.colleague.role, self.colleague.role_label))
        made = ChoiceControl(self.theme, options, may_be_empty=False)
        made.setFixedWidth(_ROLE)
        made.set_value(self.colleague.role)
        made.combo.setAccessibleName(self.tr("Role of {name}").format(name=self.colleague.name))
        return made

    def _build(self) -> None:
        named = row(self._name, gap=8)
        if self.colleague.you:
            named.addWidget(Pill(self.theme, self.tr("You")))
        named.addStretch(1)
        line = row(Avatar(self.theme, self.colleague.name, 32, own=self.colleague.you), gap=12)
        line.addLayout(column(None, named, self._email, self._below, None), 1)
        line.addWidget(self._beside)
        line.addWidget(self.role)
        actions = holding(row(None, self.link, self.remove, gap=8))
        actions.setFixedWidth(self.link.sizeHint().width() + self.remove.sizeHint().width() + 8)
        line.addWidget(actions)
        trouble = self._trouble.layout()
        assert trouble is not None
        trouble.addWidget(self._problem)
        trouble.setContentsMargins(44, 6, 0, 0)
        self.setLayout(column(line, self._trouble, margins=(16, 10, 16, 10)))

    def show_problem(self, words: str) -> None:
        """Why what was asked did not happen, below the row; empty when all is well."""
        self._problem.set_text(words)
        self._trouble.setVisible(bool(words))
        self.role.combo.setAccessibleDescription(words)

    def lock(self, reason: str) -> None:
        """Take no wishes and say why; an empty reason opens the row. Nobody changes their own role."""
        own = self.tr("Another administrator can change your role.") if self.colleague.you else ""
        self.role.set_locked(bool(reason or own))
        self.role.combo.setToolTip(plain_tip(reason or own))
        for button in (self.link, self.remove):
            if reason:
                button.disable(reason)
            else:
                button.enable()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        narrow = self.width() < _NARROW
        self._beside.setVisible(not narrow)
        self._below.setVisible(narrow)


def standing(colleague: Colleague, formats: Formats) -> tuple[str, Tone]:
    """Return how somebody stands, in words, and how pressing that is."""
    until = colleague.invited_until
    if until is not None:
        if until <= formats.now():
            return _said("Invited; link expired"), Tone.WARN
        day = formats.weekday_day(formats.local(until).date())
        return _said("Invited, until {day}").format(day=day), Tone.ACCENT
    if colleague.last_seen_at is None:
        return _said("Has not been here yet"), Tone.TEXT3
    return _said("Last seen {when}").format(when=formats.on(colleague.last_seen_at)), Tone.TEXT3


def _said(words: str) -> str:
    return QCoreApplication.translate("ColleagueRow", words)
