"""Which fields a form shows, in which rows: read from the manifest, so that a new vendor field needs no new client.

Pure: `creation_sections` for a wizard, `edit_sections` for editing within the locks of a state.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from app.contract.manifest import EntityType, FieldSpec, FieldType, Owner, Template
from app.contract.predicates import Children
from app.views.forms.cells import editable_type, needed

#: Relative widths of cells in a row.
_USUAL, _NARROW = 10, 7


@dataclass(frozen=True)
class Section:
    """A titled part of a form. `rows` hold the fields side by side; `files` asks for child records of that entity.

    `spread`: a needed choice shows all its values one below the other, as a question does.
    """

    title: str
    note: str
    rows: tuple[tuple[FieldSpec, ...], ...]
    files: Children | None = None
    spread: bool = False

    @property
    def fields(self) -> tuple[FieldSpec, ...]:
        """All fields, in reading order."""
        return tuple(spec for row in self.rows for spec in row)


def creation_sections(entity: EntityType, hidden: Collection[str] = ()) -> tuple[Section, ...]:
    """The sections of the form that makes a record; `hidden` fields are filled by other means.

    Partner fields that the manifest's form does not place are added to the last section with fields, so that a field
    the vendor has just invented can be filled in.
    """
    usable = _usable(entity, hidden)
    sections = _placed(entity, usable)
    known = {spec.name for section in sections for spec in section.fields}
    rest = [s for s in usable.values() if s.name not in known and s.owner is Owner.PARTNER]
    if not sections or not rest:
        return tuple(sections) or (Section(entity.label, "", _paired(rest)),)
    last = max((n for n, section in enumerate(sections) if section.rows), default=0)
    target = sections[last]
    sections[last] = Section(target.title, target.note, target.rows + _paired(rest), target.files)
    return tuple(sections)


def edit_sections(
    entity: EntityType, editable: Collection[str], follow_up: str, hidden: Collection[str] = ()
) -> tuple[Section, ...]:
    """The sections for editing a record: only what its state lets the user edit.

    `follow_up` titles what the manifest's form does not place, where something stands before it.
    """
    usable = {name: s for name, s in _usable(entity, hidden).items() if name in editable}
    sections = [
        Section(section.title, section.note, section.rows)
        for section in _placed(entity, usable)
        if section.rows
    ]
    known = {spec.name for section in sections for spec in section.fields}
    rest = [spec for name, spec in usable.items() if name not in known]
    if rest:
        sections.append(Section(follow_up if sections else "", "", _paired(rest)))
    return tuple(sections)


def template_sections(template: Template) -> tuple[Section, ...]:
    """The sections of what a task asks for; fields its form does not place come last."""
    usable = {spec.name: spec for spec in template.fields if editable_type(spec.type)}
    sections = []
    for section in template.form.sections:
        rows = (tuple(usable[name] for name in row if name in usable) for row in section.rows)
        sections.append(
            Section(section.title, section.note, tuple(row for row in rows if row), section.files)
        )
    known = {spec.name for section in sections for spec in section.fields}
    rest = [spec for spec in usable.values() if spec.name not in known]
    return (*sections, *([Section("", "", _paired(rest))] if rest else []))


def argument_sections(args: Iterable[FieldSpec]) -> tuple[Section, ...]:
    """One field below the other: what a command asks for."""
    rows = tuple((spec,) for spec in args if editable_type(spec.type))
    return (Section("", "", rows, spread=True),)


def stacked(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The same fields one below the other, for a narrow pane."""
    return tuple(
        Section(section.title, section.note, tuple((spec,) for spec in section.fields), section.files)
        for section in sections
    )


def weights(row: tuple[FieldSpec, ...]) -> tuple[int, ...]:
    """Relative widths: short choices and, beside needed ones, optional fields take less."""
    mixed = len({needed(spec) for spec in row}) > 1
    narrow = (FieldType.COUNTRY, FieldType.CHOICE, FieldType.CURRENCY)
    return tuple(_NARROW if spec.type in narrow or (mixed and not needed(spec)) else _USUAL for spec in row)


def _usable(entity: EntityType, hidden: Collection[str]) -> dict[str, FieldSpec]:
    """Fields a user can fill in; a currency belongs to its amount's cell, the state to the lifecycle."""
    within = {spec.currency_field for spec in entity.fields if spec.currency_field}
    return {
        spec.name: spec
        for spec in entity.fields
        if spec.owner in (Owner.PARTNER, Owner.SHARED)
        and spec.name not in within
        and spec.name not in hidden
        and spec.name != entity.state_field
        and editable_type(spec.type)
    }


def _placed(entity: EntityType, usable: dict[str, FieldSpec]) -> list[Section]:
    form = entity.form
    if form is None:
        return []
    sections = []
    for section in form.sections:
        rows = (tuple(usable[name] for name in row if name in usable) for row in section.rows)
        sections.append(
            Section(section.title, section.note, tuple(row for row in rows if row), section.files)
        )
    return sections


def _paired(specs: list[FieldSpec]) -> tuple[tuple[FieldSpec, ...], ...]:
    """Two fields a row; long texts have a row of their own."""
    rows: list[tuple[FieldSpec, ...]] = []
    waiting: list[FieldSpec] = []
    for spec in specs:
        if spec.type in (FieldType.LONG_TEXT, FieldType.CHOICES, FieldType.REFERENCES):
            rows.append((spec,))
            continue
        waiting.append(spec)
        if len(waiting) == 2:
            rows.append(tuple(waiting))
            waiting = []
    if waiting:
        rows.append(tuple(waiting))
    return tuple(rows)
