"""What the detail of a record says, read from the record and the manifest; nothing here draws."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.contract.manifest import EntityType, FieldSpec, FieldType
from app.services.context import group_label
from app.services.explaining import Explained, explained
from app.services.portal import Portal
from app.services.sides import of_sides
from app.services.views_model import FileView, RecordView, SyncState, TimelineEntry
from app.views.theme.tokens import Tone
from app.views.widgets.key_value import Fact
from app.views.widgets.timeline import Event

FILE_LINK = "file:"
RECORD_LINK = "record:"
_NOTHING: tuple[object, ...] = ("", None, [])
_WIDE = (FieldType.LINES, FieldType.EVENTS)
#: Told with the file that a record carries, where it has a place to be opened from.
_OF_ITS_FILE = {"sha256", "size", "media_type", "file_name"}
#: People of the vendor's, so that one sees at once whom the name belongs to.
_VENDOR_PEOPLE = ("reviewer", "assignee")


def facts_of(
    portal: Portal, record: RecordView, files: Sequence[FileView], without: Collection[str] = ()
) -> list[Fact]:
    """Return the manifest's detail fields in its order, then whatever else the record holds, then its files.

    `without`: fields that are told elsewhere. The file the record carries itself is no fact: see `own_file`.
    """
    entity = portal.entity(record.entity)
    apart = of_sides(entity) | frozenset(without)
    names = [name for name in _shown(entity, record) if name not in apart]
    if len(portal.me.companies) < 2:
        # Who acts for one company alone knows whose record it is.
        names = [name for name in names if entity.by_name[name].target != "company"]
    facts = [replace(_fact(portal, entity, record, name), tip=_told(portal, entity, name)) for name in names]
    title = files_title(portal, entity)
    added = [file for file in files if file.gid != record.gid]
    for number, file in enumerate(added):
        label = title if number == 0 else ""
        facts.append(Fact(label, file.name, link=FILE_LINK + file.sha256, icon="paperclip"))
    return facts


def explained_facts(portal: Portal, record: RecordView) -> tuple[Explained, ...]:
    """Return what each fact of a record is, in the order they stand."""
    entity = portal.entity(record.entity)
    names = [name for name in _shown(entity, record) if name not in of_sides(entity)]
    return tuple(explained(entity, entity.by_name[name], portal.formats, portal.vendor) for name in names)


def _told(portal: Portal, entity: EntityType, name: str) -> str:
    return explained(entity, entity.by_name[name], portal.formats, portal.vendor).text


def files_title(portal: Portal, entity: EntityType) -> str:
    """Return what the files of such a record are called: the title of its form's section that asks for them."""
    sections = entity.form.sections if entity.form else ()
    return next((section.title for section in sections if section.files), portal.formats.tr("Files"))


def lines_of(portal: Portal, record: RecordView) -> list[tuple[str, list[Fact]]]:
    """Return the small tables of a record, such as the lines of an order: title and rows."""
    entity = portal.entity(record.entity)
    found = []
    for spec in entity.fields:
        rows = record.data.get(spec.name)
        if spec.type is FieldType.LINES and isinstance(rows, list) and rows:
            found.append((spec.label, [_line(row) for row in rows if isinstance(row, Mapping)]))
    return found


def _line(row: Mapping[str, Any]) -> Fact:
    rest = [str(value) for key, value in row.items() if key != "name" and value not in _NOTHING]
    return Fact(str(row.get("name") or ""), " · ".join(rest))


def _shown(entity: EntityType, record: RecordView) -> list[str]:
    """Names of the fields to show: the manifest's detail, then fields nobody has placed, as a new one may be."""
    placed = _once(entity, [n for n in entity.detail if (spec := entity.field(n)) and spec.type not in _WIDE])
    taken = _structural(entity) | {_group(entity, name) for name in placed} | set(placed)
    others = []
    for spec in entity.fields:
        if spec.name in taken or spec.merge_group in taken or spec.type in _WIDE:
            continue
        taken.add(spec.merge_group)
        others.append(spec.name)
    return [name for name in [*placed, *others] if _held(entity, record, name)]


def _once(entity: EntityType, names: Sequence[str]) -> list[str]:
    """Of fields that are read together, such as the lines of an address, only the first."""
    told: set[str] = set()
    found = []
    for name in names:
        members = {one.name for one in _members(entity, entity.by_name[name])}
        if not members & told:
            found.append(name)
        told |= members
    return found


def _structural(entity: EntityType) -> set[str]:
    """Fields told elsewhere: in the head, as a currency of an amount, or known only to filters and sorting."""
    names = {entity.title_field, entity.subtitle_field, entity.number_field, entity.state_field}
    names |= {spec.currency_field for spec in entity.fields}
    names |= {one.field for chip in entity.list.chips for one in chip.filters if one.op == "mine"}
    names.add(entity.list.sort.removeprefix("-"))
    names.add("updated_at")
    if entity.kind == "record" and entity.field("sha256") is not None:
        names |= _OF_ITS_FILE
    return (names - set(entity.detail)) | {""}


def _group(entity: EntityType, name: str) -> str:
    spec = entity.field(name)
    return spec.merge_group if spec else name


