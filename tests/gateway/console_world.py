"""The console over a small embedded CRM and a gateway beside it, and a browser as far as most tests need one."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from gateway.blobs import MemoryBlobs
from gateway.clock import RandomIds
from gateway.console.auth import StaffAuth
from gateway.console.door import GatewayDoor
from gateway.console.mount import ConsoleSettings, mount_console
from gateway.console.office import AuditLine, AuditWanted, Office, Verdict
from gateway.console.trail import GatewayTrail
from gateway.core import Gateway, Setup
from gateway.crm.embedded.codes import StaffRole
from gateway.crm.embedded.unit import AUTOMATION
from gateway.identity.passwords import Passwords
from gateway.limits import Limits
from gateway.mapping import SystemMapping
from gateway.systems import System
from tests.gateway.crm_world import Clock, World, build_world
from tests.gateway.databases import lender
from tests.gateway.world import partner_manifest

PASSWORD = "fjord-lantern-52"


class Client:
    """An HTTP client that calls the application in its own event loop."""

    def __init__(self, portal: BlockingPortal, app: FastAPI) -> None:
        self._portal = portal
        transport = httpx.ASGITransport(app)
        self._client = httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", follow_redirects=True
        )

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self._portal.call(partial(self._client.get, path, **options))

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self._portal.call(partial(self._client.post, path, **options))

    def close(self) -> None:
        self._portal.call(self._client.aclose)


class Console:
    """A browser, as far as these tests need one."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @property
    def token(self) -> str:
        return self.client.cookies.get("starlette_admin_csrftoken") or ""

    def sign_in(self, login: str = "ingrid", password: str = PASSWORD) -> Any:
        self.client.get("/console/login")
        form = {"username": login, "password": password, "csrftoken": self.token}
        return self.client.post("/console/login", data=form, follow_redirects=False)

    def form(self, path: str) -> dict[str, Any]:
        """Open a form and return what a browser would send if nothing were touched."""
        page = self.client.get(path)
        assert page.status_code == 200, page.text
        body = page.text[page.text.index("<form action=") :]
        values: dict[str, Any] = {}
        for tag in re.findall(r"<input\b[^>]*>", body):
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            if name and 'type="submit"' not in tag:
                values[name[1]] = value[1] if value else ""
        texts = re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', body, re.S)
        values |= {name: unescape(text).replace("\n", "\r\n") for name, text in texts}
        for attributes, options in re.findall(r"<select([^>]*)>(.*?)</select>", body, re.S):
            name = re.search(r'name="([^"]*)"', attributes)
            chosen = re.findall(r'<option[^>]*value="([^"]*)"[^>]*\bselected', options)
            initial = re.search(r'data-initial="([^"]*)"', attributes)
            if name and (chosen or initial):
                values[name[1]] = chosen or [
                    str(key) for key in json.loads(unescape(initial[1] if initial else ""))
                ]
        return values

    def post(self, path: str, values: dict[str, Any]) -> Any:
        return self.client.post(path, data={**values, "csrftoken": self.token}, follow_redirects=False)

    def act(self, obj: str, pk: str, name: str, files: Any = None, **values: Any) -> Any:
        return self.client.post(
            f"/console/_api/{obj}/row-action?pk={pk}&name={name}",
            data=values,
            files=files,
            headers={"X-CSRFToken": self.token},
        )


class GatewayClock:
    """The CRM's clock, as the gateway asks for it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> Any:
        """Return the time it shows."""
        return self._clock()

    def monotonic(self) -> float:
        """Return seconds."""
        return self._clock().timestamp()


@cache
def embedded_mapping() -> SystemMapping:
    """The mapping of the embedded CRM."""
    return SystemMapping.load((files("gateway.crm.embedded") / "mapping.toml").read_text("utf-8"))


def build_gateway(world: World, folder: Path, limits: Limits | None = None) -> Gateway:
    """Return a gateway that has read the CRM."""
    clock = GatewayClock(world.clock)
    gateway = Gateway(
        Setup(
            database=lender.database(folder),
            manifest=partner_manifest(),
            systems=(System(world.crm, embedded_mapping()),),
            blobs=MemoryBlobs(),
            clock=clock,
            ids=RandomIds(clock),
            random=os.urandom,
            secret=b"s" * 32,
            signing=Ed25519PrivateKey.from_private_bytes(bytes(32)),
            passwords=Passwords(memory=64, rounds=1, lanes=1),
            limits=limits or Limits(),
        )
    )
    lender.closing(gateway.close)
    gateway.backfill()
    return gateway


class Chronicle:
    """An audit log of a few entries."""

    def __init__(self, *lines: AuditLine) -> None:
        self.lines = lines
        self.whole = True

    def page(self, wanted: AuditWanted, most: int) -> Sequence[AuditLine]:
        """Return entries, the newest first."""
        found = [
            line
            for line in sorted(self.lines, key=lambda line: -line.seq)
            if wanted.actor.lower() in line.actor.lower()
            and wanted.event in ("", line.event)
            and (wanted.since is None or line.at >= wanted.since)
            and (wanted.until is None or line.at < wanted.until)
            and (not wanted.before or line.seq < wanted.before)
        ]
        return found[:most]

    def events(self) -> Sequence[str]:
        """Return the kinds of event there are."""
        return sorted({line.event for line in self.lines})

    def verify(self) -> Verdict:
        """Say what was set."""
        words = f"{len(self.lines)} entries, chain whole." if self.whole else "Broken at entry 2."
        return Verdict(self.whole, words)


@dataclass
class Vendor:
    """The vendor's side: the CRM, the gateway beside it and the console's application."""

    world: World
    gateway: Gateway
    auth: StaffAuth
    office: Office
    app: FastAPI

    def staff(self, login: str, role: StaffRole | None) -> int:
        """Add a member of staff with a role, who can sign in; returns their id."""
        with self.world.crm.writing() as unit:
            values = {"login": login, "full_name": login.title(), "role_code": role and role.value}
            key = unit.insert("staff", values, AUTOMATION)
        self.auth.set_password(key, PASSWORD)
        return key


def staff_auth(world: World, gateway: Gateway) -> StaffAuth:
    """How staff sign in at one process."""
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    return StaffAuth(world.crm, hasher, GatewayDoor(gateway))


def build_vendor(folder: Path, limits: Limits | None = None, **parts: Any) -> Vendor:
    """Make it; Ingrid, who has no role and so is an administrator, can sign in. `parts` replace some of the office."""
    world = build_world(lender.crm_address(folder))
    gateway = build_gateway(world, folder, limits)
    auth = staff_auth(world, gateway)
    auth.set_password(world.desk.member.id, PASSWORD)
    trail = GatewayTrail(gateway)
    office = replace(Office.of(gateway, world.crm), **{"audit": trail, "witness": trail.note, **parts})
    app = FastAPI()
    mount_console(app, world.crm, auth, ConsoleSettings(secret_key="k" * 32), office)
    return Vendor(world, gateway, auth, office, app)


@contextmanager
def visiting(vendor: Vendor) -> Iterator[Console]:
    """Open a console nobody has signed in to."""
    with start_blocking_portal() as portal:
        client = Client(portal, vendor.app)
        yield Console(client)
        client.close()
