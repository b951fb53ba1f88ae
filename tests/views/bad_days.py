"""Contents nobody wishes for, made from a manifest: nothing, one record that says next to nothing, and grim ones.

Every entity type of a portal gets its record, whatever its fields; so what a manifest adds is tried as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QScrollArea, QWidget

from app.contract.ids import source_gid
from app.contract.manifest import (
    EntityType,
    FieldSpec,
    FieldType,
    FormSpec,
    ListSpec,
    Manifest,
    Owner,
)
from app.views.widgets.text import Text
from tests.services.conftest import COMPANY, MAYA, World
from tests.views.stage import Stage

#: One word of 90 letters, a sentence from right to left, signs of many parts, marks that pile up, a turn of direction.
_LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsversammlung"
_ARABIC = "شركة الأفق للتجارة والخدمات اللوجستية المتكاملة (فرع ٣)"
_SIGNS = "👩🏽‍🚀👨‍👩‍👧‍👦🇳🇴🏴󠁧󠁢󠁳󠁣󠁴󠁿"
_PILED = "Z̷̢̛͎͉͙̑̄̾a̶̧͖̓l̸̰̈́g̵̥̈o̶̼͝"
GRIM = f"{_SIGNS} {_ARABIC} <b>{_LONG}</b> {_PILED} \u202eevil\u202c " + "and so on " * 12
GRIM_TEXT = "\n".join([GRIM, "", _LONG * 4, _ARABIC * 6, "\t- a\r\n\x0b\u2028\u00a0", _SIGNS * 20])


_UNBROKEN = "Unbroken" * 37 + "Word"


@dataclass(frozen=True)
class Content:
    """What every record holds: `grim` all of its fields at their worst; otherwise only what it cannot be without.

    `vast`: the longest there is of each, instead of the oddest. `states`: a record in each state, instead of one in
    the first.
    """

    grim: bool
    states: bool = False
    vast: bool = False


def fill(world: World, manifest: Manifest, content: Content) -> None:
    """Let a record of every entity type arrive, children too, each of them the only one or one for each state."""
    for entity in manifest.entities:
        for state in _states(entity, content):
            data = data_of(entity, state, content)
            if entity.kind == "append":
                for parent in entity.parents:
                    if manifest.entity(parent) is not None:
                        world.put(
                            entity.name, f"{parent}{state}", **{**data, "parent": gid_of(manifest, parent)}
                        )
                continue
            world.put_at(gid_of(manifest, entity.name, state), entity.name, **data)


def gid_of(manifest: Manifest, name: str, state: str = "") -> str:
    """The gid of an entity type's record in a state; in the first where none is named."""
    if name == "company":
        return COMPANY
    entity = manifest.entity(name)
    first = entity.lifecycle.states[0].name if entity is not None and entity.lifecycle else ""
    return source_gid("bad", name, state or first)


def _states(entity: EntityType, content: Content) -> list[str]:
    if entity.lifecycle is None:
        return [""]
    names = [state.name for state in entity.lifecycle.states]
    return names if content.states else names[:1]


def data_of(entity: EntityType, state: str, content: Content) -> dict[str, Any]:
    worst = _vastest if content.vast else _worst
    data = {spec.name: worst(spec) for spec in entity.fields} if content.grim or content.vast else {}
    data = {name: value for name, value in data.items() if value is not None}
    if entity.state_field and state:
        data[entity.state_field] = state
    return data


