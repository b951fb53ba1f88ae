"""Colleagues, from the invitation to the removal: the client of each against the gateway."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from pytestqt.qtbot import QtBot

from app.composition import headless
from app.composition.browser import FormBrowser
from app.contract.errors import NotAllowed, Refused
from app.services.open_account import OpenAccount
from app.services.opening import Opening
from app.services.views_model import Mode
from app.session.sign_in import SignInAbandoned
from app.views.colleagues.inviting import InviteDialog, LinkDialog
from app.views.colleagues.page import ColleaguesPage
from app.views.main_window import MainWindow
from app.views.page import COLLEAGUES
from app.views.shell.places import lower_places
from app.views.theme.theme import Theme
from tests.e2e.together import DEAL, PASSWORD, Computer, Person, Vendor, take_up
from tests.e2e.windows import window
from tests.patience import PATIENCE
from tests.views.test_colleagues_page import choose, press, row_of, type_into

Give = Callable[[Person], Computer]


@pytest.fixture
def admin(vendor: Vendor, computer: Give) -> Computer:
    """An administrator's computer."""
    made = computer(vendor.person("admin"))
    assert made.sync().ok
    return made


def test_from_the_invitation_to_the_removal(vendor: Vendor, computer: Give, admin: Computer) -> None:
    with admin.opened() as account:
        staff = account.staff
        before = {one.id for one in staff.everybody().items}
        assert admin.person.user in before
        invited = staff.invite("Sam Lee", "sam.lee@brightwater.example", "rep")
        assert invited.link.startswith(admin.wire.url), (
            "it leads to where the administrator reaches the gateway"
        )
        with pytest.raises(Refused) as caught:
            staff.invite("Sam Lee", "Sam.Lee@brightwater.example", "rep")
        assert (caught.value.code, list(caught.value.fields)) == ("exists", ["email"])
        with pytest.raises(Refused) as caught:
            staff.invite("An Approver", "approver@brightwater.example", "approver")
        assert list(caught.value.fields) == ["role"]
        link = staff.new_link(invited.colleague.id).link
        assert "not good any more" in take_up_refused(invited.link)
        assert "Your password is set" in take_up(link)

        sam = computer(Person(invited.colleague.id, "Sam Lee", "sam.lee@brightwater.example", PASSWORD))
        assert sam.sync().ok
        assert {one.id: one.invited_until for one in staff.everybody().items}[sam.person.user] is None

        with sam.opened() as theirs:
            assert deals_of(sam, theirs) == ("rep", False, 0)
            staff.change_role(sam.person.user, "admin")
            assert deals_of(sam, theirs) == ("admin", True, 1)
            with headless.portal_of(theirs) as portal:
                portal.intents.edit(DEAL, {"next_steps": "Sam calls them."})
            assert headless.sync(sam.around, theirs).data["outbox"] == {"waiting": 0, "needs_you": 0}
            assert vendor.value(DEAL, "next_action") == "Sam calls them."
            staff.change_role(sam.person.user, "finance")
            assert deals_of(sam, theirs) == ("finance", False, 0)

        staff.remove(sam.person.user)
        assert sam.person.user not in {one.id for one in staff.everybody().items}
    report = sam.sync()
    assert (report.ok, report.data["mode"], report.data["why"]) == (
        False,
        "sign_in",
        "Your session has ended. Everything you entered is kept on this computer. Sign in again and it is sent.",
    )
    said: list[int] = []

    def browser(address: str) -> bool:
        said.append(FormBrowser(sam.person.email, PASSWORD).visit(address))
        attempt.cancel()
        return True

    attempt = Opening(replace(sam.around, open_browser=browser)).sign_in(sam.wire.url)
    with pytest.raises(SignInAbandoned):
        attempt.run()
    assert said == [401]


def take_up_refused(link: str) -> str:
    """Open a link that is not good any more; returns what its page says."""
    with httpx.Client(trust_env=False, timeout=PATIENCE) as browser:
        page = browser.get(link)
    assert page.status_code == 404
    return page.text


def deals_of(computer: Computer, account: OpenAccount) -> tuple[str, bool, int]:
    """Sync and prove it; returns the role, whether the colleagues are there, and how many deals are."""
    report = headless.sync(computer.around, account)
    assert report.ok, report.lines
    assert headless.verify(computer.around, account, rehash=True).data["identical"]
    with headless.portal_of(account) as portal:
        role, keeps = portal.me.role, portal.keeps_colleagues
    return role, keeps, report.data["records"].get("deal_registration", 0)


def test_the_page_invites_changes_and_removes(
    vendor: Vendor, computer: Give, admin: Computer, theme: Theme, qtbot: QtBot
) -> None:
    tom = computer(vendor.person("rep", "Tom Becker"))
    assert tom.sync().ok
    with admin.opened() as account, window(account, theme) as shown:
        page = shown.current
        assert isinstance(page, ColleaguesPage)
        qtbot.waitUntil(lambda: len(page.rows) > 1, timeout=15_000)
        page.invite()
        (dialog,) = shown.findChildren(InviteDialog)
        type_into(dialog.name, "Priya Raman")
        type_into(dialog.email, "priya@brightwater.example")
        dialog.role.set_value("support")
        press(dialog, "Make the link")
        qtbot.waitUntil(lambda: bool(shown.findChildren(LinkDialog)), timeout=15_000)
        (handed,) = shown.findChildren(LinkDialog)
        link = str(handed.link.value())
        handed.accept()
        qtbot.waitUntil(lambda: "Priya Raman" in names(page), timeout=15_000)
        assert "Your password is set" in take_up(link)

        with tom.opened() as theirs, window(theirs, theme) as his:
            assert not isinstance(his.current, ColleaguesPage)
            assert COLLEAGUES not in places(his)
            choose(row_of(page, tom.person.user), "admin")
            qtbot.waitUntil(lambda: COLLEAGUES in places(his), timeout=15_000)
            qtbot.waitUntil(lambda: not page.reading)
            page._remove(row_of(page, tom.person.user))
            qtbot.waitUntil(lambda: his._bridge.status.mode is Mode.SIGN_IN, timeout=15_000)
            assert his._bridge.status.cause == "Your session has ended."
        qtbot.waitUntil(lambda: "Tom Becker" not in names(page), timeout=15_000)


def names(page: ColleaguesPage) -> set[str]:
    return {row.colleague.name for row in page.rows}


def places(shown: MainWindow) -> set[str]:
    """The places that can be gone to at the foot of the window."""
    return {item.key for item in lower_places(keeps_colleagues=shown._portal.keeps_colleagues)}


def test_a_manager_has_no_page_and_is_refused(
    vendor: Vendor, computer: Give, admin: Computer, theme: Theme, qtbot: QtBot
) -> None:
    manager = computer(vendor.person("manager"))
    assert manager.sync().ok
    with manager.opened() as account:
        staff, other = account.staff, admin.person.user
        calls: list[Callable[[], object]] = [
            staff.everybody,
            lambda: staff.invite("Sam Lee", "another@brightwater.example", "rep"),
            lambda: staff.new_link(other),
            lambda: staff.change_role(other, "rep"),
            lambda: staff.remove(other),
        ]
        for call in calls:
            with pytest.raises(NotAllowed, match="Only administrators"):
                call()
        with window(account, theme) as shown:
            assert not isinstance(shown.current, ColleaguesPage)
            assert shown.current is not None
            assert COLLEAGUES not in places(shown)
    assert admin.sync().ok
