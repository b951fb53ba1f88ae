"""What the services of one portal share: its store, its manifest, who acts, and the formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.contract import rules
from app.contract.changes import Me
from app.contract.errors import NotAllowed
from app.contract.manifest import (
    CommandSpec,
    EntityType,
    FieldSpec,
    Filter,
    Manifest,
    StateSpec,
    Template,
    Tone,
)
from app.contract.said import said
from app.services.format import Formats
from app.services.manifest_words import localised
from app.services.views_model import RecordView
from app.services.words import Words
from app.session.policy.schema import NOBODYS, Managed
from app.store.database import Store
from app.store.projection import Shown
from app.store.query import EVERYTHING, Condition, QueryContext, chip_condition
from app.sync.clock import Clock, Ids


class PortalContext:
    """One account's store with the manifest that holds for it. `Portal.reload` replaces both it and `me`."""

    def __init__(
        self,
        store: Store,
        manifest: Manifest,
        me: Me,
        clock: Clock,
        ids: Ids,
        formats: Formats,
        wake: Callable[[], None],
        managed: Managed = NOBODYS,
    ) -> None:
        self.store = store
        self._manifest = manifest
        self._localised = (manifest, "", manifest)
        self._me = me
        self.clock = clock
        self.ids = ids
        self.formats = formats
        self.wake = wake
        self.managed = managed

    @property
    def manifest(self) -> Manifest:
        """The effective manifest in the reader's language."""
        written, language, said = self._localised
        if written is not self._manifest or language != self.tr.language:
            said = localised(self._manifest, self.tr.language)
            self._localised = (self._manifest, self.tr.language, said)
        return said

    @property
    def me(self) -> Me:
        """Who acts; the role's words are the manifest's, in the reader's language."""
        role = self.manifest.role(self._me.role)
        return self._me.model_copy(update={"role_label": role.label}) if role else self._me

    def renew(self, manifest: Manifest, me: Me) -> None:
        """Take another manifest and user from now on."""
        self._manifest = manifest
        self._me = me

    @property
    def tr(self) -> Words:
        """Says a text in the reader's language."""
        return self.formats.tr

    @property
    def vendor(self) -> str:
        """The vendor's name as sentences use it: *Halden* for *Halden Systems*."""
        return self.manifest.brand.vendor.split()[0] if self.manifest.brand.vendor else self.tr("The vendor")

    def now(self) -> datetime:
        """The present moment by this computer's clock, UTC: for what is captured here."""
        return self.clock.now()

    def present(self) -> datetime:
        """The present moment by the gateway's clock, as far as that is known, UTC: for what the vendor's times say."""
        return self.clock.now() - self.formats.ahead

    def entity(self, name: str) -> EntityType:
        """Return an entity type of the manifest. Raises NotAllowed when this user has none of that name."""
        found = self.manifest.entity(name)
        if found is None:
            raise NotAllowed
        return found

    def query(self, entity: EntityType) -> QueryContext:
        """What a list's conditions may look at."""
        return QueryContext(entity, self.me.user, self.formats.today())

    def rules_context(
        self, children: Mapping[str, int] | None = None, template: Template | None = None
    ) -> rules.Context:
        """What rules may look at: today where the user is, the given numbers of children, the record's template."""
        return rules.Context(today=self.formats.today(), children=children or {}, template=template)

    def template_of(self, entity: str, data: Mapping[str, Any]) -> Template | None:
        """Return the template a record names, or None where it has none that this portal knows."""
        spec = self.manifest.entity(entity)
        named = data.get(spec.template_field) if spec is not None and spec.template_field else None
        return self.manifest.template(named) if named else None

    def view(self, shown: Shown) -> RecordView:
        """Turn a stored record into what the user sees of it."""
        entity = self.manifest.entity(shown.entity)
        state = state_of(entity, shown.data)
        spec = state_spec(entity, state)
        return RecordView(
            id=shown.id,
            gid=shown.gid,
            entity=shown.entity,
            data=shown.data,
            sync=shown.sync,
            title=self._title(entity, shown),
            subtitle=self._text(entity, entity.subtitle_field if entity else "", shown.data),
            number=self._text(entity, entity.number_field if entity else "", shown.data),
            state=state,
            state_label=spec.label if spec else state,
            tone=spec.tone if spec else Tone.NEUTRAL,
            version=shown.version,
        )

    def _title(self, entity: EntityType | None, shown: Shown) -> str:
        if entity is None:
            return shown.gid
        text = self._text(entity, entity.title_field, shown.data)
        return text or self.tr("New {what}").format(what=self.tr.inside(entity.label))

    def _text(self, entity: EntityType | None, name: str, data: Mapping[str, Any]) -> str:
        value = data.get(name) if name else None
        if value in (None, ""):
            return ""
        spec = entity.field(name) if entity else None
        text = self.formats.value(spec, data) if spec else str(value)
        return text.strip().split("\n", 1)[0]


