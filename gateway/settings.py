"""Settings of a gateway process.

Of what is said twice the first of these holds: the command line, the environment (`COUNTERPART_GATEWAY_…`), a `.env`
file, files with a secret each, the configuration file (TOML), the defaults.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from app.contract.manifest import Manifest
from gateway.connections import EMBEDDED, Connection, EmbeddedConnection, Name, misnamed
from gateway.identity.oidc import is_safe
from gateway.identity.options import OidcOptions, Options
from gateway.limits import Limits
from gateway.portals import PORTALS, SHIPPED, load_portal, shipped
from gateway.rates import Rate, Rates
from gateway.settings_sources import PREFIX, ConfigFile, SecretFiles, UnusableSettings, told


class Settings(BaseSettings):
    """What a person sets. Everything has a default that works on one machine."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_nested_delimiter="__",
        extra="ignore",
        hide_input_in_errors=True,
    )

    #: The configuration file; without it, /etc/counterpart-gateway/gateway.toml if there is one.
    config: Path | None = None
    #: A folder with a file for each secret, called as its setting; without it, systemd's credentials, or
    #: `secrets` beside the configuration file.
    secrets_dir: Path | None = None
    #: Where database, keys and file bytes are kept.
    folder: Path = Path("gateway-data")
    #: The portal that is served: a file, or the name of one that ships (partner, customer, client, member).
    manifest: Path = SHIPPED / "partner.toml"
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
    #: How browsers and clients reach the gateway, such as https://partners.example.com: in invitations' links and at
    #: the issuer, and needed behind a proxy. Empty: the address a request came to.
    public_url: Annotated[str, Field(pattern=r"^(https?://[^/\s?#]+/?)?$")] = ""
    #: Proxies whose X-Forwarded-For and X-Forwarded-Proto count: addresses or networks, joined by commas.
    forwarded_allow_ips: str = ""
    #: Certificate chain and key as PEM: with them the gateway speaks HTTPS itself.
    tls_cert: Path | None = None
    tls_key: Path | None = None
    #: Seconds a gateway that was asked to end goes on saying so at /readyz before it stops listening.
    drain_seconds: Annotated[float, Field(ge=0, le=300)] = 0.0
    #: Prometheus: on a port of its own on this machine, or at /metrics for whoever has the token. Off without both.
    metrics_port: Annotated[int | None, Field(ge=0, le=65535)] = None
    metrics_token: SecretStr | None = None
    #: What one device may do a minute, twice that at once; 0 for no limit. A partner: so many times that.
    rate_requests: Annotated[float, Field(ge=0)] = 1_800.0
    rate_mutations: Annotated[float, Field(ge=0)] = 1_200.0
    rate_megabytes: Annotated[float, Field(ge=0)] = 600.0
    rate_partner: Annotated[float, Field(ge=1)] = 10.0
    #: Requests a minute of one address without a token that is known.
    rate_unknown: Annotated[float, Field(ge=0)] = 600.0
    #: Gateway processes behind one address: each allows its share of the limits above.
    processes: Annotated[int, Field(ge=1)] = 1
    ingest_seconds: Annotated[float, Field(gt=0)] = 2.0
    sweep_minutes: Annotated[float, Field(gt=0)] = 10.0
    brake_share: Annotated[float, Field(gt=0, le=1)] = 0.1
    brake_floor: Annotated[int, Field(ge=0)] = 20
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
    #: Seconds a record stays reserved for a process that writes it, and so for one that died doing it. Well over what
    #: the calls of one mutation may take at the slowest system.
    lease_seconds: Annotated[float, Field(ge=15, le=3600)] = 120.0
    #: Minutes within which removals add up for the brake.
    brake_minutes: Annotated[float, Field(gt=0)] = 60.0
    #: The source systems by their names, see `connections.py`; without any, the embedded CRM.
    systems: dict[Name, Connection] = {}
    #: By system: what its webhooks are signed with, as JSON. Without a secret a system's webhooks are not taken.
    webhook_secrets: dict[str, SecretStr] = {}
    access_minutes: Annotated[float, Field(gt=0)] = 15.0
    refresh_hours: Annotated[float, Field(gt=0)] = 14 * 24.0
    #: Where file bytes are kept: in the folder, or in a bucket that several gateway processes share.
    blobs: Literal["disk", "s3"] = "disk"
    s3_bucket: str = ""
    #: Empty for AWS itself; otherwise the address of a store that speaks S3.
    s3_endpoint: str = ""
    s3_region: str = ""
    #: What all names in the bucket begin with, such as "counterpart/".
    s3_prefix: str = ""
    #: Empty: the ordinary AWS chain (environment, profile, the machine's role).
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
    #: Asks for encryption with every object; empty leaves it to the bucket's own default.
    s3_encryption: Literal["", "AES256", "aws:kms"] = ""
    s3_kms_key: str = ""
    log_level: str = "INFO"
    log_json: bool = False

    @model_validator(mode="after")
    def _bucket_is_named(self) -> Self:
        if self.blobs == "s3" and not self.s3_bucket:
            raise ValueError("With blobs=s3, name the bucket: COUNTERPART_GATEWAY_S3_BUCKET.")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Say what goes before what."""
        files = SecretFiles(settings_cls), ConfigFile(settings_cls)
        return init_settings, env_settings, dotenv_settings, *files

    @classmethod
    def load(cls, **given: Any) -> Self:
        """Return the settings, with what the command line gives. Raises UnusableSettings."""
        try:
            return cls(**{name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            raise told(error) from None
        except SettingsError as error:
            raise UnusableSettings([f"{error}."]) from None

    @field_validator("manifest")
    @classmethod
    def _by_name(cls, value: Path) -> Path:
        return shipped(str(value)) if str(value) in PORTALS else value

    @model_validator(mode="after")
    def _together(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key belong together; set both, or neither")
        return self

    @property
    def serves_https(self) -> bool:
        """Whether browsers and clients reach the gateway by HTTPS: by its own, or a proxy's."""
        return self.tls_cert is not None or self.public_url.startswith("https://")

    def rates(self) -> Rates:
        """Return what callers may do, this process's share of it."""
        share = 1 / self.processes
        return Rates(
            requests=Rate.of(self.rate_requests * share),
            mutations=Rate.of(self.rate_mutations * share),
            bytes=Rate.of(self.rate_megabytes * 1024 * 1024 * share),
            partner=self.rate_partner,
            unknown=Rate.of(self.rate_unknown * share),
        )

    def limits(self) -> Limits:
        """Return the numbers the core keeps to."""
        return Limits(
            sweep_every=timedelta(minutes=self.sweep_minutes),
            lease=timedelta(seconds=self.lease_seconds),
            brake_share=self.brake_share,
            brake_floor=self.brake_floor,
            brake_window=timedelta(minutes=self.brake_minutes),
            access=timedelta(minutes=self.access_minutes),
            refresh=timedelta(hours=self.refresh_hours),
        )

    @model_validator(mode="after")
    def _systems_are_named(self) -> Self:
        wrong = misnamed(self.systems)
        if wrong:
            raise ValueError(f"systems: {wrong}")
        return self

    def connections(self) -> dict[str, Connection]:
        """Return the systems to stand beside, by name."""
        return dict(self.systems) or {EMBEDDED: EmbeddedConnection()}

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

    def secrets_of_webhooks(self) -> dict[str, bytes]:
        """Return the secrets as bytes; one that is blank is none."""
        secrets = {name: secret.get_secret_value() for name, secret in self.webhook_secrets.items()}
        return {name: secret.encode() for name, secret in secrets.items() if secret.strip()}

    def load_manifest(self) -> Manifest:
        """Read the manifest with all it extends. Raises OSError, ValueError or UpdateNeeded."""
        return load_portal(self.manifest)

    def crm_address(self) -> str:
        """Return the address of the embedded CRM's database."""
        beside = self.database.get_secret_value() or f"sqlite:///{(self.folder / 'crm.sqlite3').resolve()}"
        return self.crm_url or beside

    def database_address(self) -> str:
        """Return the address of the gateway's database."""
        file = f"sqlite:///{(self.folder / 'gateway.sqlite3').resolve()}"
        return self.database.get_secret_value() or file
