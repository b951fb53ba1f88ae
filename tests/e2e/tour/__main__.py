"""`python -m tests.e2e.tour [--break ledger|merge|revoke] [--only story|jobs|portals|desktop]`, offscreen.

Plays the story of one partner on the road, and every job of the portals on line and off line; writes a report and
pictures.

With `--live odoo` the gateway stands beside a real Odoo 19, started on this machine, and what reached the vendor is
read from Odoo's own interface.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.tour.claims import Claim, Claims
from tests.e2e.tour.console import AtTheConsole, Console
from tests.e2e.tour.director import GatewayOfTheTour
from tests.e2e.tour.jobs.play import JobsTour, wanted_of_desktop, wanted_of_jobs, wanted_of_portals
from tests.e2e.tour.tour import Tour

_BUILD, _BUILD_LIVE = Path("build") / "tour", Path("build") / "live"

#: What the tour has to prove; a claim nobody came to is not ok.
_WANTED = (
    "first_sync",
    "places",
    "offline_switch",
    "offline_gateway",
    "register_offline",
    "edit_offline",
    "documents",
    "queue_pull",
    "request_offline",
    "message_offline",
    "killed",
    "vendor_edits",
    "answer_cut",
    "merged",
    "conflict",
    "stale_command",
    "rejected_back",
    "revoked",
    "vendor_edit_appears",
    "verify",
    "field_rep",
    "receipt",
)

#: The parts beside the story, and what each has to prove.
_PARTS: Mapping[str, Callable[[], tuple[str, ...]]] = {
    "jobs": wanted_of_jobs,
    "portals": wanted_of_portals,
    "desktop": wanted_of_desktop,
}


def main() -> int:
    """Play the tour; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.tour")
    parser.add_argument("--break", dest="fault", choices=("ledger", "merge", "revoke"), default="")
    parser.add_argument("--live", choices=("odoo",), default="")
    parser.add_argument("--only", choices=("story", *_PARTS), default="")
    parser.add_argument("--families", default="", help="of the jobs only these, with commas between")
    parser.add_argument("--quick", action="store_true", help="pictures of the jobs in the light theme alone")
    given = parser.parse_args()
    began = time.monotonic()
    build = _BUILD_LIVE if given.live else _BUILD
    shutil.rmtree(build, ignore_errors=True)
    build.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="counterpart-tour-") as name:
        folder = Path(name)
        clock = folder / "clock"
        clock.write_text("0")
        if given.live:
            report = _live(folder, clock, build.resolve())
        else:
            report = _all(folder, clock, build.resolve(), given)
    return report.write(build, time.monotonic() - began)


def _all(folder: Path, clock: Path, build: Path, given: argparse.Namespace) -> Report:
    """Play the story, and beside it the jobs on gateways of their own; there are two processors at least."""
    # A fault is about the story: what it breaks shows there.
    parts = (given.only,) if given.only else ("story",) if given.fault else ("story", *_PARTS)
    jobs = JobsTour(folder / "jobs", build / "jobs", given.families, given.quick)
    wanted: tuple[str, ...] = ()
    with ThreadPoolExecutor(max_workers=2) as both:
        under_way = []
        if "story" in parts:
            wanted = _WANTED
            under_way.append(both.submit(_embedded, folder, clock, build, given.fault))
        own = [part for part in parts if part != "story"]
        if own:
            wanted += tuple(name for part in own for name in _PARTS[part]())
            under_way.append(both.submit(jobs.play, *own))
        found = [one.result().found for one in under_way]
    whole = Claims()
    for claims in found:
        whole.found |= claims
    if given.families:
        names = given.families.split(",")
        wanted = tuple(name for name in wanted if name.split(".")[0] in names)
    return Report(whole, wanted)


def _embedded(folder: Path, clock: Path, build: Path, fault: str) -> Claims:
    """Play it over the embedded CRM with its sample."""
    gateway = GatewayOfTheTour(folder / "gateway", clock, fault)
    gateway.start()
    staff = gateway.staff("Ingrid Solheim")
    vendor = AtTheConsole(Console(gateway.url, staff["login"], staff["password"]))
    return _played(Tour(folder, build, gateway, vendor))


def _live(folder: Path, clock: Path, build: Path) -> Report:
    """Play it over a real Odoo."""
    # What starts an Odoo is a development dependency of its own.
    from tests.live.house import live_house
    from tests.live.tour import NOT_PART, OWN, LiveTour

    with live_house(folder / "house") as house:
        tour = LiveTour(folder, build, house.gateway(folder / "gateway", clock), house)
        return Report(_played(tour), (*_WANTED, *OWN), NOT_PART)


def _played(tour: Tour) -> Claims:
    try:
        tour.play()
    except Exception:  # noqa: BLE001 - the report says how far it came
        traceback.print_exc()
    finally:
        tour.close()
    return tour.claims


@dataclass(frozen=True)
class Report:
    """What the tour came to. `left_out`: what is not part of this tour, with the reason."""

    claims: Claims
    wanted: Sequence[str]
    left_out: Mapping[str, str] = field(default_factory=dict)

    def write(self, build: Path, seconds: float) -> int:
        """Write it as JSON into a folder, and in lines to the terminal; returns the exit code."""
        never = Claim(False, "the tour comes to it", "the tour ended before")
        found = {name: self.claims.found.get(name, never) for name in self.wanted} | self.claims.found
        ok = all(claim.ok for claim in found.values())
        data: dict[str, Any] = {"ok": ok, "claims": {name: asdict(claim) for name, claim in found.items()}}
        if self.left_out:
            data["not_part_of_this_tour"] = dict(self.left_out)
        (build / "report.json").write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", "utf-8")
        for name, claim in found.items():
            sys.stdout.write(f"{'ok ' if claim.ok else 'NOT'}  {name:22} {claim.seen[:110]}\n")
        for name, reason in self.left_out.items():
            sys.stdout.write(f"not part of this tour: {name}: {reason}\n")
        holding = sum(claim.ok for claim in found.values())
        sys.stdout.write(f"{holding} of {len(found)} claims, {seconds:.0f} s; {build}\n")
        return 0 if ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
