"""What a portal is: entity types, fields with owner class and locks, lifecycles, jobs, roles, words, brand.

The gateway holds the full manifest and serves each user the one that holds for them (`effective`). The client
renders lists, forms, wizards and actions from that. A newer manifest may carry attributes, field types or
predicates this version does not know: they are kept or shown as read-only text, never an error. A manifest whose
`format` is above `MANIFEST_FORMAT` is refused with `UpdateNeeded`.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, field_serializer, field_validator

from app.contract.errors import UpdateNeeded
from app.contract.predicates import Children, Predicates, Required
from app.contract.version import MANIFEST_FORMAT

#: Most characters of a brand's mark.
MAX_MARK = 4_000

#: The argument in which a command that `binds` fields quotes what was shown.
SHOWN = "shown"

_PATH = re.compile(r"[MmLlHhVvCcSsQqTtAaZz0-9eE\s,.+-]*")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    def changed(self, **update: Any) -> Self:
        """Return a copy with other values; looked-up tables that were cached on the original are left behind."""
        copy = self.model_copy(update=update)
        copy.__dict__.pop("by_name", None)
        return copy


class Owner(StrEnum):
    """Who may edit a field; it does not say who wins."""

    PARTNER = "partner"
    VENDOR = "vendor"
    SHARED = "shared"
    APPEND = "append"


class FieldType(StrEnum):
    """How a value travels: everything is JSON text, integer, boolean, list or null; never a float."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    COUNTRY = "country"  # ISO 3166 alpha-2
    CHOICE = "choice"
    CHOICES = "choices"  # list of choice values
    DATE = "date"  # YYYY-MM-DD
    DATETIME = "datetime"  # UTC RFC 3339, whole seconds or milliseconds, ending in Z
    MONEY = "money"  # decimal string with two places; the currency is another field, see `currency_field`
    CURRENCY = "currency"  # ISO 4217
    INTEGER = "integer"
    BOOLEAN = "boolean"
    REFERENCE = "reference"  # gid of a record of `target`
    REFERENCES = "references"  # list of gids of records of `target`
    ANSWERS = "answers"  # what was filled into a template: an object by the names of the template's fields
    EVENTS = "events"  # list of {at, by, kind, text}, newest last
    LINES = "lines"  # list of {name, value, ...} shown as a small table
    UNKNOWN = "unknown"  # a type of a newer manifest: shown as read-only text

    @classmethod
    def _missing_(cls, value: object) -> FieldType:
        return cls.UNKNOWN


class Tone(StrEnum):
    """How a state is told on a pill."""

    NEUTRAL = "neutral"
    ACCENT = "accent"
    WARN = "warn"
    OK = "ok"
    BAD = "bad"

    @classmethod
    def _missing_(cls, value: object) -> Tone:
        return cls.NEUTRAL


class Choice(_Model):
    """One value of a choice field with its words."""

    value: str
    label: str


class FieldSpec(_Model):
    """One field of an entity type.

    `group`: fields with the same group mean one thing together and merge as one; default is the field's own name.
    `roles`: roles that may see the field (empty: all). `target`: entity type of a reference. `help` stands below the
    field in a form, `about` says at length what it is for.
    """

    name: str
    label: str
    type: FieldType
    owner: Owner
    group: str = ""
    rules: Predicates = Predicates()
    choices: tuple[Choice, ...] = ()
    target: str = ""
    currency_field: str = ""
    default: Any = None
    help: str = ""
    about: str = ""
    placeholder: str = ""
    roles: tuple[str, ...] = ()

    @field_validator("rules", mode="before")
    @classmethod
    def _rules(cls, value: Any) -> Any:
        return Predicates.model_validate(value) if isinstance(value, (list, tuple)) else value

    @field_serializer("rules")
    def _dump_rules(self, value: Predicates) -> list[dict[str, Any]]:
        return [item.model_dump(mode="json") for item in value.items]

    @property
    def merge_group(self) -> str:
        """The name under which this field merges."""
        return self.group or self.name

    @property
    def required(self) -> bool:
        """Whether a rule asks for a value unconditionally."""
        return any(isinstance(rule, Required) for rule in self.rules.items)

    def choice_label(self, value: str) -> str:
        """Return the words of a choice value, or the value itself when it is not known."""
        return next((choice.label for choice in self.choices if choice.value == value), value)


