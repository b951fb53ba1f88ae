"""A gateway with the sample of its portal: made once in an empty folder, taken up again afterwards."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from gateway.crm.embedded.codes import StaffRole
from gateway.portals import PORTALS, chain
from gateway.sample.build import build_sample
from gateway.sample.passwords import SampleAccounts
from gateway.sample.portal import build_portal
from gateway.sample.users import OfRoles
from gateway.service import Service

_FILE = "sample.json"


def is_sample(folder: Path) -> bool:
    """Tell whether a gateway's folder holds the sample programme, whose passwords follow from the source."""
    return (folder / _FILE).exists()


def with_sample(service: Service, seed: int) -> dict[str, Any]:
    """Make sure the sample programme is there and has been read; return who may sign in to it, as JSON data.

    Raises ValueError when the CRM holds something else.
    """
    if not service.has_crm:
        raise ValueError(
            "The sample programme is for the embedded CRM, which this gateway does not stand beside."
        )
    path = service.settings.folder / _FILE
    if not path.exists():
        accounts = _build(service, seed)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"portal": service.gateway.setup.manifest.name, **_told(accounts)}, file, indent=2)
    service.gateway.backfill()
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    made_for, portal = found.get("portal", PORTALS[0]), service.gateway.setup.manifest.name
    if made_for != portal and {made_for, portal} <= {*PORTALS}:
        raise ValueError(f"This folder holds the sample of the {made_for} portal. Use another one.")
    return found


def _build(service: Service, seed: int) -> SampleAccounts:
    """Make what fits the portal that is served: the sample of the one that ships, which it is or extends."""
    crm, today = service.crm, service.crm.now().date()
    roles = [role.name for role in service.gateway.setup.manifest.roles]
    users = OfRoles(service.gateway.identity, roles)
    portal = next((name for name in chain(service.settings.manifest) if name in PORTALS), PORTALS[0])
    made = (
        build_portal(portal, crm, users, today, seed)
        if portal in PORTALS[1:]
        else build_sample(crm, users, today, seed)
    )
    able = tuple(user for user in made.users if user.user)
    if not able:
        there = ", ".join(sorted({user.role for user in made.users}))
        raise ValueError(
            f"Nobody of the sample could sign in: the portal has none of its roles. They are: {there}."
        )
    return replace(made, users=able)


def _told(accounts: SampleAccounts) -> dict[str, Any]:
    user = accounts.users[0]
    # Who just looks around should see all of the console.
    staffer = next(item for item in accounts.staff if item.role == StaffRole.ADMINISTRATOR)
    return {
        "user": user.email,
        "password": user.password,
        "staff": staffer.login,
        "staff_password": staffer.password,
        "users": [asdict(item) for item in accounts.users],
        "console_users": [asdict(item) for item in accounts.staff],
    }
