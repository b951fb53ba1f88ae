"""The source systems a gateway is to stand beside, as settings name them: which, where, with what credentials.

    [systems.crm]                                # "crm" is the system's name: in ids, commands and mappings
    kind = "hubspot"
    entities = ["company", "deal_registration", "request", "lead"]

    [systems.erp]
    kind = "odoo"
    url = "https://erp.vendor.example"
    database = "vendor"
    entities = ["order", "invoice"]              # what this system is the home of; all it maps when left out
    mapping = "/etc/counterpart-gateway/erp.toml"  # the shipped one when left out

A secret is better kept apart from that: in the environment (COUNTERPART_GATEWAY_SYSTEMS__ERP__KEY, or …__KEY_FILE that
names a file), or as the file `systems.erp.key` in the folder of secrets. The name is part of the records' ids: a system
that is called otherwise is another system.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

#: Where HubSpot answers.
_HUBSPOT = "https://api.hubapi.com"

#: A system's name: short, and fit for ids, variables and file names.
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]

_Url = Annotated[str, Field(pattern=r"^https?://[^/\s?#@]+(/[^\s?#]*)?$")]
_Number = Annotated[float, Field(ge=0)]


class _Connection(BaseModel):
    """What every system has. `label`: its name for people, the product's when empty."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    label: str = ""
    mapping: Path | None = None
    #: Another mapping that ships with the kind: `mapping-VARIANT.toml`.
    variant: Annotated[str, Field(pattern=r"^[a-z]*$")] = ""
    entities: tuple[str, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _secrets_in_files(cls, value: Any) -> Any:
        """Take `key_file = "…"` for the secret `key`."""
        if not isinstance(value, Mapping):
            return value
        found = dict(value)
        for name in secret_names(cls):
            path = found.pop(f"{name}_file", None)
            if path is None:
                continue
            if found.get(name):
                raise ValueError(f"{name} is set twice: by itself, and by a file. Remove one")
            try:
                found[name] = Path(str(path)).read_text("utf-8").strip()
            except (OSError, ValueError):
                raise ValueError(f"{path}, which is to hold {name}, cannot be read") from None
        return found

    @field_validator("entities", mode="before")
    @classmethod
    def _by_commas(cls, value: Any) -> Any:
        if isinstance(value, str) and not value.lstrip().startswith("["):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    def _needs(self, *ways: tuple[str, ...]) -> None:
        """Raise ValueError unless everything of one of these ways is set."""
        if not any(all(_is_set(getattr(self, name)) for name in way) for way in ways):
            raise ValueError(f"set {', or '.join(' and '.join(way) for way in ways)}")


class EmbeddedConnection(_Connection):
    """The small CRM that comes along. Its database is the setting `crm_url`."""

    kind: Literal["embedded"] = "embedded"


class OdooConnection(_Connection):
    """Odoo, over its JSON interface. `login`: of the user the key belongs to; only Odoo before 19 asks for it.

    `protocol`: found out by itself. `language`: that of the names the mapping goes by, such as those of stages.
    `late_commit`: seconds for which its transactions may stay open: `limit_time_real` of odoo.conf.
    """

    kind: Literal["odoo"]
    url: _Url
    database: str
    key: SecretStr
    login: str = ""
    protocol: Literal["auto", "json2", "jsonrpc"] = "auto"
    language: str = "en_US"
    late_commit: _Number = 120.0


class HubSpotConnection(_Connection):
    """HubSpot: a service key, or a project's app with its refresh token.

    `rate`: calls in ten seconds, and `daily`: calls in a day, that may be made; 0 for what any edition takes.
    `journal`: ask its journal of changes, to which the app has to have subscribed.
    """

    kind: Literal["hubspot"]
    base_url: _Url = _HUBSPOT
    service_key: SecretStr = SecretStr("")
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    refresh_token: SecretStr = SecretStr("")
    rate: Annotated[int, Field(ge=0)] = 0
    daily: Annotated[int, Field(ge=0)] = 0
    journal: bool = False

    @model_validator(mode="after")
    def _credentials(self) -> Self:
        self._needs(("service_key",), ("client_id", "client_secret", "refresh_token"))
        if self.journal and not self.refresh_token.get_secret_value():
            raise ValueError("journal is for an app: set client_id and client_secret and refresh_token")
        return self


class SalesforceConnection(_Connection):
    """Salesforce: a connected app with its client credentials, or a user with password and security token.

    `url`: the org's own address (My Domain). `daily`: calls of any 24 hours that may be spent.
    """

    kind: Literal["salesforce"]
    url: _Url
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    username: str = ""
    password: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    api_version: Annotated[str, Field(pattern=r"^(\d{2,3}\.0)?$")] = ""
    daily: Annotated[int, Field(gt=0)] = 100_000

    @model_validator(mode="after")
    def _credentials(self) -> Self:
        self._needs(("client_id", "client_secret"), ("username", "password", "token"))
        return self


Connection = Annotated[
    EmbeddedConnection | OdooConnection | HubSpotConnection | SalesforceConnection,
    Field(discriminator="kind"),
]

KINDS: tuple[type[_Connection], ...] = (
    EmbeddedConnection,
    OdooConnection,
    HubSpotConnection,
    SalesforceConnection,
)

#: The name of the embedded CRM: its rows' ids are made of it.
EMBEDDED = "embedded"


def secret_names(kind: type[BaseModel]) -> frozenset[str]:
    """Return which of a kind's settings are secrets."""
    return frozenset(name for name, field in kind.model_fields.items() if field.annotation is SecretStr)


#: Settings of any kind that are secrets.
SECRETS = frozenset[str]().union(*(secret_names(kind) for kind in KINDS))


def misnamed(systems: Mapping[str, object]) -> str:
    """Return what is wrong with the names of systems, empty when nothing is."""
    embedded = [name for name, one in systems.items() if isinstance(one, EmbeddedConnection)]
    if embedded not in ([], [EMBEDDED]):
        return f"the embedded CRM is called {EMBEDDED}, and there is one of it"
    if EMBEDDED in systems and not embedded:
        return f"{EMBEDDED} is the name of the embedded CRM: call this system otherwise"
    return ""


def _is_set(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)