class StateSpec(_Model):
    """One state of a lifecycle.

    `editable`: names of the partner and shared fields that may be edited while in this state, or "all" / "none".
    `step`: index of the step a stepper shows it under; None when it is off the main path. `waits_on`: who has to do
    something now; empty for nobody. `explain`: what happens now, and then, in a sentence.
    """

    name: str
    label: str
    tone: Tone = Tone.NEUTRAL
    editable: Literal["all", "none"] | tuple[str, ...] = "none"
    deletable: bool = False
    open: bool = True
    step: int | None = None
    waits_on: Literal["", "partner", "vendor"] = ""
    explain: str = ""


class CommandSpec(_Model):
    """A transition a user may ask for. It is checked against `from_states`; it carries the state it expects.

    `args`: fields asked for, with their own rules. `requires`: children that must be there.
    `by`: "partner" for commands a portal user may give, "vendor" for those that happen in the CRM.
    `binds`: fields that are decided on. The command quotes the hash of what they held when it was given, in the
    argument `SHOWN`, and is refused once they hold something else (see `rules.shown_hash`).
    """

    name: str
    label: str
    from_states: tuple[str, ...]
    to_state: str
    by: Literal["partner", "vendor"] = "partner"
    args: tuple[FieldSpec, ...] = ()
    requires: tuple[Children, ...] = ()
    validate_record: bool = False
    roles: tuple[str, ...] = ()
    primary: bool = False
    explain: str = ""
    done: str = ""
    binds: tuple[str, ...] = ()


class Lifecycle(_Model):
    """States and the commands that lead between them; `steps` are the words of the stepper."""

    field: str = "state"
    initial: str
    states: tuple[StateSpec, ...]
    commands: tuple[CommandSpec, ...] = ()
    steps: tuple[str, ...] = ()

    def state(self, name: str) -> StateSpec | None:
        """Return the state of that name, or None for one this manifest does not know."""
        return next((state for state in self.states if state.name == name), None)


#: What a filter may do: a date from today on (within_days), the field holds my user id (mine), the record's sync
#: state is one of `values` (sync), the state is open (open), the file is kept offline (kept).
OPERATORS = (
    *("eq", "in", "not_in", "within_days", "before_today"),
    *("mine", "sync", "present", "absent", "open", "kept"),
)


class Filter(_Model):
    """One condition of a chip; conditions are joined by *and*. `op`: one of `OPERATORS`."""

    field: str = ""
    op: str
    values: tuple[str, ...] = ()
    days: int = 0


class Chip(_Model):
    """A saved filter above a list."""

    name: str
    label: str
    filters: tuple[Filter, ...] = ()


#: How a column may show its field; `sync` needs none.
SHOWS = (
    *("text", "name", "money", "pill", "countdown", "date"),
    *("datetime", "sync", "file", "state_mark", "kept"),
)


class Column(_Model):
    """One column of a list. `show`: one of `SHOWS`. `width`: pixels; 0 for what is usual for what it shows."""

    field: str
    label: str
    show: str = "text"
    width: int = 0


class ListSpec(_Model):
    """How a list looks when it opens. `sort` is a field name, `-` in front means descending.

    `board`: it can also be shown as a board with a column for each open state. `windows`: numbers of days; what is
    due by `window_field` within each of them is counted above the list.
    """

    columns: tuple[Column, ...] = ()
    chips: tuple[Chip, ...] = ()
    sort: str = "-updated_at"
    total: str = ""
    board: bool = False
    windows: tuple[int, ...] = ()
    window_field: str = ""


class FormSection(_Model):
    """A section of a form; `rows` lists the names of fields that stand side by side."""

    title: str
    note: str = ""
    rows: tuple[tuple[str, ...], ...]
    files: Children | None = None


class FormSpec(_Model):
    """A form generated from the manifest."""

    title: str = ""
    sections: tuple[FormSection, ...] = ()
    after: str = ""  # what happens after this is handed in


