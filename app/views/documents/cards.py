"""What stands in place of a file that is not shown: taken back, withdrawn, or of a kind that is only saved."""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import QCoreApplication

from app.services.portal import Portal
from app.views.documents.sheets import Why
from app.views.documents.states import Standing
from app.views.theme.tokens import Tone
from app.views.ways_out import allowed


def gone(portal: Portal, gid: str) -> Standing:
    """It is not shared any more: its bytes went with it; what the user wrote about it did not."""
    said = QCoreApplication.translate(
        "FileCards", "Its copy was deleted from this computer. {vendor} can tell you why."
    )
    words = said.format(vendor=portal.vendor)
    if any(item.gid == gid for item in portal.outbox.items()):
        kept = QCoreApplication.translate("FileCards", "What you wrote about it is kept in the sync centre.")
        words = f"{words} {kept}"
    title = QCoreApplication.translate("FileCards", "This document is no longer shared with you.")
    return Standing("lock", title, words, tone=Tone.WARN)


def withdrawn(portal: Portal) -> Standing:
    """The vendor took it back, and its record still tells of it."""
    title = QCoreApplication.translate("FileCards", "{vendor} has withdrawn this document.")
    words = QCoreApplication.translate("FileCards", "It does not hold any more, so it is not shown.")
    return Standing("ban", title.format(vendor=portal.vendor), words, tone=Tone.WARN)


def without_file(portal: Portal) -> Standing:
    """The record is there before its file is."""
    title = QCoreApplication.translate("FileCards", "There is no file here yet.")
    words = QCoreApplication.translate(
        "FileCards", "{vendor} has not added it. It appears here once it is there."
    )
    return Standing("file", title, words.format(vendor=portal.vendor))


def unshowable(portal: Portal, why: Why) -> Standing:
    """A calm card: what it is, and what can be done with it."""
    if not allowed().files:
        return _unshowable_here(portal, why)
    save = QCoreApplication.translate("FileCards", "Save a copy")
    match why:
        case Why.KIND:
            title = QCoreApplication.translate("FileCards", "No preview")
            text = QCoreApplication.translate(
                "FileCards", "Files of this kind open in another program. Save a copy and open it from there."
            )
        case Why.LARGE:
            title = QCoreApplication.translate("FileCards", "Too large for a preview")
            text = QCoreApplication.translate(
                "FileCards", "Shown here it would hold everything up. Save a copy and open it from there."
            )
        case Why.DAMAGED:
            title = QCoreApplication.translate("FileCards", "It cannot be shown")
            said = QCoreApplication.translate(
                "FileCards", "It is not what its kind says, or damaged. Save a copy, or ask {vendor} for it."
            )
            text = said.format(vendor=portal.vendor)
        case _:
            assert_never(why)
    return Standing("file", title, text, save, primary=why is not Why.DAMAGED)


def _unshowable_here(portal: Portal, why: Why) -> Standing:
    """On a shared screen no file is taken elsewhere; it can be read on one's own computer."""
    text = QCoreApplication.translate(
        "FileCards", "This shared screen shows none of these. Open it on your own computer."
    )
    match why:
        case Why.KIND:
            title = QCoreApplication.translate("FileCards", "No preview")
        case Why.LARGE:
            title = QCoreApplication.translate("FileCards", "Too large for a preview")
        case Why.DAMAGED:
            title = QCoreApplication.translate("FileCards", "It cannot be shown")
            said = QCoreApplication.translate(
                "FileCards", "It is not what its kind says, or damaged. Ask {vendor} for it."
            )
            text = said.format(vendor=portal.vendor)
        case _:
            assert_never(why)
    return Standing("file", title, text)
