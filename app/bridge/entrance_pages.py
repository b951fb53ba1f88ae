"""The pages of the entrance on good days, in words. Pure: what is known goes in, what is shown comes out.

What stands in the way is put into words by `entrance_problems`.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication

from app.bridge.entrance_state import AccountLine, EntranceState, Offer, Step
from app.services.account_key import BY_PASSPHRASE
from app.services.admission import offered_gateways
from app.services.erased import ErasedWords
from app.services.idle import locked_words
from app.services.words import Words
from app.session.accounts import Account
from app.session.policy.schema import Managed


def accounts(
    known: Iterable[Account], managed: Managed, gateway: str = "", problem: str = ""
) -> EntranceState:
    """Return the list of accounts, with a field for a gateway's address or the only gateways there are."""
    lines = tuple(AccountLine(a.id, a.name, a.vendor, a.gateway) for a in known)
    heading = _tr("Choose an account") if lines else _tr("Welcome")
    fixed = offered_gateways(managed)
    text = _tr(
        "Counterpart opens the vendor’s sign-in page in your browser. Write the address the vendor gave you."
    )
    if fixed:
        text = _tr("Counterpart opens the vendor’s sign-in page in your browser.")
    at = gateway or managed.policy.gateway_address
    return EntranceState(Step.ACCOUNT, heading, text, problem, lines, at, fixed=fixed)


def browser(gateway: str, address: str) -> EntranceState:
    """Return what stands here while the browser shows the sign-in page at `address`."""
    text = _tr("The vendor’s sign-in page is open there. Counterpart goes on by itself when you are done.")
    heading = _tr("Go on in your browser")
    return EntranceState(Step.BROWSER, heading, text, gateway=gateway, address=address)


def unlock(account: Account) -> EntranceState:
    """Return the page that asks for an account's passphrase."""
    heading = _tr("Unlock {vendor}").format(vendor=account.vendor)
    text = _tr("What is kept on this computer is encrypted. Your passphrase opens it.")
    return EntranceState(Step.UNLOCK, heading, text, who=account.name)


def new_passphrase(account: Account, *, own_choice: bool) -> EntranceState:
    """Return the page on which one is chosen. `own_choice`: though there is a key store, which is locked."""
    why = "" if own_choice else _tr("This computer has no secure key store. ")
    text = _tr(
        "{why}What is kept here is encrypted with a passphrase that only you know. Nobody "
        "can recover it; without it, what was not sent yet is lost."
    ).format(why=why)
    return EntranceState(Step.NEW_PASSPHRASE, _tr("Choose a passphrase"), text, who=account.name)


def locked(account: Account, seconds: int, words: Words) -> EntranceState:
    """Return what stands here once nobody was there for so long, with what opens the account again.

    Its passphrase, where one wraps its key; otherwise a click, since the key store is as open as the computer is.
    """
    heading = locked_words(seconds, words)
    text = _tr("What you were writing is kept. Nothing is sent or fetched until you unlock.")
    if account.key_holder == BY_PASSPHRASE:
        asks = _tr("Your passphrase opens it.")
        return EntranceState(Step.UNLOCK, heading, f"{text} {asks}", who=account.name)
    return EntranceState(Step.LOCKED, heading, text, who=account.name)


def working(heading: str) -> EntranceState:
    """Return what stands here while something takes a moment."""
    return EntranceState(Step.WORKING, heading, _tr("One moment."))


def erased(words: ErasedWords) -> EntranceState:
    """Return what is told of accounts that were ordered away."""
    notes = (words.means, words.next_step, words.receipt)
    offers = (Offer("understood", _tr("Go on"), primary=True),)
    return EntranceState(Step.ERASED, words.heading, words.happened, offers=offers, notes=notes)


def _tr(words: str) -> str:
    return QCoreApplication.translate("Entrance", words)
