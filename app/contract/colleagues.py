"""Who else works for the caller's companies, and their devices: what a partner's administrator keeps in order.

    GET    /v1/colleagues           Colleagues       everybody of the caller's companies
    POST   /v1/colleagues           NewColleague →   Invited: 201; the link is shown once and works once
    POST   /v1/colleagues/{id}/link                → Invited: 201; another link, the one before is not good any more
    PATCH  /v1/colleagues/{id}      NewRole →        Colleague
    DELETE /v1/colleagues/{id}                       204: they may not sign in for these companies any more
    GET    /v1/devices              Devices          the caller's own
    DELETE /v1/devices/{id}                          204: signed out; with ?wipe=true it destroys what it holds
    POST   /v1/wiped                Wiped →          204: a device's word that it has destroyed what it held

Only roles that the manifest says may keep colleagues do; for everybody else the first five are 403.

A device that was told to wipe itself gets, for its access token and its refresh token alike, problem 401 with code
`wipe`, whose `fields` hold `order`: an opaque text. It comes back in `Wiped` as the receipt, with no other credentials.
They also hold `user`, as in `Me`: who signs in anew before it was confirmed learns by it which account is meant.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Colleague(_Read):
    """One account. `invited_until`: they have not taken up their invitation yet, which is good until then."""

    id: str
    name: str
    email: str
    role: str
    role_label: str
    you: bool = False
    invited_until: datetime | None = None
    last_seen_at: datetime | None = None


class RoleChoice(_Read):
    """A role the caller may give."""

    name: str
    label: str


class Colleagues(_Read):
    """Everybody who works for the caller's companies, by name, and the roles that may be given."""

    items: tuple[Colleague, ...]
    roles: tuple[RoleChoice, ...]


class NewColleague(_Written):
    """Somebody to invite, for the caller's own companies."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    email: Annotated[str, Field(max_length=200, pattern=_EMAIL)]
    role: Annotated[str, Field(min_length=1, max_length=40)]


class NewRole(_Written):
    """Another role for a colleague."""

    role: Annotated[str, Field(min_length=1, max_length=40)]


class Invited(_Read):
    """A colleague with the link to hand to them: shown once, works once, until `link_until`."""

    colleague: Colleague
    link: str
    link_until: datetime


class DeviceSeen(_Read):
    """One of the caller's devices. `this`: the one that asks."""

    id: str
    name: str
    signed_in_at: datetime
    last_seen_at: datetime | None = None
    this: bool = False
    signed_in: bool = True


class Devices(_Read):
    """The caller's devices, the latest first."""

    items: tuple[DeviceSeen, ...]


class Wiped(_Written):
    """A device's receipt: it destroyed what it held. `kept_aside`: mutations not sent that were kept for export."""

    order: Annotated[str, Field(min_length=1, max_length=400)]
    wiped_at: datetime
    kept_aside: Annotated[int, Field(ge=0)] = 0
