"""A gateway process as settings describe it: core, source systems, ingest thread and HTTP application."""

from __future__ import annotations

import hmac
import os
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from gateway.api.app import Shape, build_app
from gateway.assembly import database_at, on_disk
from gateway.clock import Clock, RandomIds, SystemClock
from gateway.connecting import Outlets, close_ports, open_systems
from gateway.console.auth import StaffAuth
from gateway.console.door import GatewayDoor
from gateway.console.mount import ConsoleSettings, mount_console
from gateway.console.office import Office
from gateway.console.trail import GatewayTrail
from gateway.core import Gateway
from gateway.crm.digests import StoredDigests
from gateway.crm.embedded.calendar import Calendar
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.port import Ref
from gateway.feed.relay import Relay
from gateway.ingest.worker import Worker
from gateway.keys import SECRET_FILE, load_secret
from gateway.limiter import Limiter
from gateway.operation import Operation
from gateway.settings import Settings
from gateway.stores import open_blobs
from gateway.systems import System, codes_of


@dataclass(frozen=True)
class Service:
    """The parts of one gateway process."""

    settings: Settings
    gateway: Gateway
    #: The embedded CRM. Where it is none of the source systems it keeps the console's staff accounts, and nothing else.
    crm: EmbeddedCrm
    systems: tuple[System, ...]

    @classmethod
    def open(cls, settings: Settings, clock: Clock | None = None) -> Service:
        """Open everything, making it the first time. Raises UnusableKey, OSError, ValueError."""
        clock = clock or SystemClock()
        manifest = settings.load_manifest()
        settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with ExitStack() as opened:
            crm = EmbeddedCrm.open(settings.crm_address(), clock.now, manifest.brand.vendor)
            opened.callback(crm.close)
            database = database_at(settings.database_address(), settings.database_connections)
            opened.callback(database.close)
            systems = open_systems(
                settings.connections(), Outlets(crm, clock, StoredDigests(database, clock))
            )
            opened.callback(close_ports, systems)
            gateway = on_disk(
                settings.folder,
                manifest,
                systems,
                clock,
                RandomIds(clock),
                os.urandom,
                limits=settings.limits(),
                database=database,
                options=settings.options(),
                blobs=open_blobs(settings),
            )
            gateway.webhooks.trust(settings.secrets_of_webhooks())
            opened.pop_all()  # from here on it is for `close`
        crm.take_codes(codes_of(gateway.systems.named(crm.system), manifest))
        return cls(settings, gateway, crm, systems)

    def close(self) -> None:
        """Close both databases, and connections to the systems."""
        close_ports(self.systems)
        self.gateway.close()
        self.crm.close()

    @property
    def has_crm(self) -> bool:
        """Whether the embedded CRM is one of the source systems."""
        return any(system.port is self.crm for system in self.systems)

    def operation(self) -> Operation:
        """Return what the process is operated by, as settings say."""
        limiter = Limiter(self.settings.rates(), self.gateway.ground.clock.monotonic)
        token = self.settings.metrics_token
        return Operation.of(self.gateway, limiter, token.get_secret_value() if token else "")

    def app(self, operation: Operation | None = None) -> FastAPI:
        """Return the application; while it runs, the ingest thread does, and the CRM's commits wake it."""
        besides = (Calendar(self.crm).turn,) if self.has_crm else ()
        worker = Worker(self.gateway, self.settings.ingest_seconds, besides)

        def committed(refs: tuple[Ref, ...]) -> None:
            self.gateway.committed(refs, self.crm.system)

        self.gateway.on_hint(worker.wake)
        database = self.gateway.ground.database
        relay = Relay(database, self.gateway.heard) if database.shared else None

        @asynccontextmanager
        async def running() -> AsyncIterator[None]:
            if self.has_crm:
                self.crm.on_commit(committed)
            worker.start()
            if relay:
                relay.start()
            try:
                yield
            finally:
                await run_in_threadpool(worker.stop)
                if relay:
                    await run_in_threadpool(relay.stop)

        shape = Shape(webhook_url=self.settings.public_url)
        app = build_app(self.gateway, shape, running, operation or self.operation())
        if self.settings.console:
            secret = load_secret(self.settings.folder / SECRET_FILE, os.urandom)
            console = ConsoleSettings(
                secret_key=hmac.digest(secret, b"console", "sha256").hex(),
                https_only=self.settings.https_only or self.settings.serves_https,
            )
            trail = GatewayTrail(self.gateway)
            office = replace(Office.of(self.gateway, self.crm), audit=trail, witness=trail.note)
            auth = StaffAuth(self.crm, door=GatewayDoor(self.gateway))
            mount_console(app, self.crm, auth, console, office, with_crm=self.has_crm)
        return app