class Template(_Model):
    """What a task asks for: fields of its own, laid out by `form`, whose `files` ask for evidence.

    `action`: the words of the button that leads there. A task names its template in the entity type's
    `template_field`; the answers stand in its field of type ANSWERS.
    """

    name: str
    label: str
    icon: str = "list-check"
    action: str = ""
    fields: tuple[FieldSpec, ...]
    form: FormSpec

    @cached_property
    def by_name(self) -> dict[str, FieldSpec]:
        """Fields by name."""
        return {spec.name: spec for spec in self.fields}


class Related(_Model):
    """Records of another entity type that name this one in `field`; shown with it under `label`."""

    entity: str
    field: str
    label: str = ""


class Side(_Model):
    """One side's view of a record that both keep: `fields` stand in the same order on each side.

    `names`: what each row is called; it is taken from the first side.
    """

    label: str
    side: Literal["partner", "vendor"]
    fields: tuple[str, ...]
    names: tuple[str, ...] = ()


class EntityType(_Model):
    """One kind of record.

    `kind`: "record", or "append" for children that are only ever added (messages, files); those name their possible
    parents in `parents` and hold the parent's gid in the field `parent`.
    `label` and `plural` are what one and several are called in a sentence: *5 open opportunities*; `heading` is what
    the page of all of them is called, where that is not the plural.
    `rank` orders the first sync, and the navigation (`nav`) where no `place` says otherwise. `search`: names of the
    fields in the full-text index.
    `link`: what it is called in links to a record; the name when empty. `related`: other records shown with one of
    these. `sides`: what both sides say about the same thing, side by side. `template_field`: see `Template`.
    """

    name: str
    label: str
    plural: str
    heading: str = ""
    icon: str = "file"
    kind: Literal["record", "append"] = "record"
    parents: tuple[str, ...] = ()
    rank: int = 100
    nav: bool = False
    place: int = 0
    key: str = ""
    title_field: str
    subtitle_field: str = ""
    number_field: str = ""
    fields: tuple[FieldSpec, ...]
    lifecycle: Lifecycle | None = None
    creatable: bool = False
    create_roles: tuple[str, ...] = ()
    editable_without_state: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    list: ListSpec = ListSpec()
    form: FormSpec | None = None
    detail: tuple[str, ...] = ()
    empty: str = ""
    empty_hint: str = ""
    link: str = ""
    related: tuple[Related, ...] = ()
    sides: tuple[Side, ...] = ()
    template_field: str = ""

    @cached_property
    def by_name(self) -> dict[str, FieldSpec]:
        """Fields by name."""
        return {spec.name: spec for spec in self.fields}

    def field(self, name: str) -> FieldSpec | None:
        """Return the field of that name, or None for one this manifest does not know."""
        return self.by_name.get(name)

    @property
    def place_name(self) -> str:
        """What its page is called, in the navigation and above it."""
        return self.heading or self.plural

    @property
    def state_field(self) -> str:
        """Name of the field that holds the state, or an empty string."""
        return self.lifecycle.field if self.lifecycle else ""

    @property
    def answers_field(self) -> FieldSpec | None:
        """The field that holds what was filled into a template, if there is one."""
        return next((spec for spec in self.fields if spec.type is FieldType.ANSWERS), None)


class Job(_Model):
    """A task a user completes; shown in the palette and on buttons.

    `does`: "create" opens a form for a new record of `entity`; "open" its list; "command" gives `command` to the
    record that is shown; "derive" opens a form for a new record of `entity` that begins with what a record of `of`
    holds, while that one is in one of `states`: `copies` says which field of the new record comes from which of the
    old one ("gid" is the old record itself), `sets` what is the same for all. Once the new one is handed in, the old
    one is given the command `then`.
    """

    name: str
    label: str
    icon: str
    entity: str
    does: Literal["create", "open", "command", "derive"]
    command: str = ""
    shortcut: str = ""
    roles: tuple[str, ...] = ()
    of: str = ""
    states: tuple[str, ...] = ()
    copies: dict[str, str] = {}
    sets: dict[str, Any] = {}
    then: str = ""


