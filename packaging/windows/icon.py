"""The program's icon as Windows has it: one file with a picture of each size."""

from __future__ import annotations

import struct
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tile import tiles

#: Edges in pixels: lists, task bar at several scales, large tiles.
EDGES = (16, 24, 32, 48, 64, 128, 256)


def ico(pictures: Mapping[int, bytes]) -> bytes:
    """An .ico file of PNG pictures by their edges, as Windows reads them since Vista. No edge is above 256."""
    head = struct.pack("<HHH", 0, 1, len(pictures))
    at = len(head) + 16 * len(pictures)
    entries, bodies = b"", b""
    for edge, png in sorted(pictures.items()):
        # 256 is written as 0.
        entries += struct.pack("<BBBBHHII", edge % 256, edge % 256, 0, 0, 1, 32, len(png), at + len(bodies))
        bodies += png
    return head + entries + bodies


def write_icon(target: Path) -> Path:
    """Draw the icon into a file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(ico(tiles(EDGES)))
    return target
