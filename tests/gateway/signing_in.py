"""Verbs for tests of identity: other options, a witness that remembers, and the pages in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
from sqlalchemy import Connection

from gateway.api.app import build_app
from gateway.core import Gateway
from gateway.identity.options import Options
from tests.gateway.serving import serving
from tests.gateway.world import World
from tests.patience import PATIENCE


class Remembering:
    """A witness that remembers."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, str, dict[str, object]]] = []

    def note(self, connection: Connection, event: str, *, user: str, device: str, **facts: object) -> None:
        """Remember an event; what is told afterwards would not be rolled back with it."""
        assert connection.in_transaction()
        self.events.append((event, user, device, facts))

    @property
    def names(self) -> list[str]:
        """The events' names."""
        return [name for name, *_ in self.events]


def witnessed(world: World) -> Remembering:
    """Let a world's gateway tell a witness from now on."""
    witness = Remembering()
    world.gateway = Gateway(replace(world.gateway.setup, witness=witness))
    return witness


def with_options(world: World, **options: Any) -> World:
    """Give a world's gateway other options."""
    world.gateway = Gateway(replace(world.gateway.setup, options=Options(**options)))
    return world


@contextmanager
def browser(world: World, **members: Any) -> Iterator[httpx.Client]:
    """Serve a world's gateway, and open a browser on it that follows nothing by itself."""
    with (
        serving(build_app(world.gateway)) as url,
        httpx.Client(base_url=url, timeout=PATIENCE, **members) as client,
    ):
        yield client


def hidden(page: httpx.Response, name: str) -> str:
    """The value of a hidden field on a page."""
    return page.text.split(f'name="{name}" value="')[1].split('"')[0]
