"""Where two people changed the same thing, a person decides, by field, against the record as it is now.

Only the gateway's outcome makes a conflict. When it is opened, the merge is done again over the *current* record: what
the vendor changed back no longer differs, what they changed since does. Nothing is sent until it is applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.contract import rules
from app.contract.errors import NotAllowed, Refused
from app.contract.manifest import EntityType, FieldSpec, FieldType, Owner
from app.contract.merge import Clash, Merged, merge, same
from app.contract.mutations import ClashReason, Kind, Mutation
from app.contract.said import said
from app.contract.textmerge import merge_text
from app.services.captured import doubt_of_mine
from app.services.context import PortalContext, group_label, state_of, state_spec
from app.services.format import NOTHING, type_words
from app.services.records import Records
from app.services.views_model import (
    Choice,
    ChoiceKind,
    ConflictField,
    ConflictView,
    Done,
    PreviewLine,
)
from app.store.conflicts import Conflict
from app.store.drafts import Draft
from app.store.states import ConflictKind

_TEXTS = (FieldType.TEXT, FieldType.LONG_TEXT)

_KEPT = said("Your version is kept here.")


@dataclass(frozen=True)
class _Now:
    """A conflict beside the record as the vendor holds it now; `gone` while they hold none."""

    row: Conflict
    entity: EntityType
    theirs: Mapping[str, Any]
    version: str | None
    merged: Merged
    gone: bool


class ConflictService:
    """Conflicts that wait for a decision."""

    def __init__(self, context: PortalContext, records: Records) -> None:
        self._context = context
        self._store = context.store
        self._records = records

    def list(self) -> Sequence[ConflictView]:
        """Return all conflicts, newest first."""
        rows = sorted(self._store.conflicts.all(), key=lambda row: row.detected_at, reverse=True)
        return [self._view(row) for row in rows]

    def get(self, gid: str) -> ConflictView | None:
        """Return the conflict of a record, or None."""
        row = next(iter(self._store.conflicts.of(gid)), None)
        return None if row is None else self._view(row)

    # -- as it is shown -----------------------------------------------------------------------------------
    def _view(self, row: Conflict) -> ConflictView:
        now = self._now(row)
        fields = tuple(self._field(now, clash) for clash in (now.merged.clashes or _typed(now)))
        record = self._records.get(row.gid)
        latest = max((c for c in row.clashes if c.theirs_at), key=lambda c: str(c.theirs_at), default=None)
        author = latest or next(iter(row.clashes), None)
        readable = [f for f in now.entity.fields if f.type not in (FieldType.EVENTS, FieldType.LINES)]
        return ConflictView(
            gid=row.gid,
            entity=row.entity,
            mutation_id=row.mutation_id,
            title=record.title if record else now.entity.label,
            subtitle=record.subtitle if record else "",
            number=record.number if record else "",
            kind=(ConflictKind.GONE if now.gone else ConflictKind.FIELDS).value,
            headline=self._headline(now, fields),
            base_at=None,
            theirs_by=author.theirs_by if author else "",
            theirs_at=author.theirs_at if author else None,
            theirs_via=author.theirs_via if author else "",
            mine_by=self._context.me.name,
            mine_at=row.mine_at,
            doubt=doubt_of_mine(self._context, row),
            mine_device=row.device,
            fields=fields,
            agreeing=len(readable) - sum(len(field.names) for field in fields),
        )

    def _headline(self, now: _Now, fields: tuple[ConflictField, ...]) -> str:
        vendor = self._context.vendor
        if now.gone:
            deleted = now.row.kind is ConflictKind.GONE
            what = (
                self._context.tr("{vendor} deleted this while you edited it").format(vendor=vendor)
                if deleted
                else self._context.tr("This is no longer to be seen")
            )
            return self._context.tr("{what}. What you typed is kept here until you decide.").format(what=what)
        kept = self._context.tr("Nothing is sent until you apply; both versions are kept in the history.")
        if not fields:
            return self._context.tr("{vendor} changed it back: your edit fits again. {kept}").format(
                vendor=vendor, kept=kept
            )
        what = self._context.tr.plural(len(fields), "the same field", "the same %n fields")
        if any(clash.theirs_by == self._context.me.name for clash in now.row.clashes):
            return self._context.tr("You changed {what} on another device as well. {kept}").format(
                what=what, kept=kept
            )
        if all(field.reason is ClashReason.LOCKED for field in fields):
            locked = self._context.tr.plural(
                len(fields),
                "{vendor} locked %n field that you changed. {kept}",
                "{vendor} locked %n fields that you changed. {kept}",
            )
            return locked.format(vendor=vendor, kept=kept)
        return self._context.tr("You and {vendor} changed {what}. {kept}").format(
            vendor=vendor, what=what, kept=kept
        )

    def _field(self, now: _Now, clash: Clash) -> ConflictField:
        names = tuple(clash.mine)
        spec = now.entity.field(names[0])
        kind = spec.type if spec else FieldType.UNKNOWN
        locked = clash.reason is ClashReason.LOCKED
        return ConflictField(
            group=clash.group,
            label=self._context.tr(group_label(now.entity, names[0])),
            type_label=self._context.tr(type_words(kind)),
            type=kind,
            names=names,
            base=clash.base,
            theirs=clash.theirs,
            mine=clash.mine,
            base_words=self._words(now.entity, names, {**now.theirs, **clash.base}),
            theirs_words=self._words(now.entity, names, {**now.theirs, **clash.theirs}),
            mine_words=self._words(now.entity, names, {**now.theirs, **clash.mine}),
            reason=clash.reason,
            reason_words=self._reason(now, clash),
            preselect=_preselect(spec, locked=locked),
            suggested=_suggested(kind, names, clash),
            editable=not locked,
        )

    def _reason(self, now: _Now, clash: Clash) -> str:
        if clash.reason is ClashReason.BOTH_CHANGED:
            return self._context.tr("Both sides changed this.")
        state = state_spec(now.entity, state_of(now.entity, now.theirs))
        return (
            self._context.tr("Locked while {state}.").format(state=self._context.tr.inside(state.label))
            if state
            else self._context.tr("Locked meanwhile.")
        )

    def _words(self, entity: EntityType, names: Iterable[str], data: Mapping[str, Any]) -> str:
        """A group in one line: an amount takes its currency along, an address its parts."""
        specs = [spec for name in names if (spec := entity.field(name)) is not None]
        attached = {spec.currency_field for spec in specs if spec.type is FieldType.MONEY}
        said = [self._records.value_words(entity.name, s.name, data) for s in specs if s.name not in attached]
        return ", ".join(text for text in said if text != NOTHING) or NOTHING

    # -- deciding -----------------------------------------------------------------------------------------
    def preview(self, gid: str, choices: Mapping[str, Choice]) -> Sequence[PreviewLine]:
        """Return what applying sends, group by group, compared with the vendor's record as it is now."""
        now = self._now(self._row(gid))
        lines = [self._preview_line(now, clash, choices.get(clash.group)) for clash in now.merged.clashes]
        shown = {clash.group for clash in now.merged.clashes}
        for group, names in _groups(now.entity, self._fitting(now)).items():
            if group not in shown:
                before = self._words(now.entity, names, now.theirs)
                after = self._words(now.entity, names, {**now.theirs, **self._fitting(now)})
                label = self._context.tr(group_label(now.entity, names[0]))
                lines.append(PreviewLine(group, label, before, after, ChoiceKind.MINE))
        return lines

    def _preview_line(self, now: _Now, clash: Clash, choice: Choice | None) -> PreviewLine:
        names = tuple(clash.mine)
        label = self._context.tr(group_label(now.entity, names[0]))
        before = self._words(now.entity, names, {**now.theirs, **clash.theirs})
        sent = _chosen(clash, choice)
        if all(same(sent[name], clash.theirs.get(name)) for name in sent):
            stays = (
                self._context.tr("Nothing. {vendor}’s “{before}” stays.").format(
                    vendor=self._context.vendor, before=before
                )
                if before != NOTHING
                else self._context.tr("Nothing. It stays empty.")
            )
            return PreviewLine(clash.group, label, stays, "", choice.kind if choice else None)
        after = self._words(now.entity, names, {**now.theirs, **sent})
        return PreviewLine(clash.group, label, before, after, choice.kind if choice else None)

    def problems(self, gid: str, choices: Mapping[str, Choice]) -> dict[str, str]:
        """Return what is wrong with the decisions so far: undecided groups, and edited values the rules refuse."""
        now = self._now(self._row(gid))
        found: dict[str, str] = {}
        for clash in now.merged.clashes:
            choice = choices.get(clash.group)
            if choice is None:
                found[clash.group] = self._context.tr("Choose theirs, mine, or an edited value.")
            elif clash.reason is ClashReason.LOCKED and choice.kind is not ChoiceKind.THEIRS:
                found[clash.group] = self._reason(now, clash)
            elif choice.kind is not ChoiceKind.THEIRS:
                found |= self._invalid(now, clash, _chosen(clash, choice))
        return found

    def _invalid(self, now: _Now, clash: Clash, sent: Mapping[str, Any]) -> dict[str, str]:
        after = {**now.theirs, **sent}
        found = {}
        for name in sent:
            spec = now.entity.field(name)
            violation = rules.validate_field(spec, after, self._context.rules_context()) if spec else None
            if violation is not None:
                found[clash.group] = self._context.tr(violation.message)
        return found

    def resolve(self, gid: str, choices: Mapping[str, Choice], seen: ConflictView | None = None) -> Done:
        """Apply the decisions: one new mutation against the current record; where all is theirs, nothing is sent.

        `seen`: what they were made upon. A value that has moved since is not written over unseen. Raises Refused.
        """
        row = self._row(gid)
        now = self._now(row)
        if now.gone:
            raise Refused(
                self._context.tr("This record is gone."),
                next_step=self._context.tr("Keep what you typed as a draft, or discard it."),
            )
        found = self.problems(gid, choices)
        if found:
            raise Refused(self._context.tr("Not everything is decided yet."), kept=_KEPT, fields=found)
        if seen is not None and _moved(now, choices, seen):
            raise Refused(
                self._context.tr("{vendor} changed this again while you decided.").format(
                    vendor=self._context.vendor
                ),
                kept=_KEPT,
                next_step=self._context.tr("Look at it once more."),
                code="moved",
            )
        changes = self._fitting(now)
        for clash in now.merged.clashes:
            sent = _chosen(clash, choices.get(clash.group))
            changes |= sent if any(not same(sent[n], clash.theirs.get(n)) for n in sent) else {}
        mutation = self._mutation(now, changes) if changes else None
        with self._store.transaction():
            self._store.conflicts.resolve(row.mutation_id)
            if mutation is not None:
                label = self._context.tr("Decided: {label}").format(
                    label=self._context.tr(group_label(now.entity, next(iter(changes))))
                )
                self._store.outbox.enqueue(mutation, label=label, detail=self._records.title_of(gid))
        self._context.wake()
        words = (
            self._context.tr("Applied")
            if mutation
            else self._context.tr("{vendor}’s version stays").format(vendor=self._context.vendor)
        )
        return Done(mutation.mutation_id if mutation else "", gid, words, undoable=False)

    def resolve_gone(self, gid: str, keep: bool) -> Done:
        """Decide about an edit to a record the vendor deleted: keep it as a new draft, or discard it."""
        row = self._row(gid)
        if not self._now(row).gone:
            raise Refused(
                self._context.tr("This record is back."),
                kept=_KEPT,
                next_step=self._context.tr("Decide field by field."),
            )
        entity = self._context.entity(row.entity)
        seen = {**(row.last or {}), **row.mine}
        own = {f.name for f in entity.fields if f.owner in (Owner.PARTNER, Owner.SHARED)} - {
            entity.state_field
        }
        if keep and not entity.creatable:
            raise NotAllowed(
                self._context.tr("Your role does not add {what}.").format(
                    what=self._context.tr.inside(entity.plural)
                )
            )
        new = self._context.ids.new_id() if keep else ""
        with self._store.transaction():
            self._store.conflicts.resolve(row.mutation_id)
            if keep:
                data = {name: value for name, value in seen.items() if name in own}
                self._store.drafts.save(self._draft(new, row.entity, data))
        return Done(
            "",
            new or gid,
            self._context.tr("Kept as a draft") if keep else self._context.tr("Discarded"),
            undoable=False,
        )

    # -- parts --------------------------------------------------------------------------------------------
    def _row(self, gid: str) -> Conflict:
        row = next(iter(self._store.conflicts.of(gid)), None)
        if row is None:
            raise NotAllowed(
                self._context.tr("This conflict is decided already."),
                kept=self._context.tr("Nothing was sent a second time."),
            )
        return row

    def _now(self, row: Conflict) -> _Now:
        entity = self._context.entity(row.entity)
        truth = self._store.mirror.truth(row.gid)
        theirs: Mapping[str, Any] = truth.data if truth else {}
        editable = rules.editable_fields(entity, state_of(entity, theirs)) if truth else frozenset()
        merged = merge(entity, row.base, theirs, row.mine, editable) if truth else Merged({})
        return _Now(row, entity, theirs, truth.version if truth else None, merged, truth is None)

    def _fitting(self, now: _Now) -> dict[str, Any]:
        """The part of my edit that clashes with nothing; it was not written either, since an edit is atomic."""
        clashing = {name for clash in now.merged.clashes for name in clash.mine}
        rest = {name: value for name, value in now.row.mine.items() if name not in clashing}
        editable = rules.editable_fields(now.entity, state_of(now.entity, now.theirs))
        return dict(merge(now.entity, now.row.base, now.theirs, rest, editable).write)

    def _draft(self, gid: str, entity: str, data: Mapping[str, Any]) -> Draft:
        return Draft(
            gid=gid,
            entity=entity,
            data=dict(data),
            saved_at=self._context.now(),
        )

    def _mutation(self, now: _Now, changes: Mapping[str, Any]) -> Mutation:
        return Mutation(
            mutation_id=self._context.ids.new_id(),
            entity=now.row.entity,
            gid=now.row.gid,
            kind=Kind.PATCH,
            base_version=now.version,
            base={name: now.theirs.get(name) for name in changes},
            changes=dict(changes),
            captured_at=self._context.now(),
            supersedes=now.row.mutation_id,
        )


