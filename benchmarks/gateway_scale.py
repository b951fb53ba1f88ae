"""What a reading call costs on PostgreSQL with few and with very many records of other partners beside one's own."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from app.contract.changes import split_puts
from benchmarks.crowd import Crowd, crowd
from benchmarks.harness import Bound, Goal, Result, Scale, alone, compared, in_words, interleaved, timed
from gateway.core import Gateway
from gateway.service import Service

#: A call may cost so many times as much with a hundred times the records.
_FLAT = Goal(Bound.FLAT, 1.5)


@dataclass(frozen=True)
class Sizes:
    """Partners, few and many, and how many registrations each has."""

    few: int
    many: int
    each: int
    calls: int

    @classmethod
    def of(cls, scale: Scale) -> Sizes:
        """The sizes the goals are for: 10,000 and 1,000,000 registrations."""
        return cls(2, 6, 40, 3) if scale.quick else cls(20, 2_000, 500, 40)


@dataclass(frozen=True)
class _Reader:
    """The first partner's person, and the gateway they ask."""

    crowd: Crowd
    gateway: Gateway
    behind: str
    head: str

    @classmethod
    def of(cls, crowd: Crowd, gateway: Gateway, late: int) -> _Reader:
        partner = crowd.partners[0]
        version = gateway.grant(partner.session).version
        return cls(crowd, gateway, crowd.cursor(partner, late, version), crowd.cursor(partner, 0, version))

    def changes(self, each: int) -> None:
        """Pull everything of theirs that changed: `each` registrations."""
        _count(self.gateway.changes(self.crowd.partners[0].session, self.behind, each), each)

    def snapshot(self, each: int) -> None:
        """Read the first page of a snapshot."""
        _count(self.gateway.snapshot(self.crowd.partners[0].session, None, each), each)

    def digest(self, _each: int) -> None:
        """Have everything of theirs summed up."""
        if not self.gateway.digest(self.crowd.partners[0].session, self.head).current:
            raise ValueError("the digest was not made")


def _count(body: bytes, expected: int) -> None:
    envelope, puts = split_puts(body)
    found = len(json.loads(puts))
    if found < expected:
        raise ValueError(f"{found} records came instead of {expected}: {envelope[:200]!r}")


def gateway_scale(scale: Scale) -> Iterator[Result]:
    """Changes, a page of a snapshot and the digest, each with 10,000 and with 1,000,000 records in the feed."""
    sizes = Sizes.of(scale)
    late = sizes.each * 2
    with ExitStack() as stack:
        readers = []
        for partners in (sizes.many, sizes.few):
            folder = scale.folder / f"crowd-{partners}"
            found = stack.enter_context(crowd(folder, partners, sizes.each, late))
            service = Service.open(found.settings())
            stack.callback(service.close)
            readers.append(_Reader.of(found, service.gateway, late))
        large, small = readers
        held = f"{in_words(large.crowd.records)} of {sizes.many:,} partners"
        note = f"{held} against {in_words(small.crowd.records)}"
        for name, call in (
            ("changes", _Reader.changes),
            ("snapshot", _Reader.snapshot),
            ("digest", _Reader.digest),
        ):
            taken = _taken(scale, sizes, large, small, call)
            yield compared(
                f"scale.{name}", "ms", _FLAT, large.crowd.records, taken, f"{sizes.each} of {note}"
            )
        yield from _kept(large.crowd)


def _taken(
    scale: Scale, sizes: Sizes, large: _Reader, small: _Reader, call: Callable[[_Reader, int], None]
) -> tuple[list[float], list[float]]:
    def median(reader: _Reader) -> float:
        return statistics.median(timed(lambda: call(reader, sizes.each)) for _ in range(sizes.calls)) * 1000

    median(large)
    median(small)
    return interleaved(scale.runs * 2, lambda: median(large), lambda: median(small))


def _kept(found: Crowd) -> Iterator[Result]:
    per = [found.size / found.records]
    yield alone(
        "scale.bytes", "bytes", Goal(Bound.NONE), found.records, per, "of PostgreSQL, a record in all"
    )
    seconds = [found.filled + found.indexed]
    note = f"COPY {found.filled:.0f} s, indexes {found.indexed:.0f} s"
    yield alone("scale.load", "s", Goal(Bound.NONE), found.records, seconds, note)
