"""Above a form: which record its first values come from, and what becomes of that one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.contract.manifest import EntityType
from app.services.deriving import derive_job
from app.services.portal import Portal
from app.services.views_model import Origin
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.banner import Notice


class OriginNotice(Notice):
    """A card with a way to the record that was copied."""

    def __init__(
        self,
        theme: Theme,
        portal: Portal,
        entity: EntityType,
        origin: Origin,
        open_record: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "", tone=Tone.ACCENT, icon="copy", parent=parent)
        self.setObjectName("register.origin")
        source = portal.deriving.source_words(origin)
        words = self.tr("What is copied is marked. Change what is different now.")
        if not source:
            title = self.tr("Copied from a record that is not on this computer any more")
            self.show_words(title, words)
            return
        moved = self._moved(portal, entity, origin)
        record = portal.records.get(origin.gid)
        known = portal.manifest.entity(record.entity) if record else None
        what = portal.formats.tr.inside(known.label) if known else ""
        self.show_words(
            self.tr("From {what} {source}").format(what=what, source=source),
            " ".join(part for part in (words, moved) if part),
            self.tr("Open the {what}").format(what=what),
        )
        self.acted.connect(lambda: open_record(origin.gid))

    def _moved(self, portal: Portal, entity: EntityType, origin: Origin) -> str:
        """What becomes of the record that was copied."""
        job = derive_job(portal.manifest, origin.job)
        old = portal.manifest.entity(job.of) if job and job.then else None
        lifecycle = old.lifecycle if old else None
        command = (
            next((c for c in lifecycle.commands if job and c.name == job.then), None) if lifecycle else None
        )
        state = lifecycle.state(command.to_state) if lifecycle and command else None
        if old is None or state is None:
            return ""
        return self.tr("Once {vendor} has the {new}, the {old} is {state}.").format(
            vendor=portal.vendor,
            new=portal.formats.tr.inside(entity.label),
            old=portal.formats.tr.inside(old.label),
            state=portal.formats.tr.inside(state.label),
        )
