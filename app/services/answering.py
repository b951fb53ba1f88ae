"""What was filled into a task and not handed in yet: kept on this computer with every pause in typing, files included.

It stands in a draft of its own, since the task itself is the vendor's record: `parent` names the task, `answers` holds
the values by the names of the template's fields. Handed in, the draft stays until all of it has arrived; refused, it
opens again with the reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from app.contract.merge import same
from app.services.appending import FILE
from app.services.composing import file_data
from app.services.context import PortalContext
from app.services.files import read_file, take_in
from app.services.submission import children_of
from app.services.views_model import FileInfo
from app.store.drafts import Draft, DraftChild
from app.store.states import DraftState

#: What such a draft is called where drafts name their entity type.
ANSWERS = "answers"


class Answering:
    """The answers of each task; read and written on the window's thread while another one takes files in."""

    def __init__(self, context: PortalContext) -> None:
        self._context = context
        self._store = context.store

    def of(self, task: str) -> Draft | None:
        """Return what was filled into a task, written or on its way."""
        found = (draft for draft in self._store.drafts.all() if draft.entity == ANSWERS)
        return next((draft for draft in found if draft.data.get("parent") == task), None)

    def begun(self) -> frozenset[str]:
        """Return the gids of the tasks something was filled into and not handed in."""
        drafts = self._store.drafts.all(DraftState.OPEN)
        return frozenset(str(draft.data.get("parent")) for draft in drafts if draft.entity == ANSWERS)

    def save(self, task: str, answers: Mapping[str, Any]) -> datetime:
        """Keep what the form holds now. Once this returns, it survives a crash. Returns the time of saving."""
        now = self._context.now()
        with self._store.transaction():
            draft = self.of(task) or self._new(task)
            before = answers_of(draft)
            problems = {
                name: reason
                for name, reason in draft.problems.items()
                if name == FILE or same(before.get(_answer(name)), answers.get(_answer(name)))
            }
            data = {"parent": task, "answers": dict(answers)}
            self._store.drafts.save(replace(draft, data=data, problems=problems, saved_at=now))
        return now

    def add_file(self, task: str, path: Path) -> FileInfo:
        """Take a file in beside the answers. Reads it: run it in a task."""
        file = read_file(self._context, path)
        with self._store.transaction():
            take_in(self._context, file)
            draft = self.of(task) or self._new(task)
            if all(child.data.get("sha256") != file.info.sha256 for child in children_of(draft, FILE)):
                child = DraftChild(FILE, self._context.ids.new_id(), file_data(file.info))
                problems = {name: reason for name, reason in draft.problems.items() if name != FILE}
                self._store.drafts.save(
                    replace(
                        draft,
                        children=(*draft.children, child),
                        problems=problems,
                        saved_at=self._context.now(),
                    )
                )
        return file.info

    def remove_file(self, task: str, sha256: str) -> None:
        """Take a file away again."""
        with self._store.transaction():
            draft = self.of(task)
            if draft is not None:
                left = tuple(child for child in draft.children if child.data.get("sha256") != sha256)
                self._store.drafts.save(replace(draft, children=left, saved_at=self._context.now()))

    def begin(self, task: str) -> Draft:
        """Return the draft of a task, an empty one where nothing was filled in."""
        return self.of(task) or self._new(task)

    def _new(self, task: str) -> Draft:
        shown = self._store.projection.get(task)
        spec = self._context.manifest.entity(shown.entity) if shown else None
        field = spec.answers_field if spec else None
        given = shown.data.get(field.name) if shown and field else None
        return Draft(
            gid=self._context.ids.new_id(),
            entity=ANSWERS,
            data={"parent": task, "answers": dict(given) if isinstance(given, dict) else {}},
            saved_at=self._context.now(),
        )


def answers_of(draft: Draft) -> dict[str, Any]:
    """Return the answers a draft holds, by field name."""
    found = draft.data.get("answers")
    return dict(found) if isinstance(found, dict) else {}


def _answer(name: str) -> str:
    """The template's own name of a field that the gateway tells of: *agreed* for *answers.agreed*."""
    return name.rpartition(".")[2]
