"""One search across all accounts of this computer, on request.

The other stores are opened one after the other, only for reading, and closed again; nothing of what is found is
written anywhere, and nothing of one account reaches the store of another. An account whose key is not at hand is
passed over and said so. Blocks: run it beside the window.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.contract.errors import CounterpartError
from app.services.account_key import Lock
from app.services.opening import Opening
from app.services.views_model import Hit
from app.session.accounts import Account

_MOST = 5


@dataclass(frozen=True)
class VendorHits:
    """What one account has. `skipped` says why it was not searched; empty otherwise."""

    account: str
    vendor: str
    person: str
    hits: tuple[Hit, ...] = ()
    skipped: str = ""


class Everywhere:
    """Searches the accounts of this computer."""

    def __init__(self, opening: Opening, open_account: str) -> None:
        """`open_account` is left out: whoever asks has searched it already."""
        self._opening = opening
        self._open = open_account

    def search(self, text: str, limit: int = _MOST) -> Iterator[VendorHits]:
        """Yield what each other account has, in the order of the list; one that cannot be searched says why."""
        for account in self._opening.accounts():
            if account.id != self._open:
                yield self._of(account, text, limit)

    def _of(self, account: Account, text: str, limit: int) -> VendorHits:
        named = VendorHits(account.id, account.vendor, account.name)
        try:
            if not account.store_path.exists():
                return _skipped(named, self._opening.tr("Not open here yet"))
            if self._opening.lock(account) is not Lock.OPEN:
                return _skipped(named, self._opening.tr("Needs its passphrase. Open it to search there."))
            portal = self._opening.look_into(account, self._opening.key(account))
        except CounterpartError as error:
            return _skipped(named, self._opening.tr(error.cause))
        try:
            return VendorHits(
                account.id, account.vendor, account.name, tuple(portal.search.query(text, limit))
            )
        except CounterpartError as error:
            return _skipped(named, self._opening.tr(error.cause))
        finally:
            portal.close()


def _skipped(named: VendorHits, why: str) -> VendorHits:
    return VendorHits(named.account, named.vendor, named.person, skipped=why)
