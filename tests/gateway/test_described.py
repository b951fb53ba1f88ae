"""The whole interface against its published description: nothing fails, and every answer is one that is described.

What is tried is made up from the description: valid calls, and calls that are wrong in one place. A few each time, the
same ones; many and others at night (`COUNTERPART_EXAMPLES`).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from gateway.api.app import build_app
from tests.gateway.world import Mirror, World

_MANY = int(os.environ.get("COUNTERPART_EXAMPLES", "0"))
_FEW = 6

pytestmark = pytest.mark.databases("sqlite")

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    unsupported_method,
    allow_header_conformance,
    ignored_auth,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


GUIDE = b"guide"


class Served:
    """A gateway with a record of each kind, and a representative who is signed in."""

    def __init__(self) -> None:
        # In a file, as migrations leave it: the gateway says of itself that it is ready.
        self._folder = tempfile.TemporaryDirectory(prefix="counterpart-described-")
        self.world = World(folder=Path(self._folder.name))
        deal = self.world.deal(person="Remy")
        self.world.port.add_file("doc", GUIDE, title="Guide", stage="C", audience="everyone")
        self.world.port.add("note", on_id=deal.id, on_kind="D", text="Hello", internal=False)
        self.world.read()
        sessions = self.world.gateway.identity.sessions
        with self.world.database.write() as connection:
            self.token = sessions.first_tokens(connection, self.world.rep.id).access
        self.app: FastAPI = build_app(self.world.gateway)
        self.deal = self.world.gid(deal)

    @property
    def cursor(self) -> str:
        """A cursor that holds."""
        return Mirror(self.world, self.world.rep).snapshot().cursor


schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")

# The calls are known once the application is there, and pytest asks for them when it collects.
served = Served()
schema = schemathesis.openapi.from_asgi("/openapi.json", served.app).exclude(
    path="/v1/events"
)  # it has no end
schema.config.generation.update(modes=list(GenerationMode), allow_x00=True)


def fit(case: schemathesis.Case[Any]) -> None:
    """Let every other call name what is there: of itself, hardly any made-up one would."""
    given = [*case.query.values(), *case.path_parameters.values()]
    if sum(map(len, map(str, given))) % 2:
        return
    known: dict[str, object] = {"gids": served.deal, "cursor": served.cursor, "entity": "deal_registration"}
    known |= {"bucket": int(served.deal[-1], 16), "sha256": hashlib.sha256(GUIDE).hexdigest()}
    for named in (case.query, case.path_parameters):
        named.update({name: value for name, value in known.items() if name in named})


@schema.parametrize()
@settings(
    max_examples=_MANY or _FEW,
    deadline=None,
    derandomize=not _MANY,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_call_answers_as_it_is_described(case: schemathesis.Case[Any]) -> None:
    fit(case)
    case.call_and_validate(headers={"Authorization": f"Bearer {served.token}"}, checks=list(CHECKS))
