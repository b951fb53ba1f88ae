"""Signing out: what is lost by it is said before, and can be taken along."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.services.portal import Portal
from app.views.theme.theme import Theme
from app.views.ways_out import allowed
from app.views.widgets.buttons import Button, secondary
from app.views.widgets.dialog import Dialog
from app.views.widgets.layout import row


class SignOutDialog(Dialog):
    """Asks once. `export` is there when something would be lost."""

    def __init__(self, theme: Theme, window: QWidget, portal: Portal) -> None:
        changes = portal.outbox.count()
        drafts = len(portal.outbox.unfinished_drafts())
        super().__init__(
            theme,
            window,
            self.tr("Sign out and remove this account from this computer?"),
            _words(portal, changes, drafts),
            verb=self.tr("Sign out"),
            safe=self.tr("Stay signed in"),
            danger=True,
        )
        self.export: Button = secondary(
            theme, self.tr("Export what is not sent"), "database-export", small=True
        )
        self.export.setVisible(bool(changes or drafts) and allowed().files)
        self.body.addLayout(row(self.export, None))


def _words(portal: Portal, changes: int, drafts: int) -> str:
    tr = portal.formats.tr
    deleted = tr("The key and everything of this account on this computer are deleted.")
    if not changes and not drafts:
        again = tr("Everything has reached {vendor}. When you sign in again, the records come again.")
        return f"{again.format(vendor=portal.vendor)} {deleted}"
    counted = [tr.plural(changes, "%n change", "%n changes")] if changes else []
    counted += [tr.plural(drafts, "%n draft", "%n drafts")] if drafts else []
    lost = tr("{what} have not reached {vendor} and would be lost for good.")
    if changes + drafts == 1:
        lost = tr("{what} has not reached {vendor} and would be lost for good.")
    return f"{lost.format(what=tr.listed(counted), vendor=portal.vendor)} {deleted}"
