"""Messages that are still being written: drafts of a message, one a record, so that their files are held and nothing
typed is lost."""

from __future__ import annotations

from collections.abc import Sequence

from app.services.appending import FILE, MESSAGE
from app.services.context import PortalContext
from app.services.submission import children_of, file_of
from app.services.views_model import FileInfo
from app.store.drafts import Draft as StoredDraft
from app.store.drafts import DraftChild
from app.store.states import DraftState


class Composing:
    """The composer of each record."""

    def __init__(self, context: PortalContext) -> None:
        self._context = context
        self._store = context.store

    def begun(self, parent: str) -> StoredDraft | None:
        """Return the message that was begun on a record, or None."""
        drafts = self._store.drafts.all(DraftState.OPEN)
        return next((d for d in drafts if d.entity == MESSAGE and d.data.get("parent") == parent), None)

    def read(self, parent: str) -> tuple[str, tuple[FileInfo, ...]]:
        """Return text and files of the message that was begun on a record."""
        draft = self.begun(parent)
        if draft is None:
            return "", ()
        return str(draft.data.get("body") or ""), tuple(file_of(child) for child in children_of(draft, FILE))

    def keep(self, parent: str, text: str, files: Sequence[FileInfo], gid: str = "") -> None:
        """Keep what a record's composer holds; nothing at all takes it away. `gid` names the message to be."""
        draft = self.begun(parent)
        if not text and not files:
            self.clear(parent)
            return
        known = {child.data["sha256"]: child.gid for child in draft.children} if draft else {}
        children = tuple(
            DraftChild(FILE, known.get(file.sha256) or self._context.ids.new_id(), file_data(file))
            for file in files
        )
        self._store.drafts.save(
            StoredDraft(
                gid=draft.gid if draft else gid or self._context.ids.new_id(),
                entity=MESSAGE,
                data={"parent": parent, "body": text},
                saved_at=self._context.now(),
                children=children,
            )
        )

    def clear(self, parent: str) -> None:
        """Take away what a record's composer holds."""
        draft = self.begun(parent)
        if draft is not None:
            self._store.drafts.discard(draft.gid)


def file_data(file: FileInfo) -> dict[str, str | int]:
    """Return a file as a draft keeps it."""
    return {name: value for name, value in vars(file).items() if value is not None}
