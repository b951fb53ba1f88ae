"""The jobs from the director's chair: gateways of their own, the acts, and what the vendors hold afterwards."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.tour.claims import Claims
from tests.e2e.tour.director import GatewayOfTheTour, Player
from tests.e2e.tour.jobs.families import CLIENT_FAMILIES, FAMILIES
from tests.e2e.tour.jobs.notes import Notes
from tests.e2e.tour.jobs.office import Office

#: What Qt's platform without a screen says of itself, and what is only progress.
_NOISE = ("This plugin", "picture ")

#: Who signs in to each of the other portals.
_PEOPLE = {"customer": "Aoife Brennan", "client": "Elsa Lindqvist", "member": "Ada Okonjo"}
_JOBS_SECONDS, _PORTAL_SECONDS, _DESKTOP_SECONDS = 900.0, 240.0, 300.0


def wanted_of_jobs() -> tuple[str, ...]:
    """What the jobs have to prove."""
    names = [f"{job.name}.{part}" for job in FAMILIES for part in ("online", "offline", "arrived")]
    return (*(name for name in names if name != "home.arrived"), "jobs.sent")


def wanted_of_portals() -> tuple[str, ...]:
    """What the other portals and several vendors in one window have to prove."""
    own = [f"{job.name}.{part}" for job in CLIENT_FAMILIES for part in ("online", "offline", "arrived")]
    return (*(f"portal.{name}" for name in _PEOPLE), *own, "accounts.switch", "accounts.search")


def wanted_of_desktop() -> tuple[str, ...]:
    """What the window has to prove that any of its pages may use."""
    names = ("palette", "shortcuts", "undo", "copy", "export", "filter", "columns", "bulk", "pinned", "link")
    return tuple(f"desktop.{name}" for name in (*names, "help", "german", "contrast"))


class JobsTour:
    """Plays parts in one folder, each on gateways that it starts and stops."""

    def __init__(self, folder: Path, pictures: Path, families: str = "", quick: bool = False) -> None:
        """`families`: only these, with commas between; `quick`: pictures in one theme."""
        self._folder, self._pictures = folder, pictures
        self._more = {"families": families, **({"quick": "1"} if quick else {})}
        self._gateways: list[GatewayOfTheTour] = []
        self._players: list[Player] = []
        folder.mkdir(parents=True, exist_ok=True)
        pictures.mkdir(parents=True, exist_ok=True)
        self._clock = folder / "clock"
        self._clock.write_text("0")
        self.claims = Claims(folder / "claims.json")

    def close(self) -> None:
        """Stop whatever still runs."""
        for player in self._players:
            player.kill()
        for gateway in self._gateways:
            gateway.stop()

    def play(self, *parts: str) -> Claims:
        """Play parts of this tour: *jobs*, *portals*, *desktop*. What goes wrong is in the claims."""
        try:
            for part in parts:
                getattr(self, f"_{part}")()
        except Exception:  # noqa: BLE001 - the report says how far it came
            traceback.print_exc()
        finally:
            self.close()
        return self.claims

    def _gateway(self, portal: str = "") -> GatewayOfTheTour:
        gateway = GatewayOfTheTour(
            self._folder / f"gateway-{portal or 'partner'}", self._clock, "", portal=portal
        )
        self._gateways.append(gateway)
        gateway.start()
        return gateway

    def _player(
        self, act: str, gateway: GatewayOfTheTour, user: str, work: str, more: dict[str, str] | None = None
    ) -> Player:
        person = gateway.user(user)
        folder = self._folder / work
        folder.mkdir(exist_ok=True)
        staff = {"login": gateway.sample["staff"], "staff_password": gateway.sample["staff_password"]}
        script = {
            "work": str(folder),
            "pictures": str(self._pictures),
            "data": str(folder / "data"),
            "clock": str(self._clock),
            "claims": str(self._folder / "claims.json"),
            "gateway": gateway.url,
            "email": person["email"],
            "password": person["password"],
            "fault": "",
            "more": {"console": gateway.url, **staff, **self._more, **(more or {})},
        }
        player = Player(act, self._folder, script, log=work)
        self._players.append(player)
        return player

    def _heard(self, player: Player) -> None:
        """Take over what an act has written down."""
        self.claims = Claims(self._folder / "claims.json")
        lines = [one for one in player.log().splitlines() if not one.startswith(_NOISE)]
        sys.stdout.writelines(f"    {line}\n" for line in lines[-40:])

    # parts

    def _jobs(self) -> None:
        gateway = self._gateway()
        player = self._player("jobs", gateway, "Maya Okafor", "jobs")
        player.wait_for("jobs-done", _JOBS_SECONDS)
        player.end(20)
        self._heard(player)
        wanted = [name for name in self._more["families"].split(",") if name]
        self._look(gateway, [one for one in FAMILIES if not wanted or one.name in wanted], "jobs")

    def _look(self, gateway: GatewayOfTheTour, families: Sequence[type], work: str) -> None:
        """What the vendor holds afterwards, at its console."""
        office = Office(gateway.url, gateway.sample["staff"], gateway.sample["staff_password"])
        for family in families:
            for expected, look in family.arrived(office, Notes(self._folder / work)):  # type: ignore[attr-defined]
                self.claims.prove(f"{family.name}.arrived", expected, look)  # type: ignore[attr-defined]
        office.close()

    def _portals(self) -> None:
        gateways = {}
        for number, (portal, user) in enumerate(_PEOPLE.items()):
            gateways[portal] = gateway = self._gateway(portal)
            more = {"portal": portal, "first": str(80 + 4 * number), "families": ""}
            player = self._player("portal", gateway, user, portal, more)
            player.wait_for("portal-done", _PORTAL_SECONDS)
            player.end(20)
            self._heard(player)
        self._look(gateways["client"], CLIENT_FAMILIES, "client")
        self._accounts(gateways)

    def _accounts(self, gateways: dict[str, GatewayOfTheTour]) -> None:
        other = gateways["customer"]
        person = other.user(_PEOPLE["customer"])
        more = {"other": other.url, "other_email": person["email"], "other_password": person["password"]}
        player = self._player("accounts", gateways["client"], _PEOPLE["client"], "accounts", more)
        player.wait_for("accounts-done", _PORTAL_SECONDS)
        player.end(20)
        self._heard(player)

    def _desktop(self) -> None:
        started = [one for one in self._gateways if one.sample.get("portal") == "partner"]
        gateway = started[0] if started else self._gateway()
        player = self._player("desktop", gateway, "Maya Okafor", "desktop")
        player.wait_for("desktop-done", _DESKTOP_SECONDS)
        player.end(20)
        self._heard(player)
