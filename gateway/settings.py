"""Settings of a gateway process: from the environment (`COUNTERPART_GATEWAY_…`), a `.env` file, or the command line."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.contract.manifest import Manifest, parse_manifest
from gateway.identity.oidc import is_safe
from gateway.identity.options import OidcOptions, Options
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
    #: Where people's browsers find this gateway, such as https://partners.vendor.example: in invitations' links and at
    #: the issuer. Empty: the address a request came to.
    public_url: str = ""
    #: An OpenID Connect issuer people may sign in with. Its client's redirect address is PUBLIC_URL/oauth/callback.
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    #: Its name on the sign-in page.
    oidc_label: str = "your organisation"
    #: There are no passwords: everybody signs in with the issuer.
    oidc_only: bool = False
    #: Take the issuer's e-mail addresses for verified although it does not say that they are.
    oidc_trust_email: bool = False
    #: Kiosks may be let in by a code.
    device_code: bool = False
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

    @model_validator(mode="after")
    def _issuer(self) -> Self:
        if self.oidc_only and not self.oidc_issuer:
            raise ValueError("oidc_only needs an oidc_issuer: nobody could sign in.")
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("oidc_issuer needs an oidc_client_id, as it was registered there.")
        if self.oidc_issuer and not is_safe(self.oidc_issuer, self.oidc_issuer):
            raise ValueError("oidc_issuer must begin with https://.")
        return self

    def options(self) -> Options:
        """Return how people may sign in."""
        oidc = OidcOptions(
            self.oidc_issuer,
            self.oidc_client_id,
            self.oidc_client_secret.get_secret_value(),
            self.oidc_label,
            only=self.oidc_only,
            trust_email=self.oidc_trust_email,
        )
        return Options(self.public_url.rstrip("/"), self.device_code, oidc if self.oidc_issuer else None)

    def reached_at(self) -> str:
        """Return under which address people reach this gateway, as far as settings tell."""
        return self.public_url or f"http://{self.host}:{self.port}"

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
