"""Messages that are still being written: drafts of a message, one a record, so that their files are held and nothing
typed is lost."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from app.services.appending import FILE, MESSAGE
from app.services.context import PortalContext
from app.services.files import NewFile, take_in
from app.services.submission import children_of, file_of
from app.services.views_model import FileInfo
from app.store.drafts import Draft as StoredDraft
from app.store.drafts import DraftChild
from app.store.states import DraftState


class Composing:
    """The composer of each record. Words are kept by the window's thread while another one takes files in."""

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
        files = children_of(draft, FILE) if draft is not None else ()
        return _text(draft), tuple(file_of(child) for child in files)

    def keep(self, parent: str, text: str) -> None:
        """Keep the text that a record's composer holds. Its files come and go one by one."""
        with self._store.transaction():
            draft = self.begun(parent)
            self._save(parent, draft, text, draft.children if draft else ())

    def add_file(self, parent: str, file: NewFile) -> None:
        """Take a file's bytes in and put it beside the text."""
        with self._store.transaction():
            take_in(self._context, file)
            draft = self.begun(parent)
            self._save(parent, draft, _text(draft), self._with(draft, (file.info,)))

    def remove_file(self, parent: str, sha256: str) -> None:
        """Take a file away again."""
        with self._store.transaction():
            draft = self.begun(parent)
            if draft is not None:
                left = tuple(child for child in draft.children if child.data.get("sha256") != sha256)
                self._save(parent, draft, _text(draft), left)

    def bring_back(self, parent: str, text: str, files: Sequence[FileInfo], gid: str) -> None:
        """Put what was to be sent, under the id it had, before what has been begun since."""
        with self._store.transaction():
            draft = self.begun(parent)
            whole = "\n\n".join(part for part in (text, _text(draft)) if part)
            self._save(parent, draft, whole, self._with(draft, files), gid)

    def sent(self, parent: str, text: str, shas: Collection[str]) -> None:
        """Take away what is on its way now; what came meanwhile stays. Call it once the outbox names the files."""
        with self._store.transaction():
            draft = self.begun(parent)
            if draft is None:
                return
            left = tuple(child for child in draft.children if child.data.get("sha256") not in shas)
            # What stays becomes a message of its own: this one's id has gone with it.
            self._save(parent, None, "" if text.strip() else _text(draft), left)
            self._store.drafts.discard(draft.gid)

    def _with(self, draft: StoredDraft | None, files: Sequence[FileInfo]) -> tuple[DraftChild, ...]:
        children = draft.children if draft else ()
        known = {child.data["sha256"] for child in children}
        new = [file for file in files if file.sha256 not in known]
        return (*children, *(DraftChild(FILE, self._context.ids.new_id(), file_data(file)) for file in new))

    def _save(
        self,
        parent: str,
        draft: StoredDraft | None,
        text: str,
        children: Sequence[DraftChild],
        gid: str = "",
    ) -> None:
        """Nothing at all takes the draft away."""
        if text.strip() or children:
            self._store.drafts.save(
                StoredDraft(
                    gid=draft.gid if draft else gid or self._context.ids.new_id(),
                    entity=MESSAGE,
                    data={"parent": parent, "body": text},
                    saved_at=self._context.now(),
                    children=tuple(children),
                )
            )
        elif draft is not None:
            self._store.drafts.discard(draft.gid)


def _text(draft: StoredDraft | None) -> str:
    return str(draft.data.get("body") or "") if draft is not None else ""


def file_data(file: FileInfo) -> dict[str, str | int]:
    """Return a file as a draft keeps it."""
    return {name: value for name, value in vars(file).items() if value is not None}
