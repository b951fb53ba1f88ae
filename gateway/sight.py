"""What mutations name, read in one go: the records as the mirror has them, and what their user sees of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from app.contract.ids import is_gid
from app.contract.mutations import Kind, Mutation
from gateway.convert import Unconvertible
from gateway.crm.port import Ref
from gateway.feed import mirror as mirrored
from gateway.feed.mirror import Mirrored
from gateway.feed.rows import visible
from gateway.grants import Grant
from gateway.ledger import being_made
from gateway.translate import RefOf


@dataclass(frozen=True)
class Sight:
    """Records by gid as far as they are known. `on_their_way`: unknown ones this user has asked to make.

    `counts`: live children by entity type, of the records that commands are about.
    """

    grant: Grant
    known: Mapping[str, Mirrored]
    on_their_way: frozenset[str]
    counts: Mapping[str, Mapping[str, int]]

    def seen(self, gid: str) -> Mirrored | None:
        """Return a record if the user sees it."""
        record = self.known.get(gid)
        return record if visible(self.grant, record) else None

    def rows_for(self, own: str) -> RefOf:
        """Return how rows are found that a write to the system `own` names."""

        def ref_of(system: str, gid: str) -> Ref:
            record = self.seen(gid)
            if record is None:
                raise Unconvertible("This record is not shared with you.")
            if record.system != (system or own):
                raise Unconvertible("This kind of record cannot stand here.")
            return record.ref

        return ref_of


def look(connection: Connection, grant: Grant, mutations: Iterable[Mutation]) -> Sight:
    """Read what mutations are about and what their values name."""
    asked = tuple(mutations)
    named = {name for mutation in asked for name in names(mutation) if is_gid(name)}
    known = mirrored.by_gids(connection, named)
    commanded = [mutation.gid for mutation in asked if mutation.kind is Kind.COMMAND]
    return Sight(
        grant,
        known,
        being_made(connection, grant.user, named - known.keys()),
        mirrored.child_counts(connection, commanded),
    )


def names(mutation: Mutation) -> set[str]:
    """Return the record a mutation is about, and those its values may refer to, among other texts."""
    args = mutation.command.args.values() if mutation.command else ()
    values = [*mutation.changes.values(), *args]
    several = [item for value in values if isinstance(value, list) for item in value]
    return {mutation.gid, *(value for value in (*values, *several) if isinstance(value, str))}
