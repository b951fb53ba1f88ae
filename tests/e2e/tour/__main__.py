"""`python -m tests.e2e.tour [--break ledger|merge|revoke]`: the whole story, offscreen, with a report and pictures."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
import traceback
from dataclasses import asdict
from pathlib import Path

from tests.e2e.tour.claims import Claim, Claims
from tests.e2e.tour.console import AtTheConsole, Console
from tests.e2e.tour.director import GatewayOfTheTour
from tests.e2e.tour.tour import Tour

_BUILD = Path("build") / "tour"

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
)


def main() -> int:
    """Play the tour; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.tour")
    parser.add_argument("--break", dest="fault", choices=("ledger", "merge", "revoke"), default="")
    fault = parser.parse_args().fault
    began = time.monotonic()
    shutil.rmtree(_BUILD, ignore_errors=True)
    _BUILD.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="counterpart-tour-") as folder:
        claims = _play(Path(folder), fault)
    return _report(claims, time.monotonic() - began)


def _play(folder: Path, fault: str) -> Claims:
    """Play it over the embedded CRM with its sample."""
    clock = folder / "clock"
    clock.write_text("0")
    gateway = GatewayOfTheTour(folder / "gateway", clock, fault)
    gateway.start()
    staff = gateway.staff("Ingrid Solheim")
    vendor = AtTheConsole(Console(gateway.url, staff["login"], staff["password"]))
    tour = Tour(folder, _BUILD.resolve(), gateway, vendor)
    try:
        tour.play()
    except Exception:  # noqa: BLE001 - the report says how far it came
        traceback.print_exc()
    finally:
        tour.close()
    return tour.claims


def _report(claims: Claims, seconds: float) -> int:
    never = Claim(False, "the tour comes to it", "the tour ended before")
    found = {name: claims.found.get(name, never) for name in _WANTED} | claims.found
    ok = all(claim.ok for claim in found.values())
    data = {"ok": ok, "claims": {name: asdict(claim) for name, claim in found.items()}}
    (_BUILD / "report.json").write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", "utf-8")
    for name, claim in found.items():
        sys.stdout.write(f"{'ok ' if claim.ok else 'NOT'}  {name:22} {claim.seen[:110]}\n")
    sys.stdout.write(
        f"{sum(c.ok for c in found.values())} of {len(found)} claims, {seconds:.0f} s; {_BUILD}\n"
    )
    return 0 if ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
