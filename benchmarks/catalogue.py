"""Every measurement by name, in the order of the table."""

from __future__ import annotations

from benchmarks.first_sync import first_sync
from benchmarks.gateway_reading import changes_served, gateway_digest, nothing_changed, pull_by_size
from benchmarks.gateway_scale import gateway_scale
from benchmarks.harness import Measurement
from benchmarks.idle_clients import idle_clients
from benchmarks.increment import increment
from benchmarks.live import live
from benchmarks.machine import machine
from benchmarks.push import conflicts, push
from benchmarks.store import proofs, save, size
from benchmarks.window import lists, memory, scroll, search, stall, start

ALL: dict[str, Measurement] = {
    "machine": machine,
    "first_sync": first_sync,
    "increment": increment,
    "nothing_changed": nothing_changed,
    "push": push,
    "conflicts": conflicts,
    "save": save,
    "live": live,
    "start": start,
    "lists": lists,
    "search": search,
    "scroll": scroll,
    "stall": stall,
    "memory": memory,
    "proofs": proofs,
    "size": size,
    "gateway.changes": changes_served,
    "gateway.pull_by_size": pull_by_size,
    "gateway.digest": gateway_digest,
    "scale": gateway_scale,
    "scale.idle": idle_clients,
}