def _members(entity: EntityType, spec: FieldSpec) -> list[FieldSpec]:
    """The fields that are read together with this one: the lines of an address."""
    if not spec.group or entity.field(spec.group) is not None:
        return [spec]
    return [one for one in entity.fields if one.group == spec.group]


def _held(entity: EntityType, record: RecordView, name: str) -> bool:
    members = _members(entity, entity.by_name[name])
    return any(record.data.get(one.name) not in _NOTHING for one in members)


def _fact(portal: Portal, entity: EntityType, record: RecordView, name: str) -> Fact:
    spec = entity.by_name[name]
    members = _members(entity, spec)
    if len(members) > 1:
        held = [one.name for one in members if record.data.get(one.name) not in _NOTHING]
        words = ", ".join(portal.records.value_words(entity.name, one, record.data) for one in held)
        return Fact(portal.formats.tr(group_label(entity, name)), words)
    words = portal.records.value_words(entity.name, name, record.data)
    if spec.type is FieldType.REFERENCE:
        target = portal.records.get(str(record.data[name]))
        known = portal.manifest.entity(target.entity) if target is not None else None
        linked = known is not None and known.kind == "record"
        return Fact(spec.label, words, link=RECORD_LINK + str(record.data[name]) if linked else "")
    if any(c.show == "countdown" and c.field == name for c in entity.list.columns):
        return _counted(portal, record, spec, words)
    if name in _VENDOR_PEOPLE:
        return Fact(spec.label, words, pill=portal.vendor)
    return Fact(spec.label, words)


def _counted(portal: Portal, record: RecordView, spec: FieldSpec, words: str) -> Fact:
    due = portal.records.due(record)
    if due is None:
        return Fact(spec.label, words, mark=True)
    tr = portal.formats.tr
    counts_days = spec.type is FieldType.DATE and due.words[:1].isdecimal()
    note = tr("{time} left").format(time=due.words) if counts_days else tr.inside(due.words)
    return Fact(spec.label, words, note, mark=True)


def events_of(portal: Portal, entries: Sequence[TimelineEntry]) -> list[Event]:
    """Return the lines of a timeline; what has not reached the vendor says so."""
    events = []
    for entry in entries:
        when = portal.formats.moment(entry.at) if entry.at else ""
        why = entry.doubt.text if entry.doubt else ""
        if entry.sync is SyncState.WAITING:
            events.append(
                Event("clock", entry.text, portal.formats.tr("Waits to send"), Tone.WARN, doubt=why)
            )
        elif entry.sync is SyncState.SENDING:
            events.append(Event("arrow-up", entry.text, portal.formats.tr("Sending"), Tone.ACCENT, doubt=why))
        else:
            tone = Tone(entry.tone) if entry.tone in ("ok", "bad", "warn", "clash") else Tone.TEXT3
            who = _note(portal, entry)
            events.append(
                Event(entry.icon, entry.text, when, tone, entry.receipt, entry.mutation_id, who, why)
            )
    return events


def _note(portal: Portal, entry: TimelineEntry) -> str:
    """Who did it, where the words do not say so already, and from where."""
    me = (portal.me.name, portal.me.user)
    told = not entry.by or entry.by in entry.text or entry.by in me
    return " · ".join(part for part in ("" if told else entry.by, entry.where) if part)


def steps_of(portal: Portal, record: RecordView) -> tuple[tuple[str, ...], int, bool] | None:
    """Return the stepper's words, where the record stands and whether it ended badly; None where there is none.

    A state off the main path stands after the last step the record's events tell of.
    """
    lifecycle = portal.entity(record.entity).lifecycle
    if lifecycle is None or not lifecycle.steps:
        return None
    state = lifecycle.state(record.state)
    if state is not None and state.step is not None:
        return lifecycle.steps, state.step, False
    if state is None or state.open:
        return None
    kinds = {entry.kind for entry in portal.records.timeline(record.gid)}
    known = [one.step for one in lifecycle.states if one.step is not None and one.name in kinds]
    steps = (*lifecycle.steps[: max(known, default=0) + 1], state.label)
    return steps, len(steps) - 1, state.tone == "bad"


def count_words(portal: Portal, entity: EntityType, chip: str, count: int) -> str:
    """Return the footer's count: *23 open deals*."""
    found = next((one for one in entity.list.chips if one.name == chip), None)
    only_open = found is not None and len(found.filters) == 1 and found.filters[0].op == "open"
    tr = portal.formats.tr
    what = tr.inside(entity.label if count == 1 else entity.plural)
    if only_open:
        return tr.plural(count, "%n open {what}", "%n open {what}").format(what=what)
    return f"{portal.formats.number(count)} {what}"


def sort_words(portal: Portal, entity: EntityType, sort: str) -> str:
    """Return how the list is sorted: *Sorted by last change*."""
    name = (sort or entity.list.sort).removeprefix("-")
    spec = entity.field(name)
    column = next((one.label for one in entity.list.columns if one.field == name), "")
    label = column or (spec.label if spec else "")
    tr = portal.formats.tr
    return tr("Sorted by {column}").format(column=tr.inside(label)) if label else ""
