"""What somebody asked for before there is a window to do it in: a link to show, a place, a word to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.services.links import Link, account_for, not_followed, parse
from app.services.views_model import Target
from app.services.words import Words
from app.session.accounts import Account
from app.views.page import Toast

if TYPE_CHECKING:
    from app.views.main_window import MainWindow


class Wishes:
    """Kept until the right account is open, and then done once."""

    def __init__(self, tr: Words) -> None:
        self._tr = tr
        self._then: Target | Link | None = None
        self._words = ""

    def follow(self, text: str, accounts: Sequence[Account], here: str) -> str:
        """Read a link; `here` is the account that would be taken without a vendor. Returns the account it belongs to.

        Empty where there is none: why is said later.
        """
        link = parse(text)
        account = account_for(link.vendor, accounts, here) if link is not None else ""
        if account:
            self._then = link
        else:
            self._words = not_followed(link, self._tr)
        return account

    def show(self, then: Target | None) -> None:
        """Show a place, instead of anything asked for before."""
        self._then = then

    def elsewhere(self, accounts: Sequence[Account], here: str) -> str:
        """Return the other account that what is asked for belongs to; empty when it is this one."""
        link = self._then
        account = account_for(link.vendor, accounts, here) if isinstance(link, Link) else ""
        return account if account != here else ""

    def grant(self, window: MainWindow) -> None:
        """Do it all, once."""
        then, self._then = self._then, None
        words, self._words = self._words, ""
        if isinstance(then, Link):
            window.follow(then)
        elif then is not None:
            window.go(then)
        if words:
            window.say(Toast(words))
