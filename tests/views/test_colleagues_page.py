"""Colleagues: who is there, inviting, links that are shown once, roles, removing, and all that can stand in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.contract.colleagues import Colleague, Colleagues, RoleChoice
from app.contract.errors import Busy, NotAllowed, Refused, SignInNeeded, Unreachable
from app.sync.engine import Wake
from app.views.colleagues.inviting import InviteDialog, LinkDialog
from app.views.colleagues.page import ColleaguesPage
from app.views.colleagues.rows import ColleagueRow
from app.views.main_window import MainWindow
from app.views.page import COLLEAGUES, Place
from app.views.theme.theme import Theme
from app.views.widgets.buttons import Button
from app.views.widgets.dialog import Dialog
from app.views.widgets.field import Field
from app.views.widgets.text import Text
from app.views.widgets.text_controls import LineControl
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, open_stage, settle

ROLES = (
    RoleChoice(name="admin", label="Partner administrator"),
    RoleChoice(name="rep", label="Sales representative"),
    RoleChoice(name="finance", label="Finance"),
)
LONG = "Aleksandra Wojciechowska-Featherstonehaugh of the Northern Region and the Islands " * 2


class Mail:
    """Takes addresses as a mail program would."""

    def __init__(self) -> None:
        self.there = True
        self.opened: list[str] = []

    def __call__(self, address: str) -> bool:
        self.opened.append(address)
        return self.there


def somebody(key: str, name: str, role: str = "rep", **more: object) -> Colleague:
    label = next((one.label for one in ROLES if one.name == role), role)
    values = {"id": key, "name": name, "email": f"{key}@brightwater.example", "role": role}
    return Colleague.model_validate({**values, "role_label": label, **more})


@pytest.fixture
def stage(tmp_path: Path, theme: Theme) -> Iterator[Stage]:
    made = open_stage(tmp_path, theme, role="admin")
    now = made.world.clock.now()
    made.staff.found = Colleagues(
        items=(
            somebody("maya", "Maya Okafor", "admin", you=True, last_seen_at=now),
            somebody("priya", "Priya Raman", invited_until=now + timedelta(days=7)),
            somebody("tom", "Tom Becker", last_seen_at=now - timedelta(hours=1)),
            somebody("ulla", "Ulla Friis", "finance", invited_until=now - timedelta(minutes=1)),
        ),
        roles=ROLES,
    )
    yield made
    made.close()


@pytest.fixture
def mail() -> Mail:
    return Mail()


@pytest.fixture
def page(stage: Stage, mail: Mail, qtbot: QtBot) -> ColleaguesPage:
    made = ColleaguesPage(stage.context, opens=mail)
    qtbot.addWidget(made)
    return made


Shown = Callable[[], ColleaguesPage]


@pytest.fixture
def shown(stage: Stage, page: ColleaguesPage, qtbot: QtBot) -> Shown:
    """Show the page and wait for its list."""

    def show() -> ColleaguesPage:
        stage.show(page)
        qtbot.waitUntil(lambda: bool(page.rows))
        return page

    return show


def words(widget: QWidget) -> set[str]:
    settle()
    return {text.text() for text in widget.findChildren(Text) if text.isVisibleTo(widget)}


def press(widget: QWidget, text: str) -> None:
    settle()
    found = [one for one in widget.findChildren(Button) if one.text() == text and one.isVisibleTo(widget)]
    assert found, f"no button {text!r}"
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)


def row_of(page: ColleaguesPage, key: str) -> ColleagueRow:
    return next(row for row in page.rows if row.colleague.id == key)


def choose(row: ColleagueRow, role: str) -> None:
    row.role.combo.setCurrentIndex(row.role.combo.findData(role))
    row.role.combo.activated.emit(row.role.combo.currentIndex())


def dialog_of(page: ColleaguesPage, kind: type[Dialog]) -> Dialog:
    settle()
    found = [one for one in page.window().findChildren(kind) if one.isVisible()]
    assert len(found) == 1
    return found[0]


def edit(field: Field) -> QLineEdit:
    assert isinstance(field.control, LineControl)
    return field.control.edit


def type_into(field: Field, text: str) -> None:
    QTest.keyClicks(edit(field), text)


def filled(
    page: ColleaguesPage, name: str = "Sam Lee", email: str = "sam@brightwater.example"
) -> InviteDialog:
    page.invite()
    dialog = dialog_of(page, InviteDialog)
    assert isinstance(dialog, InviteDialog)
    type_into(dialog.name, name)
    type_into(dialog.email, email)
    dialog.role.set_value("rep")
    return dialog


def asked(stage: Stage, method: str) -> list[tuple[object, ...]]:
    return [call[1:] for call in stage.staff.asked if call[0] == method]


# -- the list --------------------------------------------------------------------------------------------------


def test_everybody_is_told_with_role_and_how_they_stand(shown: Shown) -> None:
    page = shown()
    said = words(page)
    assert {"Brightwater IT Ltd", "4 people, 2 invited"} <= said
    assert {"Priya Raman", "priya@brightwater.example", "Invited, until Mon 30 Nov"} <= said
    assert {"Last seen today at 08:41", "Invited; link expired"} <= said
    assert row_of(page, "tom").role.value() == "rep"


def test_a_role_that_the_caller_may_not_give_stays_visible(stage: Stage, shown: Shown) -> None:
    other = somebody("vera", "Vera", "field_rep", role_label="Field representative")
    stage.staff.found = Colleagues(items=(*stage.staff.found.items, other), roles=ROLES)
    page = shown()
    assert row_of(page, "vera").role.combo.currentText() == "Field representative"
    assert row_of(page, "tom").role.combo.findText("Field representative") == -1


def test_nobody_removes_themselves_or_changes_their_own_role(shown: Shown) -> None:
    own = row_of(shown(), "maya")
    assert not own.role.combo.isEnabled()
    assert own.role.combo.toolTip() == "Another administrator can change your role."
    assert not own.remove.isVisibleTo(own)
    assert not own.link.isVisibleTo(own)


def test_searching_hides_who_does_not_match(page: ColleaguesPage, shown: Shown) -> None:
    shown()
    page.search("raman PRIYA")
    assert [row.colleague.id for row in page.rows if row.isVisible()] == ["priya"]
    page.search("nobody of that name")
    assert "Nobody here matches what you search for." in words(page)
    page.search("")
    assert all(row.isVisible() for row in page.rows)


def test_alone_the_first_step_is_named(stage: Stage, page: ColleaguesPage, shown: Shown) -> None:
    stage.staff.found = Colleagues(items=stage.staff.found.items[:1], roles=ROLES)
    shown()
    assert "Nobody else is here yet" in words(page)
    press(page.alone, "Invite a colleague")
    dialog_of(page, InviteDialog).reject()


def test_it_is_read_once_a_minute_at_most_unless_asked_for(
    stage: Stage, page: ColleaguesPage, shown: Shown, qtbot: QtBot
) -> None:
    shown()
    page.refresh()
    page.on_records(frozenset({"deal_registration"}), None)
    assert len(asked(stage, "everybody")) == 1
    stage.world.clock.go(minutes=2)
    page.refresh()
    qtbot.waitUntil(lambda: len(asked(stage, "everybody")) == 2 and not page.reading)
    page.keys()[0].run()
    qtbot.waitUntil(lambda: len(asked(stage, "everybody")) == 3)


# -- what stands in the way ------------------------------------------------------------------------------------


def test_offline_before_the_list_came_it_says_so_and_asks_nobody(stage: Stage, page: ColleaguesPage) -> None:
    stage.offline()
    stage.show(page)
    assert "You are offline" in words(page)
    assert page.head().actions[0].reason.startswith("You are offline.")
    assert stage.staff.asked == []


def test_offline_the_list_stays_and_rests_and_comes_back(
    stage: Stage, page: ColleaguesPage, shown: Shown
) -> None:
    shown()
    stage.offline()
    assert "You are offline. This is the list as of 09:41; changing it needs the network." in words(page)
    row = row_of(page, "priya")
    assert not any(part.isEnabled() for part in (row.role.combo, row.link, row.remove))
    assert row.remove.toolTip().startswith("You are offline.")
    stage.online()
    assert all(part.isEnabled() for part in (row.role.combo, row.link, row.remove))


def test_a_list_that_cannot_be_read_can_be_asked_for_again(
    stage: Stage, page: ColleaguesPage, qtbot: QtBot
) -> None:
    stage.staff.fails["everybody"] = Busy(
        "The gateway is busy.", kept="Nothing was changed.", next_step="Wait."
    )
    stage.show(page)
    qtbot.waitUntil(lambda: "The list could not be read" in words(page))
    assert "The gateway is busy. Nothing was changed. Wait." in words(page)
    press(page.empty, "Try again")
    qtbot.waitUntil(lambda: len(page.rows) == 4)


def test_who_may_not_keep_colleagues_any_more_is_told(
    stage: Stage, page: ColleaguesPage, shown: Shown, qtbot: QtBot
) -> None:
    shown()
    stage.staff.fails["everybody"] = NotAllowed("Your role does not keep colleagues.")
    page.read()
    qtbot.waitUntil(lambda: "The list could not be read" in words(page))
    assert any("Your role does not keep colleagues." in said for said in words(page))


def test_a_session_that_has_ended_is_found_out_in_one_place(
    stage: Stage, page: ColleaguesPage, qtbot: QtBot
) -> None:
    stage.staff.fails["everybody"] = SignInNeeded()
    stage.show(page)
    qtbot.waitUntil(lambda: Wake.USER in stage.loop.wakes)


# -- inviting --------------------------------------------------------------------------------------------------


def test_an_invitation_ends_with_its_link(
    stage: Stage, page: ColleaguesPage, shown: Shown, mail: Mail, qtbot: QtBot
) -> None:
    shown()
    dialog = filled(page)
    QTest.keyClick(edit(dialog.email), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(page.window().findChildren(LinkDialog)))
    assert asked(stage, "invite") == [("Sam Lee", "sam@brightwater.example", "rep")]
    link = dialog_of(page, LinkDialog)
    assert isinstance(link, LinkDialog)
    assert link.focusWidget() is link.copy
    assert "It is shown only now and works once, until Mon 30 Nov, 09:41." in link.accessibleDescription()
    assert link.link.value() == "https://portal.halden.example/welcome/u4-7mQxV2"
    press(link, "Copy link")
    assert QGuiApplication.clipboard().text() == link.link.value()
    press(link, "Open in mail program")
    (address,) = mail.opened
    assert address.startswith("mailto:sam@brightwater.example?subject=")
    assert str(link.link.value()) in unquote(address)
    assert link.note == ""
    mail.there = False
    press(link, "Open in mail program")
    assert link.note.startswith("No mail program opened.")
    assert unnamed(link) == []
    press(link, "Done")
    qtbot.waitUntil(lambda: len(page.rows) == 5)


def test_errors_stand_at_their_fields_and_what_was_typed_stays(
    stage: Stage, page: ColleaguesPage, shown: Shown, qtbot: QtBot
) -> None:
    shown()
    dialog = filled(page)
    fields = {"email": "Somebody has this address already.", "role": "Not yours to give."}
    stage.staff.fails["invite"] = Refused("Refused.", code="exists", fields=fields)
    press(dialog, "Make the link")
    qtbot.waitUntil(lambda: dialog.email.error != "")
    assert (dialog.name.error, dialog.role.error) == ("", "Not yours to give.")
    assert dialog.problem == ""
    assert edit(dialog.email).hasFocus()
    assert dialog.typed.name == "Sam Lee"
    type_into(dialog.email, "x")
    assert dialog.email.error == "", "it goes while typing"
    dialog.reject()


@pytest.mark.parametrize("error", [Unreachable("Cut.", kept="Look."), Busy("Busy.", kept="Nothing.")])
def test_what_belongs_to_no_field_stands_below_and_it_can_be_sent_again(
    stage: Stage, page: ColleaguesPage, shown: Shown, qtbot: QtBot, error: Unreachable | Busy
) -> None:
    shown()
    dialog = filled(page)
    stage.staff.fails["invite"] = error
    press(dialog, "Make the link")
    qtbot.waitUntil(lambda: dialog.problem == error.text)
    press(dialog, "Make the link")
    qtbot.waitUntil(lambda: bool(page.window().findChildren(LinkDialog)))
    dialog_of(page, LinkDialog).accept()


def test_offline_what_was_typed_is_kept_for_later(
    stage: Stage, page: ColleaguesPage, shown: Shown, qtbot: QtBot
) -> None:
    shown()
    dialog = filled(page)
    stage.offline()
    assert not dialog.verb_button.isEnabled()
    assert dialog.problem.startswith("You are offline. What you typed stays here")
    QTest.keyClick(edit(dialog.name), Qt.Key.Key_Return)
    assert asked(stage, "invite") == []
    dialog.reject()
    stage.online()
    page.invite()
    again = dialog_of(page, InviteDialog)
    assert isinstance(again, InviteDialog)
    assert (again.typed.name, again.typed.email, again.typed.role) == (
        "Sam Lee",
        "sam@brightwater.example",
        "rep",
    )
    assert again.problem == ""
    press(again, "Make the link")
    qtbot.waitUntil(lambda: bool(page.window().findChildren(LinkDialog)))
    dialog_of(page, LinkDialog).accept()
    page.invite()
    fresh = dialog_of(page, InviteDialog)
    assert isinstance(fresh, InviteDialog)
    assert fresh.typed.name == "", "what was sent is not offered again"
    fresh.reject()


def test_the_dialog_waits_for_a_link_that_is_shown_once(
    page: ColleaguesPage, shown: Shown, qtbot: QtBot
) -> None:
    shown()
    dialog = filled(page)
    dialog.accept()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    qtbot.waitUntil(lambda: bool(page.window().findChildren(LinkDialog)))
    dialog_of(page, LinkDialog).accept()


# -- one colleague ---------------------------------------------------------------------------------------------


def test_a_new_link_for_who_has_not_come_yet(
    stage: Stage, page: ColleaguesPage, shown: Shown, qtbot: QtBot
) -> None:
    shown()
    assert not row_of(page, "tom").link.isVisibleTo(page)
    press(row_of(page, "ulla"), "New link")
    qtbot.waitUntil(lambda: bool(page.window().findChildren(LinkDialog)))
    assert asked(stage, "new_link") == [("ulla",)]
    dialog_of(page, LinkDialog).accept()


def test_a_role_changes_at_once(stage: Stage, page: ColleaguesPage, shown: Shown, qtbot: QtBot) -> None:
    shown()
    row = row_of(page, "tom")
    row.role.combo.setFocus()
    choose(row, "finance")
    assert not row.remove.isEnabled(), "one wish at a time"
    qtbot.waitUntil(lambda: bool(stage.toasts))
    assert stage.toasts[-1].text == "Tom Becker is Finance now"
    qtbot.waitUntil(lambda: row_of(page, "tom").role.value() == "finance")
    assert asked(stage, "change_role") == [("tom", "finance")]


def test_a_role_that_is_refused_goes_back_and_says_why(
    stage: Stage, page: ColleaguesPage, shown: Shown, qtbot: QtBot
) -> None:
    shown()
    stage.staff.fails["change_role"] = Refused("One administrator has to stay.", kept="Nothing was changed.")
    choose(row_of(page, "tom"), "finance")
    qtbot.waitUntil(lambda: "One administrator has to stay. Nothing was changed." in words(page))
    row = row_of(page, "tom")
    assert row.role.value() == "rep"
    assert row.role.combo.isEnabled()
    assert row.role.combo.accessibleDescription().startswith("One administrator has to stay.")


def test_removing_says_what_it_means_and_asks_once(
    stage: Stage, page: ColleaguesPage, shown: Shown, qtbot: QtBot
) -> None:
    shown()
    press(row_of(page, "tom"), "Remove")
    dialog = dialog_of(page, Dialog)
    assert dialog.windowTitle() == "Remove Tom Becker?"
    said = dialog.accessibleDescription()
    assert "can no longer sign in for Brightwater IT Ltd" in said
    assert "what they have not sent yet is not sent any more" in said
    assert dialog.focusWidget() is dialog.safe_button
    press(dialog, "Keep")
    assert asked(stage, "remove") == []
    press(row_of(page, "tom"), "Remove")
    press(dialog_of(page, Dialog), "Remove colleague")
    qtbot.waitUntil(lambda: [row.colleague.id for row in page.rows] == ["maya", "priya", "ulla"])
    assert asked(stage, "remove") == [("tom",)]
    assert stage.toasts[-1].text == "Tom Becker was removed"


def test_who_was_removed_meanwhile_is_told_and_the_list_read_again(
    stage: Stage, page: ColleaguesPage, shown: Shown, qtbot: QtBot
) -> None:
    shown()
    stage.staff.fails["remove"] = NotAllowed("There is no such colleague.")
    left = tuple(one for one in stage.staff.found.items if one.id != "tom")
    stage.staff.found = Colleagues(items=left, roles=ROLES)
    press(row_of(page, "tom"), "Remove")
    press(dialog_of(page, Dialog), "Remove colleague")
    qtbot.waitUntil(lambda: [row.colleague.id for row in page.rows] == ["maya", "priya", "ulla"])


# -- looks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [752, 1072, 1600])
def test_long_names_never_push_anything_out(
    stage: Stage, page: ColleaguesPage, qtbot: QtBot, width: int
) -> None:
    long = somebody("long", LONG, invited_until=stage.world.clock.now())
    stage.staff.found = Colleagues(items=(*stage.staff.found.items, long), roles=ROLES)
    stage.show(page, width=width)
    qtbot.waitUntil(lambda: len(page.rows) == 5)
    row_of(page, "long").show_problem(LONG)
    settle()
    for row in page.rows:
        for part in (part for part in (row.role, row.remove, row.link) if part.isVisible()):
            right = part.mapTo(page, part.rect().topRight()).x()
            assert right <= width - 24, f"{row.colleague.id}: {right} of {width}"


def test_everything_is_named_and_follows_the_scheme(stage: Stage, page: ColleaguesPage, shown: Shown) -> None:
    shown()
    row_of(page, "tom").show_problem("Why not")
    settle()
    assert unnamed(page) == []
    assert follows_scheme(page, stage.theme)
    dialog = filled(page)
    assert unnamed(dialog) == []
    assert follows_scheme(dialog, stage.theme)
    dialog.reject()


@pytest.mark.parametrize(
    ("role", "kiosk", "there"),
    [("admin", False, True), ("admin", True, False), ("manager", False, False), ("read_only", False, False)],
)
def test_the_place_is_there_for_those_who_keep_colleagues_and_not_on_a_kiosk(
    tmp_path: Path, theme: Theme, qtbot: QtBot, role: str, kiosk: bool, there: bool
) -> None:
    stage = open_stage(tmp_path, theme, role=role)
    me = stage.portal.me
    me = me.model_copy(update={"keeps_colleagues": me.keeps_colleagues and not kiosk})
    stage.world.store.cursors.save_me(me)
    stage.portal.reload()
    window = MainWindow(stage.portal, stage.bridge, theme)
    qtbot.addWidget(window)
    window.show()
    window.go(Place(COLLEAGUES))
    assert isinstance(window.current, ColleaguesPage) is there
    assert (window.nav.current() == COLLEAGUES) is there
    found: list[str] = []
    window.palette_source.ask("colleagues", lambda entries: found.extend(entry.text for entry in entries))
    assert ("Colleagues" in found) is there
    window.close()
    stage.close()
