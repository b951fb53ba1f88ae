"""What an organisation can set for its computers: one model, from which the templates and docs/admin.md are made.

A value comes from one of three places, the first that has it: what the organisation forces, what the user chose, what
the organisation recommends. `Managed` says which values are forced; those a user sees as set by their organisation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

#: A proxy is the system's, none, or the one at this address.
SYSTEM_PROXY, NO_PROXY = "system", "none"


class Policy(BaseModel):
    """The settings by their names in Python; registry, profile and file have them in PascalCase: `IdleLockSeconds`."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=to_pascal, populate_by_name=True
    )

    gateway_address: str = Field("", max_length=300)
    """The gateway this computer signs in at, such as https://portal.vendor.example; empty: the user writes it."""
    allowed_gateways: tuple[Annotated[str, Field(max_length=300)], ...] = Field((), max_length=50)
    """The only gateways one may sign in at; empty: any."""
    update_channel: Literal["none", "stable", "beta"] = "stable"
    """Which releases a per-user installation takes by itself; one that IT installed takes none."""
    update_address: str = Field("", max_length=300)
    """Where releases are fetched, instead of where this one came from; https."""
    kiosk: bool = False
    """A shared machine: sign-in by phone, full screen, nothing of a user stays."""
    kiosk_place: str = Field("", max_length=80)
    """Which screen this is, such as Partner lounge, Rotterdam · screen 2; shown at the top."""
    kiosk_help: str = Field("", max_length=200)
    """What Call for help says, such as a telephone number."""
    kiosk_unlock_minutes: int = Field(10, ge=0, le=60)
    """How long after an idle lock the code of the same user opens the screen again; 0: sign in anew each time."""
    idle_lock_seconds: int = Field(0, ge=0, le=86_400)
    """After so many seconds without a touch a kiosk's screen, or the account that is open, is locked; 0: on a kiosk
    after 120, elsewhere never. A passphrase unlocks where one wraps the key; else a click, as the system guards its
    key store."""
    offline_days: int = Field(0, ge=0, le=365)
    """After so many days without the gateway an account is locked until it is reached again; 0: never."""
    document_quota_mb: int | None = Field(None, ge=50, le=100_000)
    """How much space documents may take, in megabytes; not set: as the user chooses."""
    proxy: str = Field(SYSTEM_PROXY, max_length=300, repr=False)
    """`system`, `none`, or an address such as http://proxy.corp.example:8080."""
    telemetry: Literal["off"] = "off"
    """Nothing is reported to anybody; this is here so that it can be shown to be off."""
    log_level: Literal["error", "warning", "info", "debug"] = "warning"
    """How much is written to the log on this computer."""


UNMANAGED = Policy()
"""What holds where nobody sets anything."""


@dataclass(frozen=True)
class Managed:
    """What holds on this computer.

    `policy`: forced values over recommended ones over built-in ones. `forced`, `recommended`: names of fields that
    came from there. `source`: who says so, such as *Group Policy*; empty when nobody does. `places`: where each of
    those fields was found, by its name. `problems`: values that were not understood, in words. `blocking`: those of
    them that may restrict what can be done here; while there is one, nothing is opened.
    """

    policy: Policy = UNMANAGED
    forced: frozenset[str] = frozenset()
    recommended: frozenset[str] = frozenset()
    source: str = ""
    problems: tuple[str, ...] = ()
    blocking: tuple[str, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)

    def forces(self, name: str) -> bool:
        """Whether the organisation forces a field, by its name in Python."""
        return name in self.forced


@dataclass(frozen=True)
class Layer:
    """One place in which a platform keeps what an organisation sets.

    `place`: where that is, as its people look for it. `forced`: it beats the user's choice. `values`: raw, by their
    PascalCase names. `unread`: why the place cannot be believed though something is there; empty when it can.
    """

    place: str
    forced: bool
    values: Mapping[str, Any] = field(default_factory=dict)
    unread: str = ""


class PolicySource(Protocol):
    """Where a platform keeps what an organisation sets: registry, managed preferences, a file of root's."""

    @property
    def name(self) -> str:
        """What it is called, for people."""

    def layers(self) -> Sequence[Layer]:
        """The places, the one that beats all others first."""


#: A computer that no organisation looks after.
NOBODYS = Managed()
