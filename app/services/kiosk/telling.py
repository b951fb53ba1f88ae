"""What a kiosk says of kept work: at the entrance without names, to its person as they leave and when they are back."""

from __future__ import annotations

from app.services.kiosk.values import Kept, KeptSummary, TakenBack
from app.services.words import Words


def kept_words(summary: KeptSummary, tr: Words) -> str:
    """Return what the entrance announces; empty when nothing is kept here."""
    if not summary.people:
        return ""
    return tr.plural(
        summary.people,
        "Unsent work of %n person is kept here, encrypted; it goes on when they sign in.",
        "Unsent work of %n people is kept here, encrypted; it goes on when they sign in.",
    )


def leaving_words(things: int, tr: Words) -> str:
    """Return what somebody is told before they sign out."""
    if not things:
        return tr("Everything you entered is at the vendor. Nothing of it stays on this screen.")
    return tr.plural(
        things,
        "%n thing is not sent yet. It is kept here, encrypted, and goes on when you sign in here again. "
        "Nobody else can open it.",
        "%n things are not sent yet. They are kept here, encrypted, and go on when you sign in here again. "
        "Nobody else can open them.",
    )


def left_words(kept: Kept, tr: Words) -> str:
    """Return what is said once somebody is signed out."""
    if not kept.sealed:
        return tr(
            "You are signed out. What you have not sent stays here, encrypted; the disk has no room for more."
        )
    if not kept.things:
        return tr("You are signed out. Nothing of yours stays on this screen.")
    return tr.plural(
        kept.things,
        "You are signed out. %n thing that is not sent yet is kept here, encrypted, for you alone.",
        "You are signed out. %n things that are not sent yet are kept here, encrypted, for you alone.",
    )


def read_word(tr: Words) -> str:
    """Return the word of the way to what cannot be taken up."""
    return tr("Read it")


def back_words(found: TakenBack, tr: Words) -> str:
    """Return what somebody is told who signed in again; empty when nothing was kept for them."""
    parts = []
    if found.things:
        parts.append(
            tr.plural(
                found.things,
                "%n thing that you had not sent is back, and goes on.",
                "%n things that you had not sent are back, and go on.",
            )
        )
    if found.apart:
        parts.append(
            tr.plural(
                len(found.apart),
                "%n piece of what was kept cannot be taken up. The sync centre shows it; give it up there.",
                "%n pieces of what was kept cannot be taken up. The sync centre shows them; give them up there.",
            )
        )
    if found.unreadable:
        parts.append(
            tr(
                "Something that was kept here for you cannot be opened any more: the gateway’s key has changed, or the "
                "file was damaged. It is deleted after thirty days."
            )
        )
    return " ".join(parts)
