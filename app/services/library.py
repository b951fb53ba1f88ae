"""What a person does with documents besides opening them: earlier versions, what changed since, confirming, and why
one sees them at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from app.contract.errors import Refused
from app.contract.manifest import EntityType, FieldType, Filter
from app.services.appending import ACKNOWLEDGEMENT, Appending
from app.services.context import PortalContext, is_paper
from app.services.files import bytes_named
from app.services.format import date_of, moment_of
from app.services.prefs import Prefs
from app.services.reading_state import ReadingState, differences, folded, series_of
from app.services.records import Records
from app.services.views_model import ChangedSince, Confirmation, Done, RecordView, SyncState
from app.store.query import chip_condition

#: More documents than a library has; beyond it versions are not folded.
_MOST = 4_000
_EVERYBODY = ("all", "everyone", "everybody")
#: First words of an audience that are no name: inside a sentence they are written small.
_GENERAL = (
    "all",
    "any",
    "both",
    "each",
    "every",
    "everyone",
    "only",
    "partners",
    "customers",
    "members",
    "clients",
)


class Library:
    """Reads over all documents of a portal, and the user's word that one was read."""

    def __init__(self, context: PortalContext, records: Records, prefs: Prefs) -> None:
        self._context = context
        self._store = context.store
        self._records = records
        self._appending = Appending(context)
        self.reading = ReadingState(prefs)

    # -- versions -----------------------------------------------------------------------------------------
    def documents(self, entity: str) -> list[RecordView]:
        """Return all documents of a type; none where there are more than a person folds."""
        if not self._store.projection.at_most(entity, _MOST):
            return []
        return self._records.rows(self._records.ids(entity))

    def earlier(self, entity: str) -> dict[str, list[RecordView]]:
        """Return the earlier versions by the gid of the current one, newest first."""
        return folded(self.documents(entity))

    def current_of(self, record: RecordView) -> RecordView | None:
        """Return the version that holds now in place of another; None where there is none, or it is that one."""
        wanted = series_of(record.data)
        found = [one for one in self.documents(record.entity) if series_of(one.data) == wanted]
        return next((one for one in found if one.state == "current" and one.gid != record.gid), None)

    def tidy(self, entity: str) -> None:
        """Forget what was read of documents that are no longer shared; once all there are have come."""
        if not self._store.cursors.read().arriving and self._store.projection.at_most(entity, _MOST):
            self.reading.keep_only(self.documents(entity))

    def arranged(
        self, under: Mapping[str, Sequence[RecordView]], ids: Sequence[int], unfolded: frozenset[str] | None
    ) -> list[int]:
        """Return the rows of a list with earlier versions right below their current one.

        `under`: the earlier versions, as `earlier` has them. `unfolded`: gids of the current ones whose earlier
        versions show; None shows them all. What stands alone in the list, because a chip or a search left its current
        version out, stays where it is.
        """
        listed = set(ids)
        by_gid = {record.gid: record.id for record in self._records.rows(ids)} if under else {}
        below: dict[int, list[int]] = {}
        for gid, records in under.items():
            if gid in by_gid:
                below[by_gid[gid]] = [record.id for record in records if record.id in listed]
        hidden = {row for rows in below.values() for row in rows}
        shown: list[int] = []
        gids = {row: gid for gid, row in by_gid.items()}
        for row in ids:
            if row in hidden:
                continue
            shown.append(row)
            if row in below and (unfolded is None or gids[row] in unfolded):
                shown += below[row]
        return shown

    # -- what changed -------------------------------------------------------------------------------------
    def changed(self, entity: str) -> list[RecordView]:
        """Return the documents that hold something else than when they were read last."""
        return self.changed_among(self.documents(entity))

    def changed_among(self, records: Sequence[RecordView]) -> list[RecordView]:
        """Return those of some documents that hold something else than when they were read last."""
        return [record for record in records if self.reading.changed(record)]

    def changed_since(self, record: RecordView) -> ChangedSince | None:
        """Return what is new in a document since it was read last, or None when nothing is."""
        last = self.reading.last(record)
        if last is None or not self.reading.changed(record):
            return None
        formats = self._context.formats
        day = formats.weekday_day(formats.local(last.at).date())
        version = last.version or str(record.data.get("supersedes") or "")
        tr = self._context.tr
        title = (
            tr("Changed since you read {version} on {day}")
            if version
            else tr("Changed since you read it on {day}")
        )
        note = str(record.data.get("changes") or "").strip()
        before, after = self._text(last.sha256), self._text(str(record.data.get("sha256") or ""))
        found = differences(before, after) if before and after else None
        nothing = tr("{vendor} has not written what changed.").format(vendor=self._context.vendor)
        said = note or self._figures(record, last.gid) or nothing
        return ChangedSince(title.format(version=version, day=day), said, found or [])

    def _text(self, sha256: str) -> str:
        return self._store.search.text_of(sha256) or ""

    def _figures(self, record: RecordView, before_gid: str) -> str:
        """Without the vendor's word: what the figures say, *28 pages, were 26 · 3.1 MB, were 2.9 MB*."""
        before = self._records.get(before_gid)
        if before is None or before.gid == record.gid:
            return ""
        parts = []
        pages, old_pages = record.data.get("pages"), before.data.get("pages")
        if isinstance(pages, int) and isinstance(old_pages, int) and pages != old_pages:
            parts.append(
                self._context.tr.plural(pages, "%n page, was {before}", "%n pages, were {before}").format(
                    before=self._context.formats.number(old_pages)
                )
            )
        size, old_size = bytes_named(record.data), bytes_named(before.data)
        if size != old_size:
            formats = self._context.formats
            words = self._context.tr("{size}, was {before}")
            parts.append(words.format(size=formats.size(size), before=formats.size(old_size)))
        return " · ".join(parts)

    def read(self, gid: str) -> None:
        """Remember that a document is open before the user."""
        record = self._records.get(gid)
        if record is not None and record.data.get("sha256"):
            self.reading.read(record, self._context.now())

    # -- confirming ---------------------------------------------------------------------------------------
    def confirmation(self, record: RecordView) -> Confirmation | None:
        """Return how it stands with the user's word that they read a document; None when nobody asks for it."""
        by = date_of(record.data.get("acknowledge_by"))
        if by is None or not self._takes_confirmations(record.entity):
            return None
        formats = self._context.formats
        mine = self._mine(record)
        if mine is not None:
            return Confirmation(done=True, words=self._confirmed_words(mine), sync=mine.sync)
        if record.state != "current":
            return None
        creatable = self._context.entity(ACKNOWLEDGEMENT).creatable
        late = by < formats.today()
        tr = self._context.tr
        words = (
            tr("You were to confirm by {day} that you have read this version.")
            if late
            else tr("You are asked to confirm by {day} that you have read this version.")
        ).format(day=formats.weekday_day(by))
        return Confirmation(done=False, words=words, possible=creatable, late=late)

    def _confirmed_words(self, mine: RecordView) -> str:
        at = moment_of(mine.data.get("at"))
        if mine.sync is not SyncState.SYNCED or at is None:
            words = self._context.tr("You confirmed this version. {vendor} gets it when you are back.")
            return words.format(vendor=self._context.vendor)
        words = self._context.tr("You confirmed this version {when}.")
        return words.format(when=self._context.formats.on(at))

    def _mine(self, record: RecordView) -> RecordView | None:
        """The user's own word on exactly these bytes; what was refused is none."""
        children = self._records.children(record.gid, ACKNOWLEDGEMENT)
        return next(
            (
                child
                for child in children
                if child.data.get("sha256") == record.data.get("sha256")
                and (child.version is None or child.data.get("by") == self._context.me.user)
                and child.sync is not SyncState.REJECTED
            ),
            None,
        )

    def acknowledge(self, gid: str) -> Done:
        """Say that the version which is shown was read. Raises Refused when it was not open, or is another by now."""
        record = self._records.get(gid)
        if record is None or not self._takes_confirmations(record.entity):
            raise Refused(self._context.tr("This document is not shared with you any more."), code="gone")
        if not self.reading.has_read(record):
            raise Refused(
                self._context.tr("You have not opened this version yet."),
                next_step=self._context.tr("Open it first, then confirm."),
                code="unread",
            )
        mutation = self._appending.acknowledgement(
            gid, str(record.data["sha256"]), str(record.data.get("version") or "")
        )
        self._context.wake()
        return Done(
            mutation.mutation_id, gid, self._context.tr("Confirmed that you have read it"), undoable=True
        )

    def to_confirm(self) -> list[tuple[RecordView, date]]:
        """Return the documents that wait for the user's word, with the day it is asked for by."""
        found = []
        for entity in self._context.manifest.entities:
            if not is_paper(entity) or entity.field("acknowledge_by") is None:
                continue
            asked = chip_condition(
                self._context.query(entity), (Filter(op="present", field="acknowledge_by"),)
            )
            for record in self._records.rows(self._store.projection.ids(entity.name, asked, most=_MOST)):
                by = date_of(record.data.get("acknowledge_by"))
                state = self.confirmation(record) if by else None
                if by is not None and state is not None and not state.done and state.possible:
                    found.append((record, by))
        return found

    def _takes_confirmations(self, entity: str) -> bool:
        kind = self._context.manifest.entity(ACKNOWLEDGEMENT)
        return kind is not None and entity in kind.parents

    # -- why one sees it ----------------------------------------------------------------------------------
    def entitlement(self, record: RecordView) -> str:
        """*For Gold partners. Brightwater is Gold since 1 Mar 2025, so you see it.* Empty where nothing is said."""
        audience = str(record.data.get("audience") or "").strip()
        if not audience:
            return ""
        if audience.casefold() in _EVERYBODY or audience.casefold().startswith("every "):
            return self._context.tr("For everybody who uses this portal.")
        company = self._context.manifest.entity("company")
        whom = self._spelt(company, audience)
        first = self._context.tr("For {whom}.").format(whom=self._inside(whom))
        for mine in self._context.me.companies:
            found = self._records.get(mine.gid)
            tier = found.data.get("tier") if found is not None else None
            spec = company.field("tier") if company else None
            label = spec.choice_label(str(tier)) if spec is not None and tier else ""
            if label and label.casefold() in whom.casefold():
                return f"{first} {self._because(mine.gid, mine.name, label)}"
        return first

    def _inside(self, whom: str) -> str:
        """*all partners in Europe* for *All partners in Europe*; names and levels keep their capital."""
        general = whom.partition(" ")[0].casefold() in _GENERAL
        return self._context.tr.inside(whom) if general else whom

    def _because(self, company: str, name: str, level: str) -> str:
        since = self._since(company, level)
        if since is None:
            return self._context.tr("{name} is {level}, so you see it.").format(name=name, level=level)
        words = self._context.tr("{name} is {level} since {day}, so you see it.")
        return words.format(name=name, level=level, day=self._context.formats.day(since))

    def _since(self, company: str, level: str) -> date | None:
        """Since when a company has a level, where one of its memberships says so."""
        if self._context.manifest.entity("membership") is None:
            return None
        for record in self._records.rows(self._records.ids("membership")[:200]):
            begun = date_of(record.data.get("valid_from"))
            same = str(record.data.get("level") or "").casefold() == level.casefold()
            if same and begun is not None and record.data.get("company") == company:
                return begun
        return None

    def _spelt(self, company: EntityType | None, audience: str) -> str:
        """*Gold partners* for the bare value of a tier; anything else as the vendor wrote it."""
        spec = company.field("tier") if company else None
        if spec is None or spec.type is not FieldType.CHOICE:
            return audience
        parts = [part.strip() for part in audience.split(",")]
        labels = {choice.value: choice.label for choice in spec.choices}
        labels |= {choice.label.casefold(): choice.label for choice in spec.choices}
        if not all(part.casefold() in labels for part in parts):
            return audience
        tiers = self._context.tr.listed(labels[part.casefold()] for part in parts)
        return self._context.tr("{tiers} partners").format(tiers=tiers)
