"""Two vendors in one window: another one is added, the switcher leads from one to the other, one search finds both."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from app.composition.browser import FormBrowser
from app.composition.demo import PassingKeyring
from app.store.keys import KeyRing
from app.views.main_window import MainWindow
from app.views.shell.accounts import AccountRow
from app.views.welcome.entrance import EntranceWindow
from tests.e2e.tour.acts.stage import Act, Script
from tests.e2e.tour.jobs.desk import Desk
from tests.e2e.tour.jobs.office import Office, must
from tests.e2e.tour.person import Person, wait_until

_FIRST, _SECOND = "Ardent Studio", "Orrin Machines"
#: A record of the first vendor, found from the second.
_SOUGHT = "Texts of the order mails"


class Browser:
    """A browser in which somebody else is signed in at each gateway."""

    def __init__(self, people: dict[str, FormBrowser]) -> None:
        self._people = people

    def __call__(self, address: str) -> bool:
        """Open a page, as who belongs to that gateway."""
        return next(one for gateway, one in self._people.items() if address.startswith(gateway))(address)


class Accounts:
    """Both claims."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._act = desk.act

    def switch(self) -> str:
        """Add the second vendor, then go back and forth."""
        desk, act = self._desk, self._act
        first = desk.person.window
        desk.person.click("nav.head")
        desk.person.click("account.add")
        wait_until(lambda: self._entrance() is not None, "no entrance opened", 15)
        self._sign_in(act.script.more["other"])
        desk.person = self._person(first)
        wait_until(lambda: desk.person.sees("Live"), "the second is not live", 90)
        seen = desk.card(_SECOND, 10)
        second = desk.person.window
        desk.person.click("nav.head")
        rows = desk.person.all(AccountRow)
        must(len(rows) == 2, f"{len(rows)} accounts")
        desk.picture("accounts-switch")
        desk.person.press(next(one for one in rows if one.line.vendor == _FIRST))
        desk.person = self._person(second)
        back = desk.card(_FIRST, 20)
        third = desk.person.window
        desk.person.click("nav.head")
        desk.person.press(next(one for one in desk.person.all(AccountRow) if one.line.vendor == _SECOND))
        desk.person = self._person(third)
        return f"{seen} beside {back}"

    def search(self) -> str:
        """From the second vendor, find a record of the first."""
        desk, person = self._desk, self._desk.person
        desk.card(_SECOND, 10)
        QTest.keyClick(person.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        QTest.qWait(200)
        palette = person.window.overlays.palette
        edit = next(one for one in palette.findChildren(QLineEdit) if one.isVisible())
        QTest.keyClicks(edit, _SOUGHT)
        QTest.qWait(800)
        person.take_row("Search all vendors")
        wait_until(self._found, "nothing was found", 25)
        seen = self._found()[0]
        desk.picture("accounts-search")
        return seen

    def _found(self) -> list[str]:
        """Rows with what was sought, that are not the way to search for it."""
        rows = [words for _, _, words in self._desk.person.rows()]
        return [words for words in rows if _SOUGHT in words and "Search all" not in words]

    # the way in

    def _entrance(self) -> EntranceWindow | None:
        tops = QApplication.topLevelWidgets()
        return next((one for one in tops if isinstance(one, EntranceWindow) and one.isVisible()), None)

    def _sign_in(self, gateway: str) -> None:
        entrance = self._entrance()
        assert entrance is not None
        QTest.qWait(200)
        edit = next(one for one in entrance.findChildren(QLineEdit) if one.isVisible())
        QTest.keyClicks(edit, gateway)
        self._press(entrance, "Sign in")
        wait_until(lambda: self._entrance() is None, "nobody was signed in", 60)

    @staticmethod
    def _press(holder: QWidget, words: str) -> None:
        button = next(
            one for one in holder.findChildren(QAbstractButton) if one.isVisible() and one.text() == words
        )
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def _person(self, before: MainWindow) -> Person:
        """Whoever sits in front of the window that comes after another one."""

        def come() -> bool:
            window = self._act.client.window
            return window is not None and window is not before and window.isVisible()

        wait_until(come, "no other window came", 60)
        window = self._act.client.window
        assert window is not None
        return Person(window, self._act.theme, self._act.script.pictures)


def main() -> None:
    """Play."""
    script = Script.read()
    more = script.more
    people = {
        script.gateway: FormBrowser(script.email, script.password),
        more["other"]: FormBrowser(more["other_email"], more["other_password"]),
    }
    # Both accounts can be searched at once only where the computer keeps their keys.
    ring = KeyRing(PassingKeyring())
    act = Act(script, Browser(people), lambda: ring)
    office = Office(more["console"], more["login"], more["staff_password"])
    desk = Desk(act, act.open(), office, 95)
    wait_until(lambda: desk.person.sees("Live"), "it is not live", 120)
    accounts = Accounts(desk)
    desk.prove(
        "accounts.switch",
        [("another vendor is added, and the switcher leads back and forth", accounts.switch)],
    )
    desk.prove("accounts.search", [("one search finds a record of the other vendor", accounts.search)])
    act.sign("accounts-done")
    desk.person.window.close()
    act.client.close()
    office.close()


if __name__ == "__main__":
    main()
