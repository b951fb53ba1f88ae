"""Signing in at a gateway, in the browser: for an account that may be new here, or again for one that is open."""

from __future__ import annotations

from dataclasses import dataclass

from app.contract.changes import Me
from app.contract.errors import CounterpartError, Refused, WipeOrdered
from app.contract.said import said
from app.services.admission import admitted, expect_no_kiosk
from app.services.erased import account_erased
from app.services.format import Formats
from app.services.noticing import forget_with_the_last
from app.services.surroundings import Surroundings, erasing_of, wire_to
from app.session.accounts import Account, Accounts, account_id
from app.session.logbook.happenings import Happened
from app.session.oauth import OAuth, TokenSet
from app.session.tokens import MemoryVault, Session
from app.session.wipe import FilesRemain
from app.sync.http_transport import HttpTransport
from app.sync.pauses import patient


@dataclass(frozen=True)
class SignedIn:
    """Who came back from the browser."""

    account: Account
    tokens: TokenSet


class FirstSignIn:
    """One sign-in at a gateway, for an account that may be new here. `run` blocks; `cancel` from another thread.

    It may lead to an order to destroy what is held here of whoever signs in. That is obeyed; only whoever has the
    account open has to close it first, and is handed the order.
    """

    def __init__(self, surroundings: Surroundings, gateway: str, open_account: str = "") -> None:
        """`open_account`: the id of the account that is open, if one is."""
        # What speaks to a browser; whoever is signed in opens without it.
        from app.session.sign_in import SignIn  # noqa: PLC0415

        expect_no_kiosk(surroundings.managed)
        self._surroundings = surroundings
        self._open_account = open_account
        self._accounts = Accounts(surroundings.root)
        self._gateway = admitted(surroundings.managed, gateway)
        self._wire = wire_to(surroundings, self._gateway)
        self._oauth = OAuth(self._wire, surroundings.clock)
        device = self._accounts.device(surroundings.ids.new_id())
        self._sign_in = SignIn(self._gateway, self._oauth, device, surroundings.open_browser)

    @property
    def address(self) -> str:
        """The page the browser shows."""
        return self._sign_in.address

    def run(self) -> SignedIn:
        """Wait for the browser; returns the account with its folder made.

        Raises AccountErased after an order was obeyed, WipeOrdered with one for the account that is open, contract
        errors.
        """
        try:
            with self._surroundings.log.noting(Happened.SIGNED_IN, Happened.NOT_SIGNED_IN):
                return self._signed_in()
        except WipeOrdered as ordered:
            raise self._obeyed(ordered) from None
        finally:
            self._wire.close()

    def _signed_in(self) -> SignedIn:
        # A receipt that did not get through would have the gateway give the order once more.
        erasing_of(self._surroundings).tell(self._gateway)
        tokens = self._sign_in.run()
        session = Session(MemoryVault(tokens), self._oauth, self._surroundings.clock)
        me = patient(HttpTransport(self._wire, session).me, self._sign_in.cancelled.wait)
        return SignedIn(self._account(me), tokens)

    def _obeyed(self, ordered: WipeOrdered) -> CounterpartError:
        """Obey an order for whoever signed in, which is also confirmed when nothing of theirs is here."""
        known = account_id(self._gateway, ordered.user)
        if not ordered.user or known == self._open_account:
            return ordered
        nothing = Account(known, self._gateway, ordered.user, "", "", self._accounts.root / known)
        erasing = erasing_of(self._surroundings)
        erasing.obey(self._accounts.get(known) or nothing, ordered.order)
        erasing.tell(self._gateway)
        around = self._surroundings
        forget_with_the_last(around.log, self._accounts)
        notes = [note for note in erasing.notes() if note.gateway == self._gateway]
        return account_erased(notes, Formats(around.clock, around.locale, around.zone, around.words))

    def _account(self, me: Me) -> Account:
        """The account of who signed in. What is left of one that was ordered away goes first."""
        erasing = erasing_of(self._surroundings)
        known = account_id(self._gateway, me.user)
        if erasing.pending(known):
            erasing.finish()
        if erasing.pending(known):
            raise FilesRemain
        erasing.seen(self._gateway)
        return self._accounts.at(self._gateway, me.user, me.name, me.vendor)

    def cancel(self) -> None:
        """Stop waiting."""
        self._sign_in.cancel()


class SignInAgain:
    """A sign-in for an account that is open; only the same person gets in."""

    def __init__(self, surroundings: Surroundings, account: Account, session: Session) -> None:
        """`session`: that of the open account, which takes up what comes of it."""
        self._account = account
        self._session = session
        self._again = FirstSignIn(surroundings, account.gateway, account.id)

    @property
    def address(self) -> str:
        """The page the browser shows."""
        return self._again.address

    def run(self) -> None:
        """Wait for the browser and take up the session.

        Raises Refused for another person, WipeOrdered when this account is to be destroyed, contract errors.
        """
        signed_in = self._again.run()
        if signed_in.account.id != self._account.id:
            raise Refused(
                said(
                    "You signed in as {other}, but this account is {name}’s.",
                    other=signed_in.account.name,
                    name=self._account.name,
                ),
                kept=said("Nothing was mixed up; what waits here is kept."),
                next_step=said("Sign in as {name}.", name=self._account.name),
                code="other_user",
            )
        self._session.begin(signed_in.tokens)

    def cancel(self) -> None:
        """Stop waiting."""
        self._again.cancel()
