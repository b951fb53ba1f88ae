"""Settings of a gateway process: from the environment (`COUNTERPART_GATEWAY_…`), a `.env` file, or the command line."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.contract.manifest import Manifest, parse_manifest
from gateway.limits import Limits
from gateway.outbound import Rules

_ROOT = Path(__file__).parent.parent


class Settings(BaseSettings):
    """What a person sets. Everything has a default that works on one machine."""

    model_config = SettingsConfigDict(env_prefix="COUNTERPART_GATEWAY_", env_file=".env", extra="ignore")

    #: Where database, keys and file bytes are kept.
    folder: Path = Path("gateway-data")
    #: The portal that is served.
    manifest: Path = _ROOT / "resources" / "manifests" / "partner.toml"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8470
    #: Where the database is: empty for a file in the folder, or `postgresql://user:password@host/name`.
    database: SecretStr = SecretStr("")
    #: Connections a process may hold to PostgreSQL.
    database_connections: Annotated[int, Field(ge=2, le=500)] = 20
    #: Where the embedded CRM's database is; by default beside the gateway's, and in PostgreSQL in the schema `crm`.
    crm_url: str = ""
    #: The vendor's console for the embedded CRM, under /console.
    console: bool = True
    https_only: bool = False
    #: Hosts (`crm.vendor.example`, `10.1.2.3:8443`) in the vendor's own network that links in data may lead to. All
    #: others are reached at public addresses alone, and by https.
    inside_hosts: tuple[str, ...] = ()
    ingest_seconds: Annotated[float, Field(gt=0)] = 2.0
    sweep_minutes: Annotated[float, Field(gt=0)] = 10.0
    brake_share: Annotated[float, Field(gt=0, le=1)] = 0.1
    brake_floor: Annotated[int, Field(ge=0)] = 20
    access_minutes: Annotated[float, Field(gt=0)] = 15.0
    refresh_hours: Annotated[float, Field(gt=0)] = 14 * 24.0
    log_level: str = "INFO"
    log_json: bool = False

    def limits(self) -> Limits:
        """Return the numbers the core keeps to."""
        return Limits(
            sweep_every=timedelta(minutes=self.sweep_minutes),
            brake_share=self.brake_share,
            brake_floor=self.brake_floor,
            access=timedelta(minutes=self.access_minutes),
            refresh=timedelta(hours=self.refresh_hours),
        )

    def outbound_rules(self) -> Rules:
        """Return what the gateway may fetch of what data points to."""
        return Rules(inside=frozenset(host.lower() for host in self.inside_hosts))

    def load_manifest(self) -> Manifest:
        """Read the manifest. Raises OSError, ValueError or UpdateNeeded."""
        return parse_manifest(tomllib.loads(self.manifest.read_text("utf-8")))

    def crm_address(self) -> str:
        """Return the address of the embedded CRM's database."""
        beside = self.database.get_secret_value() or f"sqlite:///{(self.folder / 'crm.sqlite3').resolve()}"
        return self.crm_url or beside

    def database_address(self) -> str:
        """Return the address of the gateway's database."""
        file = f"sqlite:///{(self.folder / 'gateway.sqlite3').resolve()}"
        return self.database.get_secret_value() or file
