"""The user's own companies: what stands about them, what may be edited, and what has to be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.contract.manifest import EntityType, FieldSpec, FieldType, Owner
from app.services.context import PortalContext, state_spec
from app.services.drafts import DraftService
from app.services.format import date_of
from app.services.records import Records
from app.services.views_model import AccountFact, AccountView, Credential, RecordView
from app.store.query import EVERYTHING, field_equals, list_order
from app.store.states import DraftState

COMPANY, CONTACT, MEMBERSHIP, CHANGE = "company", "contact", "membership", "change_request"
_KEEPER = "looked_after_by"
_MOST = 100


class AccountService:
    """Reads for the account page; a portal has what its manifest names."""

    def __init__(self, context: PortalContext, records: Records, drafts: DraftService) -> None:
        self._context = context
        self._store = context.store
        self._records = records
        self._drafts = drafts

    @property
    def there(self) -> bool:
        """Whether this portal tells anything about the user's companies."""
        kinds = (COMPANY, CONTACT, MEMBERSHIP, CHANGE)
        return any(self._context.manifest.entity(name) is not None for name in kinds)

    def read(self, company: str = "") -> AccountView:
        """Return what stands about a company; without one, about the first the user acts for."""
        mine = self._context.me.companies
        gid = company or (mine[0].gid if mine else "")
        name = next((one.name for one in mine if one.gid == gid), self._context.me.name)
        record = self._records.get(gid) if self._context.manifest.entity(COMPANY) is not None else None
        return AccountView(
            gid=gid,
            name=record.title if record is not None else name,
            record=record,
            facts=tuple(self._facts(record)) if record is not None else (),
            editable=bool(record is not None and self._records.editable(gid)),
            may_ask=self._may_add(CHANGE),
            may_add_contacts=self._may_add(CONTACT),
            keeper=str(record.data.get(_KEEPER) or "") if record is not None else "",
            contacts=tuple(self._of(CONTACT, gid)),
            changes=tuple(self._of(CHANGE, gid)),
            credentials=tuple(self._credentials(gid)),
        )

    # -- details ------------------------------------------------------------------------------------------
    def _facts(self, record: RecordView) -> list[AccountFact]:
        """The manifest's details of a company, the address as one; fixed ones say how they change."""
        entity = self._context.entity(COMPANY)
        editable = self._records.editable(record.gid)
        names = [n for n in dict.fromkeys((entity.title_field, *entity.detail)) if n != _KEEPER]
        found: list[AccountFact] = []
        told: set[str] = set()
        for name in names:
            spec = entity.field(name)
            if (
                spec is None
                or spec.merge_group in told
                or (self._is_fixed(spec) and not record.data.get(name))
            ):
                continue
            told.add(spec.merge_group)
            parts = [one for one in entity.fields if one.merge_group == spec.merge_group]
            words = [
                self._records.value_words(COMPANY, one.name, record.data)
                for one in parts
                if record.data.get(one.name) not in (None, "", [])
            ]
            label = self._context.tr("Address") if spec.merge_group == "address" else spec.label
            own = spec.owner is not Owner.VENDOR
            asks = "" if own else self._change_of(entity, name)
            found.append(
                AccountFact(name, label, ", ".join(words), own=name in editable, asks=asks if words else "")
            )
        return found

    @staticmethod
    def _is_fixed(spec: FieldSpec) -> bool:
        """Whether nobody here can give it a value: an empty one says nothing then."""
        return spec.owner is Owner.VENDOR

    def _change_of(self, entity: EntityType, name: str) -> str:
        """The kind of change that stands for a field; empty where none may be asked for."""
        change = self._context.manifest.entity(CHANGE)
        what = change.field("what") if change is not None and change.creatable else None
        spec = entity.field(name)
        if what is None or spec is None:
            return ""
        label = spec.label.casefold()
        return next((c.value for c in what.choices if label in (c.label.casefold(), c.value)), "")

    # -- asking for a change ------------------------------------------------------------------------------
    def ask_for(self, company: str, field: str = "") -> tuple[str, bool]:
        """Begin to ask for a change of a field, with what it is now; returns the draft's gid and whether it is new.

        One that was begun for the same is gone on with. Raises NotAllowed when this role asks for none.
        """
        entity = self._context.manifest.entity(COMPANY)
        what = self._change_of(entity, field) if entity is not None and field else ""
        for draft in self._store.drafts.all(DraftState.OPEN):
            same = draft.data.get("company") in ("", None, company) and draft.data.get("what") == what
            if draft.entity == CHANGE and what and same:
                return draft.gid, False
        defaults: dict[str, Any] = {"company": company}
        record = self._records.get(company)
        if what and record is not None:
            present = self._records.value_words(COMPANY, field, record.data)
            defaults |= {"what": what, "present": present}
        return self._drafts.start(CHANGE, _known(self._context.entity(CHANGE), defaults)), True

    # -- lists --------------------------------------------------------------------------------------------
    def _may_add(self, name: str) -> bool:
        entity = self._context.manifest.entity(name)
        return entity is not None and entity.creatable

    def _of(self, name: str, company: str) -> list[RecordView]:
        """The records of a kind that belong to a company; those that name none belong to all."""
        entity = self._context.manifest.entity(name)
        if entity is None:
            return []
        where = EVERYTHING
        if entity.field("company") is not None:
            where = field_equals(entity, "company", company) | field_equals(entity, "company", None)
        order = list_order(entity, "").exact
        return self._records.rows(self._store.projection.ids(name, where, order, _MOST))

    def _credentials(self, company: str) -> list[Credential]:
        entity = self._context.manifest.entity(MEMBERSHIP)
        formats = self._context.formats
        own = {one.name for one in self._context.me.companies}
        found = []
        for record in self._of(MEMBERSHIP, company):
            until, begun = date_of(record.data.get("valid_until")), date_of(record.data.get("valid_from"))
            state = state_spec(entity, record.state)
            ended = (until is not None and until < formats.today()) or (state is not None and not state.open)
            tr = self._context.tr
            said = tr("Was valid until {day}") if ended else tr("Valid until {day}")
            words = said.format(day=formats.day(until)) if until else tr("Valid without an end")
            since = tr("since {day}").format(day=formats.day(begun)) if begun and until is None else ""
            due = formats.countdown(until) if until and not ended else None
            holder = str(record.data.get("holder") or "")
            # On the page of a company its own name says nothing.
            whose = holder if holder not in own else ""
            detail = " · ".join(part for part in (words, since, record.subtitle, whose) if part)
            found.append(Credential(record, record.title, detail, due))
        return found


def _known(entity: EntityType, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults this portal's form has a place for."""
    usable = {spec.name for spec in entity.fields if spec.type is not FieldType.UNKNOWN}
    return {name: value for name, value in defaults.items() if name in usable and value}
