"""The way in: which account, the browser, the passphrase, and what to do when something stands in the way.

A small state machine over `Opening`; one widget renders `state` and calls the methods. It ends with `opened`. What its
pages say stands in `entrance_pages` and `entrance_problems`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, assert_never

from PySide6.QtCore import QObject, Signal

from app.bridge import entrance_pages as pages
from app.bridge import entrance_problems as problems
from app.bridge.checkup import Checkup
from app.bridge.entrance_state import EntranceState, Step
from app.bridge.errand import Errand
from app.contract.errors import CounterpartError, Refused, WipeOrdered, WrongKey
from app.services.account_key import Lock
from app.services.admission import PolicyUnclear
from app.services.erased import AccountErased
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
            self._show_problem(unclear)
            return
        self._confirm()
        if self._opening.erased() is not None:
            self._again = lambda: self._begin(account, gateway)
            self._show_erased()
        else:
            self._begin(account, gateway)

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
        """Nobody was there for so long, so the account was closed: say so, and what opens it again."""
        locked = self._opening.account(account)
        if locked is None:
            self._choose()
            return
        self._underway = _Underway(locked)
        self._again = lambda: self._use(locked)
        self._show(pages.locked(locked, seconds, self._opening.tr))

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
        self._show(pages.browser(gateway, attempt.address))
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
                self._show(pages.new_passphrase(underway.account, own_choice=True))
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
                self._show(problems.giving_up())
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
        known, managed = self._opening.accounts(), self._opening.managed
        self._show(pages.accounts(known, managed, gateway, problem))

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
                self._show(pages.unlock(underway.account))
            case Lock.NEW_PASSPHRASE:
                self._show(pages.new_passphrase(underway.account, own_choice=False))
            case Lock.LOST:
                self._show(problems.key_missing())
            case _:
                assert_never(lock)

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
        self._again = self._open
        self._show(problems.salvaged(report))

    def _went_back(self, report: WayBackReport) -> None:
        self._again = self._open
        self._show(problems.went_back(report))

    def _afresh(self, _: object) -> None:
        self._check_lock()

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
            self._show(pages.erased(words))

    # -- problems -----------------------------------------------------------------------------------------
    def _on_error(self, error: CounterpartError) -> None:
        self._attempt = None
        match error:
            case WrongKey() | Refused(code="passphrase") if self._asked_for_passphrase():
                self._show(replace(self._before, problem=self._opening.tr(error.cause)))
            case AccountErased():
                self._underway = None
                self._again = self._choose
                self._erased()
            case WipeOrdered(order=order) if self._underway is not None:
                self._erase(self._underway.account, order)
            case _:
                self._show_problem(error)

    def _show_problem(self, error: CounterpartError) -> None:
        self._show(problems.error_page(error, self._opening.tr, new=self._is_new))

    def _is_new(self) -> bool:
        underway = self._underway
        return underway is not None and not underway.account.store_path.exists()

    def _asked_for_passphrase(self) -> bool:
        return self._before.step in (Step.UNLOCK, Step.NEW_PASSPHRASE)

    # -- parts --------------------------------------------------------------------------------------------
    def _expect(self) -> _Underway:
        assert self._underway is not None
        return self._underway

    def _show(self, state: EntranceState) -> None:
        self._state = state
        self.changed.emit()

    def _work(self, words: str, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self._show(pages.working(words))
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
