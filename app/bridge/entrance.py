"""The way in: which account, the browser, the passphrase, and what to do when something stands in the way.

A small state machine over `Opening`; one widget renders `state` and calls the methods. It ends with `opened`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, assert_never

from PySide6.QtCore import QObject, Signal

from app.bridge.checkup import Checkup
from app.bridge.entrance_state import AccountLine, EntranceState, Offer, Step
from app.bridge.errand import Errand
from app.contract.errors import (
    CounterpartError,
    KeyStoreAway,
    KeyStoreLocked,
    Refused,
    SignInNeeded,
    StoreDamaged,
    StoreNewer,
    WipeOrdered,
    WrongKey,
)
from app.services.account_key import BY_PASSPHRASE, Lock
from app.services.admission import GatewayNotAllowed, PolicyUnclear, offered_gateways
from app.services.erased import AccountErased
from app.services.idle import locked_words
from app.services.in_contact import AwayTooLong
from app.services.open_account import OpenAccount
from app.services.opening import Opening
from app.services.signing_in import FirstSignIn, SignedIn
from app.services.words import Words
from app.session.accounts import Account
from app.session.oauth import TokenSet

if TYPE_CHECKING:
    from app.store.salvage import SalvageReport
    from app.store.way_back import WayBackReport


@dataclass(frozen=True)
class _Underway:
    """What is known so far of the account that is being opened."""

    account: Account
    tokens: TokenSet | None = None
    key: bytes | None = field(default=None, repr=False)


class Entrance(QObject):
    """Leads to an open account."""

    changed = Signal()
    """`state` is another one."""
    opened = Signal(object)
    """An OpenAccount that is ready: its portal can be opened."""

    def __init__(
        self,
        opening: Opening,
        passphrase: str = "",
        parent: QObject | None = None,
        *,
        checkup: Checkup | None = None,
    ) -> None:
        """`passphrase`: used instead of asking, where one is needed. `checkup`: looks at this computer."""
        super().__init__(parent)
        self.checkup = checkup or Checkup(parent=self)
        self._opening = opening
        self._given = passphrase
        self._state = EntranceState(Step.WORKING, "Counterpart")
        self._underway: _Underway | None = None
        self._errand: Errand | None = None
        self._attempt: FirstSignIn | None = None
        self._again: Callable[[], None] | None = None
        self._receipt: Errand | None = None
        self._before = self._state

    @property
    def state(self) -> EntranceState:
        """What is shown now."""
        return self._state

    @property
    def words(self) -> Words:
        """Says a text in the reader's language."""
        return self._opening.tr

    # -- ways in ------------------------------------------------------------------------------------------
    def begin(self, account: str = "", gateway: str = "") -> None:
        """Start: with an account's id, with a gateway's address, or with whatever is known on this computer.

        Where an account was ordered away meanwhile, that is told first.
        """
        self._opening.erasing.finish()
        try:
            self._opening.expect_clear()
        except PolicyUnclear as unclear:
            self._block(unclear)
            return
        self._confirm()
        if self._opening.erased() is not None:
            self._again = lambda: self._begin(account, gateway)
            self._show_erased()
        else:
            self._begin(account, gateway)

    def _block(self, unclear: PolicyUnclear) -> None:
        """Nothing is opened, so there is nothing to choose: only what IT has to be told."""
        tr = self._opening.tr
        text = self.tr(
            "{cause} Show this to your IT department; once it is mended, start Counterpart again. {kept}"
        ).format(cause=tr(unclear.cause), kept=tr(unclear.kept))
        heading = self.tr("Counterpart cannot open")
        notes = tuple(tr(problem) for problem in unclear.problems)
        self._show(EntranceState(Step.BLOCKED, heading, text, " ".join(notes), notes=notes))

    def _begin(self, account: str, gateway: str) -> None:
        known = self._opening.accounts()
        try:
            at_gateway = self._opening.at_gateway(gateway) if gateway else ()
        except Refused as refused:
            self._choose(gateway=gateway, problem=refused.cause)
            return
        picked = self._opening.account(account) if account else None
        if picked is not None:
            self._use(picked)
        elif gateway and len(at_gateway) == 1:
            self._use(at_gateway[0])
        elif gateway:
            self.sign_in(gateway)
        elif len(known) == 1:
            self._use(known[0])
        else:
            self._choose()

    def hold(self, account: str, seconds: int) -> None:
        """Nobody was there for so long, so the account was closed: say so, and what opens it again.

        Its passphrase, where one wraps its key; otherwise a click, since the key store is as open as the computer is.
        """
        locked = self._opening.account(account)
        if locked is None:
            self._choose()
            return
        tr = self._opening.tr
        self._underway = _Underway(locked)
        self._again = lambda: self._use(locked)
        heading = locked_words(seconds, tr)
        text = self.tr("What you were writing is kept. Nothing is sent or fetched until you unlock.")
        if locked.key_holder == BY_PASSPHRASE:
            asks = self.tr("Your passphrase opens it.")
            self._show(EntranceState(Step.UNLOCK, heading, f"{text} {asks}", who=locked.name))
        else:
            self._show(EntranceState(Step.LOCKED, heading, text, who=locked.name))

    def use_account(self, account: str) -> None:
        """Open an account of the list."""
        picked = self._opening.account(account)
        if picked is None:
            self._choose(problem=self.tr("This account is not on this computer any more."))
        else:
            self._use(picked)

    def sign_in(self, gateway: str) -> None:
        """Sign in at a gateway, in the browser."""
        try:
            attempt = self._opening.sign_in(gateway)
        except Refused as refused:
            self._choose(gateway=gateway, problem=refused.cause)
            return
        self._attempt = attempt
        self._again = lambda: self.sign_in(gateway)
        self._show(
            EntranceState(
                Step.BROWSER,
                self.tr("Go on in your browser"),
                self.tr(
                    "The vendor’s sign-in page is open there. Counterpart goes on by itself when you are "
                    "done."
                ),
                gateway=gateway,
                address=attempt.address,
            )
        )
        self._run(attempt.run, self._signed_in)

    def cancel(self) -> None:
        """Go back to the list of accounts."""
        self._drop()
        self._underway = None
        self._choose()

    def choose_passphrase(self, one: str, two: str) -> None:
        """Choose the passphrase of a new account; both have to be the same."""
        if one != two:
            self._show(replace(self._state, problem=self.tr("The two are not the same.")))
        else:
            self._find_key(one)

    def unlock(self, passphrase: str) -> None:
        """Open the account with its passphrase."""
        self._find_key(passphrase)

    def take(self, offer: str) -> None:
        """Take one of the offers of a problem."""
        underway = self._underway
        match offer:
            case "retry" if self._again is not None:
                self._again()
            case "understood":
                self._opening.erasing.seen()
                (self._again or self._choose)()
            case "passphrase" if underway is not None:
                self._ask_new_passphrase(own_choice=True)
            case "salvage" if underway is not None and underway.key is not None:
                key, account = underway.key, underway.account
                self._work(
                    self.tr("Salvaging what was not sent"),
                    lambda: self._opening.salvage(account, key),
                    self._salvaged,
                )
            case "go_back" if underway is not None and underway.key is not None:
                key, account = underway.key, underway.account
                self._work(
                    self.tr("Going back"), lambda: self._opening.go_back(account, key), self._went_back
                )
            case "give_up" if underway is not None:
                self._give_up()
            case "afresh" | "afresh_away" if underway is not None:
                account, away = underway.account, offer == "afresh_away"
                self._work(
                    self.tr("Setting the old store aside"),
                    lambda: self._opening.start_afresh(account, although_away=away),
                    self._afresh,
                )
            case "sign_in" if underway is not None:
                self.sign_in(underway.account.gateway)
            case _:
                self.cancel()

    def stop(self) -> None:
        """End whatever is under way; the program closes."""
        self.checkup.stop()
        self._drop()
        if self._receipt is not None:
            self._receipt.abandon()
            self._receipt = None

    # -- steps --------------------------------------------------------------------------------------------
    def _choose(self, gateway: str = "", problem: str = "") -> None:
        known = self._opening.accounts()
        lines = tuple(AccountLine(a.id, a.name, a.vendor, a.gateway) for a in known)
        heading = self.tr("Choose an account") if lines else self.tr("Welcome")
        fixed = offered_gateways(self._opening.managed)
        text = self.tr(
            "Counterpart opens the vendor’s sign-in page in your browser. Write the address the "
            "vendor gave you."
        )
        if fixed:
            text = self.tr("Counterpart opens the vendor’s sign-in page in your browser.")
        at = gateway or self._opening.managed.policy.gateway_address
        self._show(EntranceState(Step.ACCOUNT, heading, text, problem, lines, at, fixed=fixed))

    def _use(self, account: Account) -> None:
        self._underway = _Underway(account)
        self._again = lambda: self._use(account)
        self._check_lock()

    def _signed_in(self, signed_in: SignedIn) -> None:
        self._attempt = None
        self._underway = _Underway(signed_in.account, signed_in.tokens)
        self._again = self._check_lock
        self._check_lock()

    def _check_lock(self) -> None:
        underway = self._expect()
        self._work(self.tr("Opening"), lambda: self._opening.lock(underway.account), self._on_lock)

    def _on_lock(self, lock: Lock) -> None:
        underway = self._expect()
        match lock:
            case Lock.OPEN | Lock.NEW:
                self._find_key("")
            case Lock.PASSPHRASE if self._given:
                self._find_key(self._spend_given())
            case Lock.NEW_PASSPHRASE if self._given:
                self._find_key(self._spend_given())
            case Lock.PASSPHRASE:
                text = self.tr("What is kept on this computer is encrypted. Your passphrase opens it.")
                self._show(
                    EntranceState(
                        Step.UNLOCK,
                        self.tr("Unlock {vendor}").format(vendor=underway.account.vendor),
                        text,
                        who=underway.account.name,
                    )
                )
            case Lock.NEW_PASSPHRASE:
                self._ask_new_passphrase(own_choice=False)
            case Lock.LOST:
                self._lost()
            case _:
                assert_never(lock)

    def _ask_new_passphrase(self, *, own_choice: bool) -> None:
        underway = self._expect()
        why = "" if own_choice else self.tr("This computer has no secure key store. ")
        text = self.tr(
            "{why}What is kept here is encrypted with a passphrase that only you know. Nobody "
            "can recover it; without it, what was not sent yet is lost."
        ).format(why=why)
        self._show(
            EntranceState(
                Step.NEW_PASSPHRASE, self.tr("Choose a passphrase"), text, who=underway.account.name
            )
        )

    def _spend_given(self) -> str:
        """A given passphrase is tried once; a wrong one must not be tried for ever."""
        given, self._given = self._given, ""
        return given

    def _find_key(self, passphrase: str) -> None:
        underway = self._expect()
        choosing = self._state.step is Step.NEW_PASSPHRASE
        find = self._opening.choose_passphrase if choosing else self._opening.key
        self._before = self._state
        self._work(self.tr("Opening"), lambda: find(underway.account, passphrase), self._on_key)

    def _on_key(self, key: bytes) -> None:
        self._underway = replace(self._expect(), key=key)
        self._again = self._open
        self._open()

    def _open(self) -> None:
        underway = self._expect()
        self._work(
            self.tr("Opening {vendor}").format(vendor=underway.account.vendor),
            lambda: self._enter(underway),
            self._entered,
        )

    def _enter(self, underway: _Underway) -> OpenAccount:
        """Runs off the main thread: open the store, take up the session, meet the gateway when it is the first time."""
        assert underway.key is not None
        signed_in = underway.tokens is not None
        account = self._opening.open(underway.account, underway.key, signed_in=signed_in)
        try:
            if underway.tokens is not None:
                account.session.begin(underway.tokens)
            if not account.ready:
                account.first_contact()
        except CounterpartError:
            account.close()
            raise
        return account

    def _entered(self, account: OpenAccount) -> None:
        self._show(EntranceState(Step.DONE))
        self.opened.emit(account)

    def _salvaged(self, report: SalvageReport) -> None:
        kept = report.items + report.drafts + report.conflicts
        what = (
            self.tr("Everything that was not sent was brought over.")
            if report.complete
            else self.tr("What could be read was brought over.")
        )
        text = self.tr(
            "{what} It was {kept} changes and drafts. The vendor’s records are read afresh."
        ).format(what=what, kept=kept)
        self._again = self._open
        offers = (Offer("retry", self.tr("Go on"), primary=True),)
        self._show(EntranceState(Step.PROBLEM, self.tr("Your store was salvaged"), text, offers=offers))

    def _went_back(self, report: WayBackReport) -> None:
        kept = report.items + report.drafts + report.conflicts
        parts = [
            self.tr("Brought over: {kept} changes and drafts that were not sent.").format(kept=kept),
            self.tr("The vendor’s records are those of before the newer version, and are brought up to date.")
            if report.from_copy
            else self.tr("The vendor’s records are read afresh."),
        ]
        if report.left:
            words = self.tr(
                "Not understood by this version: {left}. They are kept in a file beside the store."
            )
            parts.append(words.format(left=report.left))
        self._again = self._open
        offers = (Offer("retry", self.tr("Go on"), primary=True),)
        self._show(
            EntranceState(Step.PROBLEM, self.tr("Back at this version"), " ".join(parts), offers=offers)
        )

    def _afresh(self, _: object) -> None:
        self._check_lock()

    def _lost(self) -> None:
        text = self.tr(
            "The key of this account is not in your key store any more, so what is kept here "
            "cannot be opened. It stays where it is. Restore the key, or start afresh: the "
            "vendor’s records come again, what was not sent does not."
        )
        offers = (
            Offer("retry", self.tr("Look again"), primary=True),
            Offer("afresh", self.tr("Start afresh")),
            Offer("back", self.tr("Back")),
        )
        self._show(EntranceState(Step.PROBLEM, self.tr("The key is missing"), text, offers=offers))

    def _give_up(self) -> None:
        """Ask before a store is set aside whose key may come back."""
        text = self.tr(
            "What is on this computer and was not sent is set aside. It stays encrypted and can "
            "be opened again should the key come back. The vendor’s records come again by "
            "themselves."
        )
        retry = Offer("retry", self.tr("Try again"), primary=True)
        self._problem(
            self.tr("Start without the key?"),
            text,
            retry,
            Offer("afresh_away", self.tr("Start afresh")),
        )

    # -- an account that was ordered away -----------------------------------------------------------------
    def _erase(self, account: Account, order: str) -> None:
        self._underway = None
        self._again = self._choose
        erasing = self._opening.erasing
        self._work(self.tr("Erasing"), lambda: erasing.obey(account, order), lambda _note: self._erased())

    def _erased(self) -> None:
        self._show_erased()
        self._confirm()

    def _confirm(self) -> None:
        """Send the receipts that are due, beside everything else; the page that is shown follows."""
        erasing = self._opening.erasing
        if any(note.done and note.order for note in erasing.notes()):
            self._receipt = Errand(erasing.tell, lambda _: self._confirmed(), self._not_confirmed, owner=self)
            self._receipt.start()

    def _confirmed(self) -> None:
        if self._state.step is Step.ERASED:
            self._show_erased()

    def _not_confirmed(self, _error: CounterpartError) -> None:
        """It is tried again at the next start."""

    def _show_erased(self) -> None:
        words = self._opening.erased()
        if words is not None:
            notes = (words.means, words.next_step, words.receipt)
            offers = (Offer("understood", self.tr("Go on"), primary=True),)
            self._show(EntranceState(Step.ERASED, words.heading, words.happened, offers=offers, notes=notes))

    # -- problems -----------------------------------------------------------------------------------------
    def _on_error(self, error: CounterpartError) -> None:
        self._attempt = None
        match error:
            case WrongKey() | Refused(code="passphrase") if self._asked_for_passphrase():
                self._show(replace(self._before, problem=self._opening.tr(error.cause)))
            case PolicyUnclear():
                self._block(error)
            case GatewayNotAllowed():
                self._problem(self.tr("Not allowed on this computer"), self._opening.tr.told(error))
            case AwayTooLong():
                self._problem(
                    self.tr("This account is locked"),
                    self._opening.tr.told(error),
                    Offer("retry", self.tr("Try again"), primary=True),
                )
            case StoreDamaged():
                text = self.tr(
                    "It is set aside, what was not sent is brought over, and the vendor’s records are "
                    "read afresh."
                )
                go_on = Offer("salvage", self.tr("Salvage and go on"), primary=True)
                self._problem(self.tr("The store on this computer is damaged"), text, go_on)
            case StoreNewer():
                text = self.tr(
                    "Its store cannot be read by this version. Start the newer version, or go back: what was "
                    "not sent is brought over, and nothing is deleted."
                )
                retry = Offer("retry", self.tr("Try again"), primary=True)
                self._problem(
                    self._opening.tr(error.cause).removesuffix("."),
                    text,
                    retry,
                    Offer("go_back", self.tr("Go back")),
                )
            case KeyStoreAway():
                retry = Offer("retry", self.tr("Try again"), primary=True)
                offer = Offer("give_up", self.tr("Start afresh"))
                self._problem(
                    self._opening.tr(error.cause).removesuffix("."), self._beyond_cause(error), retry, offer
                )
            case KeyStoreLocked():
                retry = Offer("retry", self.tr("Try again"), primary=True)
                self._problem(
                    self._opening.tr(error.cause).removesuffix("."),
                    self._beyond_cause(error),
                    retry,
                    *self._instead(),
                )
            case AccountErased():
                self._underway = None
                self._again = self._choose
                self._erased()
            case WipeOrdered(order=order) if self._underway is not None:
                self._erase(self._underway.account, order)
            case SignInNeeded():
                self._problem(
                    self.tr("Sign in again"),
                    self._opening.tr.told(error),
                    Offer("sign_in", self.tr("Sign in"), primary=True),
                )
            case _:
                self._problem(
                    self._opening.tr(error.cause),
                    self._beyond_cause(error),
                    Offer("retry", self.tr("Try again"), primary=True),
                )

    def _problem(self, heading: str, text: str, *offers: Offer) -> None:
        self._show(
            EntranceState(Step.PROBLEM, heading, text, offers=(*offers, Offer("back", self.tr("Back"))))
        )

    def _asked_for_passphrase(self) -> bool:
        return self._before.step in (Step.UNLOCK, Step.NEW_PASSPHRASE)

    def _instead(self) -> tuple[Offer, ...]:
        """A new account may do without the key store."""
        underway = self._underway
        new = underway is not None and not underway.account.store_path.exists()
        return (Offer("passphrase", self.tr("Use a passphrase instead")),) if new else ()

    # -- parts --------------------------------------------------------------------------------------------
    def _expect(self) -> _Underway:
        assert self._underway is not None
        return self._underway

    def _show(self, state: EntranceState) -> None:
        self._state = state
        self.changed.emit()

    def _work(self, words: str, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self._show(EntranceState(Step.WORKING, words, self.tr("One moment.")))
        self._run(work, done)

    def _run(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self._errand = Errand(work, done, self._on_error, owner=self)
        self._errand.start()

    def _drop(self) -> None:
        if self._errand is not None:
            self._errand.abandon()
        if self._attempt is not None:
            self._attempt.cancel()
            self._attempt = None
        if self._errand is not None:
            self._errand.wait(2.0)
            self._errand = None

    def _beyond_cause(self, error: CounterpartError) -> str:
        """Return what an error says beyond its cause, which is the page's heading."""
        return " ".join(self._opening.tr(part) for part in (error.kept, error.next_step) if part.strip())
