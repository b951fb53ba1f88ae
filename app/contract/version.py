"""Versions of what travels between client and gateway."""

from __future__ import annotations

#: The release of this code base; client and gateway are released together.
RELEASE = "0.1.0"

#: The shape of the calls under `/v1`. A mutation carries the schema it was captured with.
WIRE_SCHEMA = 1

#: The newest manifest format this code understands. A manifest says which format it needs at least.
MANIFEST_FORMAT = 1
