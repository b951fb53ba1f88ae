"""One wish for many records: which commands fit how many of them, giving one to all it fits, and taking that back.

Records are named by their row ids, as a list has them. What a command does not fit is left as it is and counted by
its state, so that it can be said before anything is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.contract.errors import CounterpartError, NotAllowed, Refused
from app.contract.manifest import CommandSpec, EntityType
from app.services.context import PortalContext, command_spec, moved_by_jobs
from app.services.going import Going
from app.services.intents import Intents
from app.services.records import Records
from app.services.views_model import Done, SyncState

#: Entered together: few enough that whoever else writes hardly waits, many enough that a disk is not asked for each.
_SLICE = 25
#: Read together.
_PIECE = 500


@dataclass(frozen=True)
class Offer:
    """A command for the chosen records: it fits `fits` of `chosen`; `others` counts the rest by what they are now."""

    command: CommandSpec
    fits: int
    chosen: int
    others: tuple[tuple[str, int], ...]

    @property
    def partial(self) -> bool:
        """Whether some of the chosen ones stay as they are."""
        return self.fits < self.chosen


@dataclass(frozen=True)
class Batch:
    """What one wish for many did. `done` can be undone together; `left` did not take it, the first `problem` why."""

    command: str
    done: tuple[Done, ...]
    left: int
    problem: str = ""


class Bulk:
    """Commands for many records of one entity type."""

    def __init__(self, context: PortalContext, records: Records, intents: Intents) -> None:
        self._context = context
        self._records = records
        self._intents = intents

    def offers(self, entity: str, ids: Sequence[int]) -> tuple[Offer, ...]:
        """Return the commands that fit some of the chosen records, those that fit most of them first."""
        spec = self._context.manifest.entity(entity)
        if spec is None or spec.lifecycle is None or not ids:
            return ()
        by_state, drafts = self._by_state(spec, ids)
        found = []
        apart = moved_by_jobs(self._context.manifest, spec)
        for command in spec.lifecycle.commands:
            # What is decided on has to be read first, and what is given with a new record needs that, one by one.
            if command.by != "partner" or command.binds or command.name in apart:
                continue
            fits = sum(count for state, count in by_state.items() if state in command.from_states)
            if fits:
                others = [
                    (self._state_words(spec, state), count)
                    for state, count in by_state.items()
                    if state not in command.from_states
                ]
                others += [(self._context.tr("not submitted"), drafts)] if drafts else []
                found.append(Offer(command, fits, len(ids), tuple(sorted(others, key=lambda one: -one[1]))))
        return tuple(sorted(found, key=lambda offer: (-offer.fits, not offer.command.primary)))

    def _by_state(self, entity: EntityType, ids: Sequence[int]) -> tuple[dict[str, int], int]:
        """Count the chosen records by state, those whose form is still open apart."""
        counts: dict[str, int] = {}
        drafts = 0
        initial = entity.lifecycle.initial if entity.lifecycle else ""
        states = self._context.store.projection.states_of(ids, entity.state_field)
        for (state, sync), count in states.items():
            if sync is SyncState.DRAFT:
                drafts += count
            else:
                counts[state or initial] = counts.get(state or initial, 0) + count
        return counts, drafts

    def _state_words(self, entity: EntityType, state: str) -> str:
        known = entity.lifecycle.state(state) if entity.lifecycle else None
        return self._context.tr.inside(known.label if known else state)

    def staying(self, offer: Offer) -> str:
        """Say which of the chosen ones a command does not fit: *2 under review, 1 approved stay as they are.*"""
        tr = self._context.tr
        others = tr.listed(f"{tr.number(count)} {state}" for state, count in offer.others)
        left = offer.chosen - offer.fits
        return tr.plural(left, "{others} stays as it is.", "{others} stay as they are.").format(others=others)

    def ends(self, entity: str, command: CommandSpec) -> bool:
        """Tell whether a command ends a record, so that it is asked about first."""
        spec = self._context.manifest.entity(entity)
        state = spec.lifecycle.state(command.to_state) if spec and spec.lifecycle else None
        return not command.primary and state is not None and not state.open

    def give(
        self,
        entity: str,
        ids: Sequence[int],
        command: str,
        args: Mapping[str, Any] | None = None,
        going: Going | None = None,
    ) -> Batch:
        """Give a command to all chosen records it fits; what is refused, or comes after a cancel, stays as it is."""
        kind = self._context.entity(entity)
        spec = command_spec(kind, command)
        if spec is None:
            raise NotAllowed
        going = going or Going(len(ids))
        gids = self._gids(ids, spec)
        going.total = len(gids)
        done: list[Done] = []
        refused: list[str] = []
        for start in range(0, len(gids), _SLICE):
            if going.cancelled:
                break
            with self._context.store.transaction():
                for gid in gids[start : start + _SLICE]:
                    self._give_one(gid, command, args, done, refused)
            # Only now are they on the disk for whoever sends them.
            self._context.wake()
            going.done = min(len(gids), start + _SLICE)
        return Batch(command, tuple(done), len(ids) - len(done), refused[0] if refused else "")

    def _give_one(
        self, gid: str, command: str, args: Mapping[str, Any] | None, done: list[Done], refused: list[str]
    ) -> None:
        try:
            done.append(self._intents.command(gid, command, args))
        except Refused as refusal:
            refused.append(" ".join(refusal.fields.values()) or self._context.tr.told(refusal))
        except CounterpartError as problem:
            refused.append(self._context.tr.told(problem))

    def _gids(self, ids: Sequence[int], spec: CommandSpec) -> list[str]:
        """The chosen records a command fits now, in their order; one whose form is open is handed in from there."""
        pieces = (ids[start : start + _PIECE] for start in range(0, len(ids), _PIECE))
        records = (record for piece in pieces for record in self._records.rows(piece))
        fitting = (record.gid for record in records if record.state in spec.from_states)
        # Beyond the state: no draft, no offer that has ended.
        return [gid for gid in fitting if any(one.name == spec.name for one in self._records.commands(gid))]

    def undo(self, batch: Batch) -> int:
        """Take a batch back; returns how many of it were too late for that."""
        late = 0
        for start in range(0, len(batch.done), _SLICE):
            with self._context.store.transaction():
                late += sum(not self._intents.undo(done) for done in batch.done[start : start + _SLICE])
        self._context.wake()
        return late
