"""Saving a copy outside the app: ask where, write off the main thread, say where it is.

Usage: ``SaveCopy(context, self, said).save(gid)``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QStandardPaths
from PySide6.QtWidgets import QWidget

from app.contract.errors import CounterpartError
from app.services.views_model import SavedFile
from app.views.page import PageContext, Toast
from app.views.ways_out import AskWhere, allowed, ask_where
from app.views.widgets.own_tasks import OwnTasks


class SaveCopy:
    """Saves the file of a record; everything it has to say is a toast."""

    def __init__(
        self,
        context: PageContext,
        parent: QWidget,
        say: Callable[[Toast], None],
        ask: AskWhere = ask_where,
    ) -> None:
        self._context = context
        self._parent = parent
        self._say = say
        self._ask = ask
        self._tasks = OwnTasks(parent, context.bridge)

    def save(self, gid: str) -> None:
        """Ask where and write the copy there; nothing where no files go out."""
        if not allowed().files:
            return
        name = self._context.portal.documents.suggested_name(gid)
        target = self._ask(self._parent, _downloads() / name)
        if target is not None:
            self._tasks.run(lambda portal: portal.documents.save_as(gid, target), self._saved, self._failed)

    def _saved(self, saved: SavedFile) -> None:
        words = QCoreApplication.translate("SaveCopy", "Saved as {name} in {folder}")
        self._say(
            Toast(words.format(name=saved.path.name, folder=saved.path.parent.name or saved.path.parent))
        )

    def _failed(self, problem: CounterpartError) -> None:
        self._say(Toast(self._context.portal.formats.tr.told(problem)))


def _downloads() -> Path:
    found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
    return Path(found) if found else Path.home()
