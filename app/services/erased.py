"""What a person is told after this computer obeyed the order to erase an account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.contract.errors import LocalError
from app.contract.said import said
from app.services.format import Formats
from app.session.erasing import WipeNote


class AccountErased(LocalError):
    """There is no account any more, since it was ordered away."""

    default_kept = "Nothing of it is kept here."
    default_next_step = "If you did not expect this, ask your administrator. To go on here, sign in."


@dataclass(frozen=True)
class ErasedWords:
    """For a page: what happened and by whom, what that means, what to do, and whether the gateway knows."""

    heading: str
    happened: str
    means: str
    next_step: str
    receipt: str


def erased_words(notes: Sequence[WipeNote], formats: Formats) -> ErasedWords:
    """Return the words about orders that were obeyed, or are not obeyed to the end yet. At least one is needed."""
    hosts = formats.tr.listed(dict.fromkeys(_host(note) for note in notes))
    done = all(note.done for note in notes)
    when = max((note.wiped_at for note in notes if note.wiped_at), default=None)
    tr = formats.tr
    happened = tr("{who} ordered it.").format(who=hosts)
    if when and done:
        happened = tr("{who} ordered it, and it was done on {day}.").format(
            who=hosts, day=formats.exact(when)
        )
    ask = tr("If you did not expect this, ask your administrator.")
    if done:
        means = tr(
            "The key, the records, the documents and what was not sent yet are destroyed and cannot be brought back. "
            "Other accounts on this computer were not touched."
        )
    else:
        means = tr(
            "Some of it is not destroyed yet: the key store is locked, or other programs use its files. Unlock the key "
            "store, close them, and start Counterpart again; it goes on by itself."
        )
    told = not any(note.order for note in notes)
    receipt = tr("The gateway has been told that it is done.") if told else tr(_untold(done=done))
    return ErasedWords(
        heading=tr("Your account was erased from this computer")
        if done
        else tr("Your account is being erased from this computer"),
        happened=happened
        + " "
        + tr("You can give that order from another device, and so can an administrator."),
        means=means,
        next_step=f"{ask} {tr('To go on here, sign in again.')}" if done else ask,
        receipt=receipt,
    )


def _untold(*, done: bool) -> str:
    if not done:
        return said("The gateway is told once it is done.")
    return said(
        "The gateway has not been told yet; that is done by itself when Counterpart starts and can reach it."
    )


def account_erased(notes: Sequence[WipeNote], formats: Formats) -> AccountErased:
    """Return the same in one line, for the command line."""
    words = erased_words(notes, formats)
    what = f"{words.heading}: {words.happened}"
    if not all(note.done for note in notes):
        return AccountErased(what, kept=words.means)
    return AccountErased(what)


def _host(note: WipeNote) -> str:
    return urlsplit(note.gateway).netloc or note.gateway