def _worst(spec: FieldSpec) -> Any:
    """The worst a field of this type may hold."""
    match spec.type:
        case FieldType.TEXT:
            return MAYA if spec.name == "owner" else GRIM
        case FieldType.LONG_TEXT:
            return GRIM_TEXT
        case FieldType.CHOICE:
            return "a_choice_of_tomorrow_" + "x" * 80
        case FieldType.CHOICES:
            return [choice.value for choice in spec.choices] + ["a_choice_of_tomorrow"]
        case FieldType.DATE:
            return "0001-01-01"
        case FieldType.DATETIME:
            return "2099-12-31T23:59:59Z"
        case FieldType.MONEY:
            return "-9999999999.99"
        case FieldType.CURRENCY:
            return "XXX"
        case FieldType.INTEGER:
            return 10**15
        case FieldType.BOOLEAN:
            return True
        case FieldType.REFERENCE:
            return COMPANY if spec.target == "company" else source_gid("bad", spec.target, "nowhere")
        case FieldType.REFERENCES:
            return [source_gid("bad", spec.target, str(at)) for at in range(3)]
        case FieldType.EVENTS:
            event = {"at": "2026-11-20T10:00:00Z", "by": GRIM, "kind": "of_tomorrow", "text": GRIM_TEXT}
            return [event, {"at": "2026-11-20T10:00:00Z", "by": "", "kind": "", "text": ""}]
        case FieldType.LINES:
            return [{"name": GRIM, "code": GRIM, "quantity": "1e99", "value": "not a sum"}, {"name": ""}]
        case FieldType.ANSWERS:
            return {"a_question_of_yesterday": GRIM}
        case FieldType.EMAIL | FieldType.PHONE | FieldType.URL:
            return f"{_LONG}@{_LONG}.example"
        case _:
            return GRIM


def _vastest(spec: FieldSpec) -> Any:
    """The longest a field of this type may hold: a word of 300 letters, 22 digits, the last day there is."""
    match spec.type:
        case FieldType.TEXT if spec.name == "owner":
            return MAYA
        case FieldType.TEXT | FieldType.LONG_TEXT:
            return _UNBROKEN
        case FieldType.CHOICE if spec.choices:
            return spec.choices[-1].value
        case FieldType.DATE:
            return "9999-12-31"
        case FieldType.DATETIME:
            return "9999-12-31T23:59:59Z"
        case FieldType.MONEY:
            return "9" * 20 + ".99"
        case FieldType.CURRENCY:
            return "GBP"
        case FieldType.INTEGER:
            return 10**21
        case FieldType.EVENTS:
            at = {"at": "9999-12-31T23:59:59Z", "by": _UNBROKEN, "kind": "approved", "text": _UNBROKEN}
            return [at]
        case FieldType.LINES:
            sum_of = "9" * 20 + ".99"
            return [{"name": _UNBROKEN, "code": _UNBROKEN, "quantity": 10**21, "value": sum_of}]
        case FieldType.EMAIL | FieldType.PHONE | FieldType.URL:
            return f"{_UNBROKEN}@example"
        case _:
            return _worst(spec)


def plainest(manifest: Manifest) -> Manifest:
    """The same portal without anything its author may leave out."""
    entities = tuple(_plain_entity(entity) for entity in manifest.entities)
    brand = type(manifest.brand)(vendor=manifest.brand.vendor, initial=manifest.brand.initial)
    return manifest.changed(
        entities=entities, jobs=(), currencies=(), templates=(), words={}, brand=brand, clash_hints=False
    )


def _plain_entity(entity: EntityType) -> EntityType:
    lifecycle = entity.lifecycle
    if lifecycle is not None:
        commands = tuple(
            command.changed(explain="", done="", primary=False) for command in lifecycle.commands
        )
        states = tuple(state.changed(explain="", step=None, waits_on="") for state in lifecycle.states)
        lifecycle = lifecycle.changed(commands=commands, states=states, steps=())
    kept = {
        name: getattr(entity, name)
        for name in (
            "name", "label", "plural", "kind", "parents", "title_field", "creatable", "editable_without_state"
        )
    }  # fmt: skip
    fields = tuple(
        spec.changed(help="", about="", placeholder="", group="", currency_field="", default=None)
        for spec in entity.fields
    )
    return EntityType(
        **kept, nav=True, fields=fields, lifecycle=lifecycle, list=ListSpec(), form=_plain_form(entity)
    )


def _plain_form(entity: EntityType) -> FormSpec | None:
    return FormSpec() if entity.form is not None else None


