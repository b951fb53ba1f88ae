"""What stands in the way in, in words, and what one can do about it: each offer is a name that `Entrance.take` knows.

What is known goes in, what is shown comes out. Good days are put into words by `entrance_pages`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.bridge.entrance_state import EntranceState, Offer, Step
from app.contract.errors import (
    CounterpartError,
    KeyStoreAway,
    KeyStoreLocked,
    SignInNeeded,
    StoreDamaged,
    StoreNewer,
)
from app.services.admission import GatewayNotAllowed, PolicyUnclear
from app.services.in_contact import AwayTooLong
from app.services.words import Words

if TYPE_CHECKING:
    from app.store.salvage import SalvageReport
    from app.store.way_back import WayBackReport


# -- errors ---------------------------------------------------------------------------------------------------
def error_page(error: CounterpartError, words: Words, *, new: Callable[[], bool]) -> EntranceState:
    """Return what is shown of an error. `new` tells whether the account is new here: it may do without a key store."""
    match error:
        case PolicyUnclear():
            return _blocked(error, words)
        case GatewayNotAllowed():
            return _page(_tr("Not allowed on this computer"), words.told(error))
        case AwayTooLong():
            return _page(_tr("This account is locked"), words.told(error), _retry())
        case StoreDamaged():
            text = _tr(
                "It is set aside, what was not sent is brought over, and the vendor’s records are read afresh."
            )
            go_on = Offer("salvage", _tr("Salvage and go on"), primary=True)
            return _page(_tr("The store on this computer is damaged"), text, go_on)
        case StoreNewer():
            text = _tr(
                "Its store cannot be read by this version. Start the newer version, or go back: what was "
                "not sent is brought over, and nothing is deleted."
            )
            return _page(_heading(error, words), text, _retry(), Offer("go_back", _tr("Go back")))
        case KeyStoreAway():
            give_up = Offer("give_up", _tr("Start afresh"))
            return _page(_heading(error, words), _beyond_cause(error, words), _retry(), give_up)
        case KeyStoreLocked():
            instead = (Offer("passphrase", _tr("Use a passphrase instead")),) if new() else ()
            return _page(_heading(error, words), _beyond_cause(error, words), _retry(), *instead)
        case SignInNeeded():
            again = Offer("sign_in", _tr("Sign in"), primary=True)
            return _page(_tr("Sign in again"), words.told(error), again)
        case _:
            return _page(words(error.cause), _beyond_cause(error, words), _retry())


def _blocked(unclear: PolicyUnclear, words: Words) -> EntranceState:
    """Nothing is opened, so there is nothing to choose: only what IT has to be told."""
    text = _tr(
        "{cause} Show this to your IT department; once it is mended, start Counterpart again. {kept}"
    ).format(cause=words(unclear.cause), kept=words(unclear.kept))
    heading = _tr("Counterpart cannot open")
    notes = tuple(words(one) for one in unclear.problems)
    return EntranceState(Step.BLOCKED, heading, text, " ".join(notes), notes=notes)


def _heading(error: CounterpartError, words: Words) -> str:
    return words(error.cause).removesuffix(".")


def _beyond_cause(error: CounterpartError, words: Words) -> str:
    """Return what an error says beyond its cause, which is the page's heading."""
    return " ".join(words(part) for part in (error.kept, error.next_step) if part.strip())


# -- a key that is gone ---------------------------------------------------------------------------------------
def key_missing() -> EntranceState:
    """Return what is shown for a store whose key is nowhere."""
    text = _tr(
        "The key of this account is not in your key store any more, so what is kept here "
        "cannot be opened. It stays where it is. Restore the key, or start afresh: the "
        "vendor’s records come again, what was not sent does not."
    )
    look_again = Offer("retry", _tr("Look again"), primary=True)
    return _page(_tr("The key is missing"), text, look_again, Offer("afresh", _tr("Start afresh")))


def giving_up() -> EntranceState:
    """Return what is asked before a store is set aside whose key may come back."""
    text = _tr(
        "What is on this computer and was not sent is set aside. It stays encrypted and can "
        "be opened again should the key come back. The vendor’s records come again by "
        "themselves."
    )
    afresh = Offer("afresh_away", _tr("Start afresh"))
    return _page(_tr("Start without the key?"), text, _retry(), afresh)


# -- what was mended ------------------------------------------------------------------------------------------
def salvaged(report: SalvageReport) -> EntranceState:
    """Return what is told once a damaged store was salvaged."""
    kept = report.items + report.drafts + report.conflicts
    what = (
        _tr("Everything that was not sent was brought over.")
        if report.complete
        else _tr("What could be read was brought over.")
    )
    text = _tr("{what} It was {kept} changes and drafts. The vendor’s records are read afresh.").format(
        what=what, kept=kept
    )
    return _mended(_tr("Your store was salvaged"), text)


def went_back(report: WayBackReport) -> EntranceState:
    """Return what is told once a store of a newer version was left."""
    kept = report.items + report.drafts + report.conflicts
    parts = [
        _tr("Brought over: {kept} changes and drafts that were not sent.").format(kept=kept),
        _tr("The vendor’s records are those of before the newer version, and are brought up to date.")
        if report.from_copy
        else _tr("The vendor’s records are read afresh."),
    ]
    if report.left:
        words = _tr("Not understood by this version: {left}. They are kept in a file beside the store.")
        parts.append(words.format(left=report.left))
    return _mended(_tr("Back at this version"), " ".join(parts))


# -- parts ----------------------------------------------------------------------------------------------------
def _page(heading: str, text: str, *offers: Offer) -> EntranceState:
    """Return a problem with what can be done; one can always go back."""
    return EntranceState(Step.PROBLEM, heading, text, offers=(*offers, Offer("back", _tr("Back"))))


def _mended(heading: str, text: str) -> EntranceState:
    """Return what was a problem: one goes on."""
    offers = (Offer("retry", _tr("Go on"), primary=True),)
    return EntranceState(Step.PROBLEM, heading, text, offers=offers)


def _retry() -> Offer:
    return Offer("retry", _tr("Try again"), primary=True)


def _tr(words: str) -> str:
    return QCoreApplication.translate("Entrance", words)
