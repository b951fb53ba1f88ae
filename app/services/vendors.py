"""The accounts of this computer side by side: one is open, the others are as they were left.

Only the open account syncs. What is told of the others was written down when each was closed, and says so; their
stores stay locked. Nothing here reads a record.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC

from app.contract.errors import CounterpartError
from app.contract.manifest import Brand
from app.services.format import Formats, moment_of
from app.services.opening import Opening
from app.services.portal import Portal
from app.session.accounts import Account, Left


@dataclass(frozen=True)
class VendorLine:
    """One account of the switcher, as it was left: `needs`, and `detail` in words.

    `accent` is *#RRGGBB* or empty, `mark` the vendor's logo as a manifest has it.
    """

    id: str
    vendor: str
    person: str
    accent: str
    mark: str
    needs: int
    detail: str
    open: bool


class Vendors:
    """Lists the accounts, and remembers how one is left."""

    def __init__(
        self, opening: Opening, open_account: str, formats: Formats, brand: Brand | None = None
    ) -> None:
        """`brand`: how the vendor of the open account looks now."""
        self._opening = opening
        self._brand = brand
        self._open = open_account
        self._formats = formats

    def lines(self) -> tuple[VendorLine, ...]:
        """Return all accounts, by vendor and name."""
        return tuple(self._line(account) for account in self._opening.accounts())

    def others(self) -> tuple[VendorLine, ...]:
        """Return the accounts that are not open."""
        return tuple(line for line in self.lines() if not line.open)

    def leave(self, portal: Portal) -> None:
        """Write down how the open account is left. What cannot be read now is not worth an error on the way out."""
        try:
            as_of, needs = portal.as_of, len(portal.home.needs_me())
        except CounterpartError:
            as_of, needs = None, 0
        brand, now = portal.manifest.brand, portal.now().astimezone(UTC)
        last = as_of.astimezone(UTC).isoformat() if as_of else ""
        with suppress(OSError):
            self._opening.leave(self._open, Left(brand.accent, brand.mark, needs, last, now.isoformat()))

    def _line(self, account: Account) -> VendorLine:
        is_open = account.id == self._open
        left = account.left
        detail = self._formats.tr("Open now") if is_open else _detail(left, self._formats)
        look = self._brand if is_open and self._brand is not None else left
        return VendorLine(
            account.id, account.vendor, account.name, look.accent, look.mark, left.needs, detail, is_open
        )


def _detail(left: Left, formats: Formats) -> str:
    """*3 need you · as of 08:12*, as it was known when the account was left."""
    as_of, tr = moment_of(left.as_of), formats.tr
    if as_of is None:
        return tr("First sync not ended") if left.at else tr("Not open here yet")
    since = tr("as of {when}").format(when=formats.since(as_of))
    needs = tr.plural(left.needs, "%n job", "%n jobs")
    return f"{needs} · {since}" if left.needs else since
