"""Editing a record in the detail pane. What is typed is kept as it is typed and survives leaving and a crash."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from app.contract.errors import CounterpartError, Refused
from app.contract.manifest import EntityType, FieldSpec, Owner
from app.services.portal import Portal
from app.services.views_model import Done, RecordView
from app.views.forms.cells import editable_type
from app.views.forms.sections import edit_sections
from app.views.forms.sources import hidden_fields, sources_of
from app.views.opportunities.sides import beside
from app.views.records.record.form_pane import FormPane
from app.views.records.record.notices import COMPARE, Told
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.key_value import Fact

_UNSAVED = "records.unsaved"


class Unsaved:
    """What was typed on records and not handed in; it survives leaving and a crash.

    An edit is kept by the record's gid, what a command asked for by its place, see `place_of`.
    """

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def read(self, gid: str) -> dict[str, Any]:
        """Return the changes of one record."""
        kept = self._portal.prefs.get(_UNSAVED, {})
        found = kept.get(gid) if isinstance(kept, dict) else None
        return dict(found) if isinstance(found, dict) else {}

    def put(self, gid: str, changes: dict[str, Any]) -> None:
        """Keep the changes of one record; nothing takes them away."""
        kept = self._portal.prefs.get(_UNSAVED, {})
        whole = dict(kept) if isinstance(kept, dict) else {}
        whole.pop(gid, None)
        if changes:
            whole[gid] = changes
        self._portal.prefs.set(_UNSAVED, whole or None)

    def everything(self, gid: str) -> dict[str, dict[str, Any]]:
        """Return all that was typed on a record, by command; its edit is under the empty name."""
        kept = self._portal.prefs.get(_UNSAVED, {})
        found: dict[str, dict[str, Any]] = {}
        for place, changes in (kept if isinstance(kept, dict) else {}).items():
            owner, _, command = place.partition(" ")
            if owner == gid and isinstance(changes, dict):
                found[command] = dict(changes)
        return found


def place_of(gid: str, command: str) -> str:
    """Return under which name it is kept: what is typed for one command is not for another."""
    return f"{gid} {command}" if command else gid


class EditPane(FormPane):
    """Holds the edit of one record at a time."""

    def __init__(self, theme: Theme, portal: Portal, parent: QWidget | None = None) -> None:
        super().__init__(theme, sources_of(portal), parent)
        self._portal = portal
        self._unsaved = Unsaved(portal)
        self._gid = ""
        self._editable: frozenset[str] = frozenset()
        self._lost: dict[str, Any] = {}
        self._clashing: frozenset[str] = frozenset()
        self.setObjectName("deals.editor")
        self.edited.connect(self.keep)

    # what is not saved yet

    def unsaved(self, gid: str) -> dict[str, Any]:
        """What was changed on a record and neither saved nor given up."""
        return self._unsaved.read(gid)

    def put_unsaved(self, gid: str, changes: dict[str, Any]) -> None:
        """Keep what was changed on a record; nothing takes it away."""
        self._unsaved.put(gid, changes)

    def keep(self) -> None:
        """Keep what stands in the form."""
        if self._gid:
            self.put_unsaved(self._gid, {**self._lost, **self.changes()})

    # the form

    def open_record(self, record: RecordView, *, online: bool) -> None:
        """Open a record for editing, with what was typed before."""
        self._gid = record.gid
        self._build(record, self.unsaved(record.gid))
        self.show_verb(self.tr("Save"), online)

    def close_record(self) -> None:
        """The pane is not shown any more; what was typed stays kept."""
        self._gid = ""

    def follow(self, record: RecordView, *, online: bool) -> None:
        """The record may have changed meanwhile: fields the user has not touched follow it, the others say so."""
        self.show_verb(self.tr("Save"), online)
        undecided = self._undecided(record.gid)
        if self._portal.records.editable(record.gid) != self._editable or undecided != self._clashing:
            self._build(record, {**self._lost, **self.changes()})
            return
        names = [name for name in self.form.names if record.data.get(name) != self.base.get(name)]
        if not names:
            return
        changes = self.changes()
        self.show_data(record.data, changes)
        for name in names:
            cell = self.form.cell(name)
            if cell is not None and name in changes:
                now = self._portal.records.value_words(record.entity, name, record.data)
                cell.field.set_hint(
                    self.tr("{vendor} has {value} here now.").format(vendor=self._portal.vendor, value=now)
                )

    def _build(self, record: RecordView, changes: dict[str, Any]) -> None:
        entity = self._portal.entity(record.entity)
        self._editable = self._portal.records.editable(record.gid)
        hidden = hidden_fields(self._portal, record.entity)
        sections = edit_sections(entity, self._editable, self._follow_up(entity), hidden)
        title = self.tr("Edit {title}").format(title=record.title)
        self.open_form(title, "", entity, sections)
        fitting = {name: value for name, value in changes.items() if name in self.form.names}
        self.show_data(record.data, fitting)
        self.show_locked(self._locked(entity, record))
        self._show_beside(record)
        self._show_clashing(record)
        self._show_told(record)
        self._lost = {
            name: value for name, value in changes.items() if name not in fitting and entity.field(name)
        }
        if self._lost:
            said = [
                f"{entity.by_name[name].label}: "
                + self._portal.records.value_words(entity.name, name, {**record.data, **changes})
                for name in self._lost
            ]
            self.show_problem(
                self.tr("What you typed no longer fits, since it is locked now. {values}").format(
                    values="; ".join(said)
                )
            )

    def _undecided(self, gid: str) -> frozenset[str]:
        """Fields that both sides changed, as long as nobody has decided."""
        conflict = self._portal.conflicts.get(gid)
        return frozenset(name for one in conflict.fields for name in one.names) if conflict else frozenset()

    def _show_clashing(self, record: RecordView) -> None:
        """A field that waits for a decision takes no input, and says where that is made."""
        self._clashing = self._undecided(record.gid)
        for name in self._clashing:
            cell = self.form.cell(name)
            if cell is not None:
                words = self.tr("You and {vendor} both changed this. Compare to decide.")
                cell.field.set_locked(words.format(vendor=self._portal.vendor))

    def _show_told(self, record: RecordView) -> None:
        """What the vendor asked for stands above what is mended, and what waits for a decision."""
        verdict = self._portal.standing.verdict(record)
        told = []
        if verdict is not None and verdict.edits:
            told.append(Told("alert-triangle", Tone.WARN, verdict.title, verdict.text))
        labels = (
            [one.label for one in conflict.fields]
            if (conflict := self._portal.conflicts.get(record.gid))
            else []
        )
        if labels:
            title = self.tr("Both sides changed: {fields}").format(fields=", ".join(labels))
            rest = self.tr("Decide it in the comparison. Everything else can be edited here.")
            told.append(
                Told("arrows-diff", Tone.CLASH, title, rest, actions=((COMPARE, self.tr("Compare")),))
            )
        self.told.show_told(told)

    def _follow_up(self, entity: EntityType) -> str:
        """The title over what the manifest's form does not place."""
        return self.tr("Your view, and what you do together") if entity.sides else self.tr("Follow-up")

    def _show_beside(self, record: RecordView) -> None:
        """Below a field of one's own view stands what the vendor holds in the same row."""
        for name, words in beside(self._portal.sides.read(record)).items():
            cell = self.form.cell(name)
            if cell is not None:
                cell.field.set_help(words)

    def _locked(self, entity: EntityType, record: RecordView) -> list[Fact]:
        """The partner's own fields that the state locks, as plain text with the reason."""
        hidden = hidden_fields(self._portal, record.entity)
        currencies = {spec.currency_field for spec in entity.fields}

        def shown(spec: FieldSpec) -> bool:
            mine = spec.owner in (Owner.PARTNER, Owner.SHARED) and editable_type(spec.type)
            placed = spec.name not in hidden and spec.name not in currencies
            return mine and placed and spec.name not in self._editable and spec.name != entity.state_field

        locked = [spec for spec in entity.fields if shown(spec)]
        return [
            Fact(
                spec.label,
                self._portal.records.value_words(entity.name, spec.name, record.data),
                locked=self._portal.records.locked_reason(record.gid, spec.name),
            )
            for spec in locked
            if record.data.get(spec.name) not in ("", None, [])
        ]

    def commit(self) -> Done | None:
        """Hand the edit in; None when something needs mending, which is shown."""
        changes = self.changes()
        wrong = self.form.judge()
        problems = {name: words for name, words in wrong.items() if name in changes}
        if problems:
            self.form.focus_field(next(iter(problems)))
            return None
        try:
            done = self._portal.intents.edit(self._gid, changes)
        except Refused as refusal:
            self.tell(refusal.fields, refusal.text)
            return None
        except CounterpartError as problem:
            self.show_problem(self._portal.formats.tr.told(problem))
            return None
        self.put_unsaved(self._gid, {})
        return done
