"""Colleagues: who works for the user's companies, as what; inviting, changing and removing them.

The gateway keeps them, so everything here needs the network; offline the page says so, shows what it read last, and
keeps what was typed. Nothing is queued: an invitation that goes out days later would surprise both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from app.contract.colleagues import Colleague, Colleagues, Invited
from app.contract.errors import CounterpartError, NotAllowed, SignInNeeded
from app.services.colleagues import mail_address
from app.views.colleagues.inviting import InviteDialog, LinkDialog, Typed
from app.views.colleagues.rows import ColleagueRow
from app.views.page import Action, Head, Key, Page, PageContext, SearchBox, Toast
from app.views.theme.fonts import Role
from app.views.theme.tokens import Space, Tone
from app.views.ways_out import OpenAddress, open_address
from app.views.widgets.cards import Card, Rule, SectionHeader
from app.views.widgets.dialog import Dialog
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.layout import column, emptied, holding
from app.views.widgets.own_tasks import OwnTasks
from app.views.widgets.scroll import scrolled
from app.views.widgets.text import Text

Answer = TypeVar("Answer")

_WIDTH = 1120

#: What was read is good for so long; then it is read again when the page is shown.
_FRESH = timedelta(minutes=1)


class ColleaguesPage(Page):
    """A list with what can be done in each row, and one button to invite somebody."""

    def __init__(
        self, context: PageContext, parent: QWidget | None = None, *, opens: OpenAddress = open_address
    ) -> None:
        super().__init__(context, parent)
        self._opens = opens
        self._tasks = OwnTasks(self, context.bridge)
        self._found: Colleagues | None = None
        self._read_at: datetime | None = None
        self._reading = False
        self._trouble = ""
        self._typed = Typed()
        self._sought = ""
        self._inviting: InviteDialog | None = None
        self.rows: list[ColleagueRow] = []
        self._rules: list[Rule] = []
        self._header = SectionHeader(self.theme, self._company())
        self._note = Text(self.theme, "", Role.SECONDARY, Tone.WARN, wrap=True)
        self._card = Card(self.theme, name=self.tr("Colleagues"))
        self._nobody = Text(self.theme, "", Role.SECONDARY, Tone.TEXT3, wrap=True)
        self.alone = EmptyState(self.theme, "users", "")
        self.alone.acted.connect(self.invite)
        self.empty = EmptyState(self.theme, "users", "")
        self.empty.acted.connect(self.read)
        self._stack = QStackedWidget()
        self._build()
        context.bridge.statusChanged.connect(self._on_status)

    def _build(self) -> None:
        content = holding(
            column(
                self._header,
                self._note,
                self._card,
                self._nobody,
                self.alone,
                None,
                gap=Space.M,
                margins=(Space.PAGE, 22, Space.PAGE, Space.PAGE),
            )
        )
        content.setMaximumWidth(_WIDTH)
        self._stack.addWidget(scrolled(holding(column(content)), self.tr("Colleagues")))
        self._stack.addWidget(self.empty)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    # page

    def head(self) -> Head:
        invite = Action(
            self.tr("Invite a colleague"), self.invite, "plus", primary=True, reason=self._why_not()
        )
        return Head(self.tr("Colleagues"), search=SearchBox(self.tr("Search colleagues")), actions=(invite,))

    def keys(self) -> tuple[Key, ...]:
        return (Key("F5", self.tr("Read the list again"), self.read),)

    def panes(self) -> tuple[QWidget, ...]:
        return tuple(row.role.combo for row in self.rows[:1])

    def on_records(self, entities: frozenset[str], gids: frozenset[str] | None) -> None:
        """Records have nothing to do with it."""

    def refresh(self) -> None:
        now = self.portal.now()
        if self._read_at is None or now - self._read_at > _FRESH:
            self.read()
        self._show()

    def search(self, text: str) -> None:
        self._sought = text.strip().casefold()
        self._filter()

    # reading

    @property
    def reading(self) -> bool:
        """Whether the gateway is being asked for the list."""
        return self._reading

    def read(self) -> None:
        """Ask the gateway, if it can be asked and is not being asked already."""
        if self._reading or not self.bridge.online:
            return
        self._reading = True
        staff = self.bridge.staff
        self._tasks.run(lambda _portal: staff.everybody(), self._on_read, self._on_unread)

    def _on_read(self, found: Colleagues) -> None:
        self._reading = False
        self._trouble = ""
        self._read_at = self.portal.now()
        changed = found != self._found
        self._found = found
        if changed:
            self._fill(found)
        self._show()

    def _on_unread(self, error: CounterpartError) -> None:
        self._reading = False
        self._trouble = self._words(error)
        if isinstance(error, NotAllowed):
            self._found = None
        self._show()

    def _words(self, error: CounterpartError) -> str:
        if isinstance(error, SignInNeeded):
            self.bridge.wake()  # what that means is found out, and told, in one place
        return self.portal.formats.tr.told(error)

    # showing

    def _fill(self, found: Colleagues) -> None:
        focus = QApplication.focusWidget()
        held = next((row.colleague.id for row in self.rows if focus and row.isAncestorOf(focus)), "")
        emptied(self._card.body)
        self.rows, self._rules = [], []
        for number, colleague in enumerate(found.items):
            if number:
                rule = Rule(self.theme)
                self._card.body.addWidget(rule)
                self._rules.append(rule)
            made = ColleagueRow(self.theme, colleague, found.roles, self.portal.formats)
            made.role_chosen.connect(lambda role, row=made: self._change_role(row, role))
            made.link_asked.connect(lambda row=made: self._new_link(row))
            made.remove_asked.connect(lambda row=made: self._ask_to_remove(row))
            self._card.body.addWidget(made)
            self.rows.append(made)
            if colleague.id == held:
                made.role.combo.setFocus(Qt.FocusReason.OtherFocusReason)
        self._filter()

    def _filter(self) -> None:
        """Hide the rows that do not match, each with the rule above it."""
        shown = 0
        for number, row in enumerate(self.rows):
            fits = all(word in row.accessibleName().casefold() for word in self._sought.split())
            row.setVisible(fits)
            if number:
                self._rules[number - 1].setVisible(fits and shown > 0)
            shown += fits
        self._card.setVisible(shown > 0)
        self._nobody.set_text(self.tr("Nobody here matches what you search for."))
        self._nobody.setVisible(bool(self.rows) and not shown)

    def _show(self) -> None:
        reason = self._why_not()
        for row in self.rows:
            row.lock(reason)
        if self._inviting is not None:
            self._inviting.allow(reason)
        self._stack.setCurrentIndex(0 if self._found is not None else 1)
        if self._found is None:
            self._show_nothing()
        else:
            self._show_found(self._found)
        self.head_changed.emit()

    def _show_found(self, found: Colleagues) -> None:
        invited = sum(colleague.invited_until is not None for colleague in found.items)
        counted = self.tr("{people}, {invited} invited") if invited else "{people}"
        people = self.portal.formats.tr.plural(len(found.items), "%n person", "%n people")
        self._header.set_note(counted.format(people=people, invited=invited))
        as_of = self.portal.formats.since(self._read_at) if self._read_at else ""
        offline = self.tr("You are offline. This is the list as of {time}; changing it needs the network.")
        note = self._trouble or ("" if self.bridge.online else offline.format(time=as_of))
        self._note.set_text(note)
        self._note.setVisible(bool(note))
        self.alone.show_words(
            "users",
            self.tr("Nobody else is here yet"),
            self.tr("Invite the first colleague: they get a link that works once."),
            self.tr("Invite a colleague") if self.bridge.online else "",
        )
        self.alone.setVisible(all(colleague.you for colleague in found.items))

    def _show_nothing(self) -> None:
        again = self.tr("Try again")
        if self._trouble:
            self.empty.show_words(
                "alert-triangle", self.tr("The list could not be read"), self._trouble, again
            )
        elif self.bridge.online:
            vendor = self.portal.vendor
            self.empty.show_words("users", self.tr("Asking {vendor} who works here").format(vendor=vendor))
        else:
            self.empty.show_words(
                "wifi-off",
                self.tr("You are offline"),
                self.tr("{vendor} keeps this list, so it is shown when you are back.").format(
                    vendor=self.portal.vendor
                ),
            )

    def _why_not(self) -> str:
        """Why nothing can be changed now; empty when it can."""
        if not self.bridge.online:
            return self.tr("You are offline. What you typed stays here; it can be sent when you are back.")
        return "" if self._found is not None else self.tr("The list has not been read yet.")

    def _on_status(self) -> None:
        if self.isVisible():
            self.refresh()

    # inviting

    def invite(self) -> None:
        """Ask for name, address and role; what was typed the last time and not sent is still there."""
        if self._found is None:
            return
        dialog = InviteDialog(
            self.theme, self.window(), self._found.roles, self._company(), self._typed, self.portal.formats.tr
        )
        self._inviting = dialog
        dialog.wished.connect(self._on_wish)
        dialog.finished.connect(self._on_closed)
        dialog.finished.connect(dialog.deleteLater)
        dialog.allow(self._why_not())
        dialog.open()

    def _company(self) -> str:
        names = [company.name for company in self.portal.me.companies]
        return self.portal.formats.tr.listed(names) or self.portal.vendor

    def _on_wish(self, typed: Typed) -> None:
        staff = self.bridge.staff
        self._typed = typed
        self._tasks.run(
            lambda _portal: staff.invite(typed.name, typed.email, typed.role),
            self._invited,
            self._not_invited,
        )

    def _invited(self, invited: Invited) -> None:
        self._typed = Typed()
        dialog, self._inviting = self._inviting, None
        if dialog is not None:
            dialog.done(1)
        self._show_link(invited)

    def _not_invited(self, error: CounterpartError) -> None:
        self._words(error)
        if self._inviting is not None:
            self._inviting.fail(error)

    def _on_closed(self) -> None:
        dialog, self._inviting = self._inviting, None
        if dialog is not None:
            self._typed = dialog.typed

    def _show_link(self, invited: Invited) -> None:
        until = self.portal.formats.stamp(invited.link_until)
        mail = mail_address(invited, self.portal.vendor, until, self.portal.formats.tr)
        dialog = LinkDialog(self.theme, self.window(), invited, until, mail, opens=self._opens)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        self.read()

    # one colleague

    def _new_link(self, row: ColleagueRow) -> None:
        staff, wanted = self.bridge.staff, row.colleague.id
        self._ask(row, lambda: staff.new_link(wanted), self._show_link)

    def _change_role(self, row: ColleagueRow, role: str) -> None:
        staff, wanted = self.bridge.staff, row.colleague.id

        def changed(colleague: Colleague) -> None:
            words = self.tr("{name} is {role} now")
            self.said.emit(Toast(words.format(name=colleague.name, role=colleague.role_label)))
            self.read()

        self._ask(row, lambda: staff.change_role(wanted, role), changed)

    def _ask_to_remove(self, row: ColleagueRow) -> None:
        """Say what removing means, and ask once."""
        name, company = row.colleague.name, self._company()
        words = self.tr(
            "They can no longer sign in for {company}, on any device, and their sessions end at once. What they have "
            "sent stays with {vendor}; what they have not sent yet is not sent any more. What their devices hold can "
            "be read there until {vendor} orders it erased. You can invite them again."
        )
        dialog = Dialog(
            self.theme,
            self.window(),
            self.tr("Remove {name}?").format(name=name),
            words.format(company=company, vendor=self.portal.vendor),
            verb=self.tr("Remove colleague"),
            safe=self.tr("Keep"),
            danger=True,
        )
        dialog.accepted.connect(lambda: self._remove(row))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _remove(self, row: ColleagueRow) -> None:
        staff, wanted, name = self.bridge.staff, row.colleague.id, row.colleague.name

        def removed(_: None) -> None:
            self.said.emit(Toast(self.tr("{name} was removed").format(name=name)))
            self.read()

        self._ask(row, lambda: staff.remove(wanted), removed)

    def _ask(self, row: ColleagueRow, wish: Callable[[], Answer], granted: Callable[[Answer], None]) -> None:
        """Ask the gateway for something about one colleague; the row waits, and says why it did not happen."""
        wanted = row.colleague.id
        row.show_problem("")
        row.lock(self.tr("One moment: the gateway is asked."))

        def done(answer: Answer) -> None:
            self._release(wanted, "")
            granted(answer)

        def refused(error: CounterpartError) -> None:
            self._release(wanted, self._words(error))
            if isinstance(error, NotAllowed):
                self.read()  # somebody else has changed the list, or what this user may do

        self._tasks.run(lambda _portal: wish(), done, refused)

    def _release(self, wanted: str, problem: str) -> None:
        """Open a row again, if it is still there: it may have been built anew meanwhile."""
        for row in self.rows:
            if row.colleague.id == wanted:
                row.lock(self._why_not())
                row.role.set_value(row.colleague.role)
                row.show_problem(problem)