class Role(_Model):
    """A role with its words. `writes`: whether it may change anything.

    `keeps_colleagues`: whether it may invite and remove others of its companies, and give them roles.
    `reach`: the families of records it sees of its companies (sales, support, finance, account), besides what its
    user owns; `reach_below`: the same for companies that belong to them. None: what the gateway gives that role.
    """

    name: str
    label: str
    side: Literal["partner", "vendor"] = "partner"
    writes: bool = True
    keeps_colleagues: bool = False
    reach: tuple[str, ...] | None = None
    reach_below: tuple[str, ...] | None = None


class Brand(_Model):
    """The vendor's name and look.

    `accent`: a colour such as #2952C4; where it is too pale to read, the client darkens it. `mark`: the logo as the
    path of an SVG on a grid of 24, painted white on the accent; without one `initial` stands there.
    """

    vendor: str
    initial: str
    mark: str = ""
    accent: str = ""
    portal: str = "Partner portal"

    @field_validator("mark")
    @classmethod
    def _only_a_path(cls, value: str) -> str:
        if len(value) > MAX_MARK or not _PATH.fullmatch(value):
            raise ValueError("brand.mark holds the data of one SVG path on a grid of 24, and nothing else")
        return value


class Manifest(_Model):
    """A whole portal.

    `words`: by language (such as "de"), each of its own texts in that language; the texts as written are in English.
    `clash_hints`: whether the gateway tells clients, without names, which customers somebody has registered.
    """

    format: int
    name: str
    version: str
    brand: Brand
    roles: tuple[Role, ...]
    entities: tuple[EntityType, ...]
    jobs: tuple[Job, ...] = ()
    currencies: tuple[str, ...] = ()
    templates: tuple[Template, ...] = ()
    words: dict[str, dict[str, str]] = {}
    clash_hints: bool = True

    @cached_property
    def by_name(self) -> dict[str, EntityType]:
        """Entity types by name."""
        return {entity.name: entity for entity in self.entities}

    def entity(self, name: str) -> EntityType | None:
        """Return the entity type of that name, or None for one this manifest does not know."""
        return self.by_name.get(name)

    def role(self, name: str) -> Role | None:
        """Return the role of that name."""
        return next((role for role in self.roles if role.name == name), None)

    def template(self, name: Any) -> Template | None:
        """Return the template of that name, or None for one this manifest does not know."""
        return next((template for template in self.templates if template.name == name), None)


def parse_manifest(data: Any) -> Manifest:
    """Parse manifest data (the JSON value). Raises UpdateNeeded for a newer format, ValueError for a broken one."""
    if isinstance(data, dict) and isinstance(data.get("format"), int) and data["format"] > MANIFEST_FORMAT:
        raise UpdateNeeded(kept="What is on this computer stays readable, and what you entered is kept.")
    return Manifest.model_validate(data)


def effective(manifest: Manifest, role: str) -> Manifest:
    """Return the manifest as it holds for one role: fields, commands, jobs and creation it may not use are absent."""
    spec = manifest.role(role)
    writes = bool(spec and spec.writes)

    def allowed(roles: tuple[str, ...]) -> bool:
        return not roles or role in roles

    def cut(entity: EntityType) -> EntityType:
        lifecycle = entity.lifecycle
        if lifecycle is not None:
            commands = tuple(c for c in lifecycle.commands if writes and allowed(c.roles))
            states = lifecycle.states if writes else tuple(_locked(state) for state in lifecycle.states)
            lifecycle = lifecycle.changed(commands=commands, states=states)
        return entity.changed(
            fields=tuple(f for f in entity.fields if allowed(f.roles)),
            lifecycle=lifecycle,
            creatable=entity.creatable and writes and allowed(entity.create_roles),
            editable_without_state=entity.editable_without_state if writes else (),
        )

    jobs = tuple(job for job in manifest.jobs if allowed(job.roles) and (writes or job.does == "open"))
    return manifest.changed(entities=tuple(cut(e) for e in manifest.entities), jobs=jobs)


def _locked(state: StateSpec) -> StateSpec:
    return state.changed(editable="none", deletable=False)


def project(entity: EntityType, data: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a full record that a user of this (effective) entity type may see."""
    return {name: value for name, value in data.items() if name in entity.by_name}
