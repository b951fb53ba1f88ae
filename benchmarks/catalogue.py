"""Every measurement by name, in the order of the table."""

from __future__ import annotations

from benchmarks.harness import Measurement

ALL: dict[str, Measurement] = {}
