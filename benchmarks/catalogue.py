"""Every measurement by name, in the order of the table."""

from __future__ import annotations

from benchmarks.gateway_reading import changes_served, gateway_digest, nothing_changed, pull_by_size
from benchmarks.harness import Measurement
from benchmarks.live import live
from benchmarks.push import conflicts, push

ALL: dict[str, Measurement] = {
    "nothing_changed": nothing_changed,
    "push": push,
    "conflicts": conflicts,
    "live": live,
    "gateway.changes": changes_served,
    "gateway.pull_by_size": pull_by_size,
    "gateway.digest": gateway_digest,
}