def unexplained(window: QWidget) -> list[str]:
    """Controls that cannot be used now and do not say why, both to who points at them and to who listens."""
    return [
        f"{type(one).__name__} {one.objectName()} '{one.text()}'"
        for one in window.findChildren(QAbstractButton)
        if one.isVisibleTo(window)
        and not one.isEnabled()
        and not (one.toolTip().strip() and one.accessibleDescription().strip())
    ]


def offered(window: QWidget) -> set[str]:
    """The words of all buttons that are there, usable or not."""
    return {
        text.strip()
        for one in window.findChildren(QAbstractButton)
        if one.isVisibleTo(window)
        for text in (one.text(), one.accessibleName())
        if text.strip()
    }


def pushed_out(window: QWidget) -> list[str]:
    """Buttons that lie beyond the edge of the window to either side, where nothing scrolls that way."""
    buttons = [
        f"{type(one).__name__} {one.objectName()} '{one.text()[:30]}'"
        for one in window.findChildren(QAbstractButton)
        if one.isVisibleTo(window) and not _within(one, window)
    ]
    return buttons + [
        f"what scrolls in {type(area.parent()).__name__} {area.objectName()}: {content.width()} wide"
        for area in window.findChildren(QScrollArea)
        if area.isVisibleTo(window)
        and (content := area.widget()) is not None
        and content.minimumSizeHint().width() > area.viewport().width() > 0
        and area.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    ]


def cut_off(window: QWidget) -> list[str]:
    """Labels of one line that end in the midst of a letter: there is not room for them, and they do not give way."""
    return [
        label.text()[:40]
        for label in window.findChildren(Text)
        if label.isVisibleTo(window)
        and not label.wordWrap()
        and label.minimumSizeHint().width() == label.sizeHint().width() > label.width() + 1
    ]


def _within(one: QWidget, window: QWidget) -> bool:
    left = one.mapTo(window, QPoint(0, 0)).x()
    around: QRect = window.rect()
    if left >= around.left() - 1 and left + one.width() <= around.right() + 2:
        return True
    above = one.parentWidget()
    while above is not None and above is not window:
        if isinstance(above, QAbstractScrollArea) and above.horizontalScrollBar().maximum() > 0:
            return True
        above = above.parentWidget()
    return False


def forbidden(whole: Manifest, own: Manifest) -> set[str]:
    """Words of commands and jobs that this role has not, unless it has others of the same words."""
    return set(_wishes(whole)) - set(_wishes(own))


def _wishes(manifest: Manifest) -> Iterator[str]:
    for entity in manifest.entities:
        if entity.lifecycle is not None:
            yield from (command.label for command in entity.lifecycle.commands if command.by == "partner")
    yield from (job.label for job in manifest.jobs)


def beyond(own: Manifest, name: str) -> set[str]:
    """Words of writing, of keys and in the palette, that this role has no use for with records of a type."""
    entity = own.entity(name)
    if entity is None:
        return set()
    talks = (message := own.entity("message")) is not None and message.creatable and name in message.parents
    states = entity.lifecycle.states if entity.lifecycle else ()
    own_fields = {spec.name for spec in entity.fields if spec.owner in (Owner.PARTNER, Owner.SHARED)}
    edits = bool(own_fields - {entity.state_field}) and any(state.editable != "none" for state in states)
    edits = edits or bool(own_fields & {*entity.editable_without_state})
    decides = any(one.by == "partner" for one in (entity.lifecycle.commands if entity.lifecycle else ()))
    found = set() if talks else {"Write a comment", "Send the comment", "Send the message", "Write an answer"}
    found |= set() if edits else {"Edit", "Edit details", "Save"}
    found |= set() if decides else {"Hand in"}
    found |= set() if talks and edits else {"Save, or send the comment"}
    return found | (set() if talks or decides else {"Hand in what is written"})


def gids(stage: Stage, name: str) -> list[str]:
    """The records of a list, in no particular order."""
    ids = list(stage.world.store.projection.ids(name))
    return [record.gid for record in stage.portal.records.rows(ids)]