def state_of(entity: EntityType | None, data: Mapping[str, Any]) -> str:
    """Return the state a record is in; one born here is in its initial state. Empty without states."""
    if entity is None or entity.lifecycle is None:
        return ""
    return str(data.get(entity.state_field) or entity.lifecycle.initial)


def state_spec(entity: EntityType | None, state: str) -> StateSpec | None:
    """Return the words and locks of a state, or None when it is not known."""
    return entity.lifecycle.state(state) if entity is not None and entity.lifecycle is not None else None


def command_spec(entity: EntityType, name: str) -> CommandSpec | None:
    """Return the command of that name, or None."""
    commands = entity.lifecycle.commands if entity.lifecycle else ()
    return next((command for command in commands if command.name == name), None)


def moved_by_jobs(manifest: Manifest, entity: EntityType) -> frozenset[str]:
    """Return the commands that are given with a new record and not alone: *convert*, once the deal is registered."""
    jobs = (job for job in manifest.jobs if job.does == "derive" and job.of == entity.name)
    return frozenset(job.then for job in jobs if job.then)


def command_label(entity: EntityType | None, name: str) -> str:
    """Return the words of a command, or its name when it is not known."""
    spec = command_spec(entity, name) if entity else None
    return spec.label if spec else name


#: Groups without a field that gives them its words; who shows them translates them.
_GROUPS = {"address": said("Address")}


def group_label(entity: EntityType | None, name: str) -> str:
    """Return the words of the thing a field is part of: *Amount* for amount and currency, *Address* for its lines."""
    spec = entity.field(name) if entity else None
    if entity is None or spec is None:
        return name
    whole = entity.field(spec.merge_group)
    return (
        whole.label
        if whole
        else _GROUPS.get(spec.merge_group, spec.merge_group.replace("_", " ").capitalize())
    )


def file_field(entity: EntityType | None) -> FieldSpec | None:
    """Return the field that names a blob, if records of this type carry one."""
    return entity.field("sha256") if entity is not None else None


def is_paper(entity: EntityType) -> bool:
    """Tell whether its records are files, and not something else that may come with one, as an invoice does."""
    return file_field(entity) is not None and any(column.show == "file" for column in entity.list.columns)


def open_condition(context: PortalContext, entity: EntityType) -> Condition:
    """Return the condition for records in an open state."""
    field = entity.state_field
    return chip_condition(context.query(entity), (Filter(op="open", field=field),)) if field else EVERYTHING


def in_states(context: PortalContext, entity: EntityType, states: Sequence[str]) -> Condition:
    """Return the condition for records in one of `states`."""
    return chip_condition(
        context.query(entity), (Filter(op="in", field=entity.state_field, values=tuple(states)),)
    )


def within_days(context: PortalContext, entity: EntityType, field: str, days: int) -> Condition:
    """Return the condition for records whose date is today or at most `days` ahead."""
    return chip_condition(context.query(entity), (Filter(op="within_days", field=field, days=days),))
