"""A source system under test: its connector, its own people's hands on it, and what can go wrong on the way to it.

What staff do goes by the system's own interface, never through the connector: otherwise a connector that reads and
writes the same mistake would pass. Values are the contract's; the lab spells them as its system does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from gateway.clock import Clock
from gateway.crm.port import Actor, CrmPort, Ref
from gateway.mapping import EntityMap, SystemMapping
from gateway.systems import System
from gateway.translate import to_properties
from tests.gateway.world import partner_manifest

#: A deal that is complete enough to be handed in, in the contract's words; the company is added to it.
DEAL: Mapping[str, Any] = {
    "customer": "Kestrel Foods",
    "website": "kestrelfoods.example",
    "country": "GB",
    "title": "Branch edge, 14 sites",
    "type": "new",
    "amount": "184250.00",
    "currency": "GBP",
    "target_close": "2027-01-29",
    "problem": "Every branch loses its tills when the line drops.",
}


class Lab(ABC):
    """One system. `clock`: the gateway's; `system`: the connector with its mapping."""

    clock: Clock
    system: System
    #: Whether a transaction can commit later than the time its rows bear.
    commits_late: bool = True
    #: How many deals of one instant a page-by-page walk is tried with.
    many: int = 10_050
    #: Contact a portal user stands for at this system.
    actor = Actor("", "Maya Okafor", "BW-MO14")

    # ------------------------------------------------------------------------------------------------- words

    @property
    def port(self) -> CrmPort:
        """The connector."""
        return self.system.port

    @property
    def mapping(self) -> SystemMapping:
        """Its mapping."""
        return self.system.mapping

    def item(self, entity: str) -> EntityMap:
        """Return the map new records of an entity type are written through."""
        return self.mapping.of_entity(entity)[0]

    def property(self, entity: str, field: str) -> str:
        """Return the property behind a contract field."""
        return self.item(entity).fields[field].property

    def written(
        self, entity: str, values: Mapping[str, Any], item: EntityMap | None = None
    ) -> dict[str, Any]:
        """Return what the gateway would write for contract values; references are given as `Ref`."""
        refs = {f"{value.obj}/{value.id}": value for value in values.values() if isinstance(value, Ref)}
        plain = {
            name: f"{value.obj}/{value.id}" if isinstance(value, Ref) else value
            for name, value in values.items()
        }
        spec = partner_manifest().entity(entity)
        assert spec is not None
        item = item or self.item(entity)
        found, wrong = to_properties(item, spec, plain, lambda _, name: refs[name])
        assert not wrong, wrong
        return {**found, **item.create}

    def new_deal(self, company: Ref, **values: Any) -> dict[str, Any]:
        """Return what the gateway would write for a new deal."""
        return self.written("deal_registration", {**DEAL, "company": company, "state": "draft", **values})

    # ------------------------------------------------------------------------------------------- staff's hands

    @abstractmethod
    def company(self, name: str) -> Ref:
        """Add a partner company that is active."""

    @abstractmethod
    def deal(self, company: Ref, **values: Any) -> Ref:
        """Add a deal of a company that is under review. `values`: contract fields besides those of DEAL."""

    @abstractmethod
    def request(self, company: Ref, subject: str) -> Ref:
        """Add a request of a company that is open."""

    @abstractmethod
    def edit(self, ref: Ref, **values: Any) -> None:
        """Change contract fields of a deal or request, or a company's `name`."""

    @abstractmethod
    def look(self, ref: Ref) -> Mapping[str, Any]:
        """Return title, customer, competitor, next_steps, amount and state of a deal; {} if it is gone."""

    @abstractmethod
    def count(self, customer: str) -> int:
        """Return how many deals there are for a customer of that name, archived ones not counted."""

    @abstractmethod
    def note(self, parent: Ref, text: str, *, public: bool) -> Ref:
        """Write a note on a deal or request."""

    @abstractmethod
    def texts(self, parent: Ref) -> list[str]:
        """Return the texts of all notes on a deal or request, without any markup."""

    @abstractmethod
    def files(self, parent: Ref) -> Mapping[str, bytes]:
        """Return the files on a deal or request, by name."""

    @abstractmethod
    def archive(self, ref: Ref) -> None:
        """Archive a row, or do what comes nearest to it."""

    @abstractmethod
    def delete(self, ref: Ref) -> None:
        """Delete a row."""

    @abstractmethod
    def merge(self, loser: Ref, winner: Ref) -> None:
        """Merge two deals."""

    @abstractmethod
    def move(self, ref: Ref, company: Ref) -> None:
        """Give a deal to another company, by whatever way moves the least of its times."""

    @abstractmethod
    def herd(self, company: Ref, many: int) -> None:
        """Add so many deals that all have one and the same modification time."""

    @abstractmethod
    def begin_late(self, ref: Ref, **values: Any) -> Callable[[], None]:
        """Edit a deal in a transaction that stays open; returns what commits it."""

    # ------------------------------------------------------------------------------------------- time and wire

    @abstractmethod
    def tick(self, seconds: float) -> None:
        """Let time pass, for the system and the gateway."""

    def settle(self) -> None:
        """Let so much time pass that nothing that was done is hidden from any list."""
        can = self.port.capabilities
        self.tick(can.index_lag + can.late_commit + 2 * can.clock_step + 11)

    @abstractmethod
    def answer(self, status: int, *, retry_after: float | None = None, times: int = 1) -> None:
        """Have the next calls answered with an error, without doing anything."""

    @abstractmethod
    def lose_answer(self) -> None:
        """Have the next write carried out, and its answer lost."""

    @abstractmethod
    def before_write(self, act: Callable[[], object]) -> None:
        """Have somebody act just before the next write reaches the system, when all reading before it is done."""

    @abstractmethod
    def cut(self, after: int = 0) -> None:
        """Break the connection after so many more calls, until `mend`."""

    @abstractmethod
    def mend(self) -> None:
        """Undo `cut`."""

    @abstractmethod
    def reopened(self) -> System:
        """Return another connector over the same system, as after a restart; it is `system` from then on."""

    @abstractmethod
    def refused(self) -> tuple[str, Any]:
        """Return a contract field of a deal and a value that the gateway takes and the system itself refuses."""

    def close(self) -> None:  # noqa: B027  (most hold nothing)
        """Give up what the lab holds."""