def _typed(now: _Now) -> tuple[Clash, ...]:
    """What was typed into a record that is gone, group by group: nothing stands against it."""
    if not now.gone:
        return ()
    groups = _groups(now.entity, now.row.mine)
    return tuple(
        Clash(
            group,
            ClashReason.LOCKED,
            {name: now.row.base.get(name) for name in names},
            {},
            {name: now.row.mine[name] for name in names},
        )
        for group, names in groups.items()
    )


def _preselect(spec: FieldSpec | None, *, locked: bool) -> ChoiceKind | None:
    """A locked field can only be theirs; a partner's own field starts with mine; a shared one starts open."""
    if locked:
        return ChoiceKind.THEIRS
    return ChoiceKind.MINE if spec is not None and spec.owner is Owner.PARTNER else None


def _chosen(clash: Clash, choice: Choice | None) -> dict[str, Any]:
    """The values a decision writes; an undecided group writes nothing new."""
    if choice is None or choice.kind is ChoiceKind.THEIRS:
        return dict(clash.theirs)
    if choice.kind is ChoiceKind.MINE:
        return dict(clash.mine)
    return {name: choice.value.get(name, clash.mine[name]) for name in clash.mine}


def _moved(now: _Now, choices: Mapping[str, Choice], seen: ConflictView) -> bool:
    """Whether anything would be written over a value of theirs that was not there to be seen."""
    shown = {field.group: field.theirs for field in seen.fields}
    return any(
        choices[clash.group].kind is not ChoiceKind.THEIRS
        and any(not same(value, shown.get(clash.group, {}).get(name)) for name, value in clash.theirs.items())
        for clash in now.merged.clashes
    )


def _suggested(kind: FieldType, names: tuple[str, ...], clash: Clash) -> str:
    """Where an edited value starts: both texts word by word where that is clean, else one below the other."""
    if kind not in _TEXTS or len(names) != 1:
        return ""
    base, theirs, mine = (str(side.get(names[0]) or "") for side in (clash.base, clash.theirs, clash.mine))
    by_word = merge_text(*("".join(f"{word}\n" for word in text.split()) for text in (base, theirs, mine)))
    if by_word is not None and "\n" not in base + theirs + mine:
        return " ".join(by_word.split())
    return f"{theirs.rstrip()}\n{mine.strip()}" if kind is FieldType.LONG_TEXT else mine


def _groups(entity: EntityType, changes: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in changes:
        spec = entity.field(name)
        group = spec.merge_group if spec else name
        found[group] = (*found.get(group, ()), name)
    return found
