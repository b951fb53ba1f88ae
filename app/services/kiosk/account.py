"""An account that is open on a kiosk: as any other to a window, but for how it ends and what it may not do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from app.contract.errors import Refused
from app.contract.said import said
from app.services.kiosk.values import Apart, Kept, KioskPerson, TakenBack
from app.services.open_account import OpenAccount
from app.services.signing_in import SignInAgain
from app.services.surroundings import Surroundings
from app.session.accounts import Account
from app.session.erasing import WipeNote
from app.session.kiosk.seal_keys import SealKeys
from app.session.wipe import SignedOut


class Endings(Protocol):
    """What a kiosk does when an account ends; `KioskOpening` does."""

    def sign_out(self, person: str) -> Kept:
        """Sign somebody out; what is unsent is kept."""

    def erase(self, person: str, order: str) -> WipeNote:
        """Destroy everything of somebody, as the gateway ordered."""


class KioskAccount(OpenAccount):
    """Who has the screen. `taken_back`: what this sign-in brought back of what was kept here."""

    def __init__(
        self,
        surroundings: Surroundings,
        account: Account,
        keys: SealKeys,
        endings: Endings,
        person: KioskPerson,
    ) -> None:
        super().__init__(surroundings, account, keys.store)
        self.person = person
        self.keys = keys
        self.taken_back = TakenBack()
        self._endings = endings
        self._give_up: Callable[[], None] = _nothing

    @property
    def ahead(self) -> timedelta | None:
        """How far this computer's clock is ahead of the gateway's; None while that is not known."""
        return self._wire.ahead

    def took_back(self, found: TakenBack, give_up: Callable[[], None]) -> None:
        """Note what was taken back; `give_up` deletes what was set apart."""
        self.taken_back, self._give_up = found, give_up

    def give_up_apart(self) -> tuple[Apart, ...]:
        """Delete what could not be taken up, at the person's wish; returns what it was."""
        apart, self.taken_back = self.taken_back.apart, TakenBack(self.taken_back.things)
        self._give_up()
        return apart

    def sign_in(self) -> SignInAgain:
        """There is no browser here. Raises Refused always: whoever's session has ended signs out and in again."""
        raise Refused(
            said("Your time at this screen is over."),
            kept=said("What you have not sent is kept here, encrypted, when you sign out."),
            next_step=said("Sign out, then sign in again; it goes on by itself."),
            code="kiosk_session",
        )

    def sign_out(self) -> SignedOut:
        """Sign out; what is unsent is kept, sealed. All stores of the account must be closed."""
        return SignedOut(self._endings.sign_out(self.person.id).told_gateway)

    def erase(self, order: str) -> WipeNote:
        """Destroy everything of this account here, what is kept included. All its stores must be closed."""
        return self._endings.erase(self.person.id, order)


def _nothing() -> None:
    """Nothing was set apart."""
