"""What looks after the versions of this installation, made of what came with the program and of this computer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from app.contract.version import RELEASE
from app.services.surroundings import Surroundings
from app.services.updating import Updating
from app.session.installation import Installation, read_installation
from app.session.small_file import load
from app.session.updates.places import Home
from app.sync.wire import system_client
from app.views.theme.assets import asset_path

if TYPE_CHECKING:
    from app.session.updates.taking import Taking

#: In `resources/updates`, put there by a release: the root of trust, and `{"address": "https://…"}`.
ROOT_FILE, SOURCE_FILE = "root.json", "source.json"


def real_updating(
    surroundings: Surroundings,
    installation: Installation | None = None,
    shipped: Path | None = None,
    connect: Callable[[str], httpx.Client] | None = None,
    running: str = RELEASE,
) -> Updating:
    """Return it. `installation`, `shipped`: of another program than the running one, and what came with that.

    `connect`: instead of the client that knows this computer's proxies, its organisation's and what it trusts.
    """
    installation = installation or read_installation()
    home = Home.of(installation)
    managed, clock = surroundings.managed, surroundings.clock
    root, address = _origin(shipped or asset_path("updates"), managed.policy.update_address)

    def by_policy(address: str) -> httpx.Client:
        return system_client(address, managed.policy.proxy)

    def taking() -> Taking:
        # What reads signed metadata takes a third of a second to import, and is needed once a day.
        from app.session.updates.release import this_machine  # noqa: PLC0415
        from app.session.updates.taking import Origin, Taking  # noqa: PLC0415

        origin = Origin(address, root)
        return Taking(installation, home, this_machine(), origin, clock, connect or by_policy, running)

    return Updating(
        installation, home, taking if root and address else None, clock, surroundings.rng, managed, running
    )


def _origin(shipped: Path, instead: str) -> tuple[bytes, str]:
    """The root and the address that came with the program, empty where none did; `instead`: the organisation's."""
    try:
        root = (shipped / ROOT_FILE).read_bytes()
    except OSError:
        root = b""
    return root, instead or str(load(shipped / SOURCE_FILE).get("address", ""))
