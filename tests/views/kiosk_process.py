"""The kiosk's window in a process of its own, by a policy that a test hands in, before a gateway that is away.

Usage: ``python -m tests.views.kiosk_process FOLDER``. Each start adds a line with its process id to FOLDER/started.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from app.composition.kiosk_window import run_kiosk
from app.composition.surroundings import real_surroundings
from app.session.policy.schema import Managed, Policy

#: A port on which nobody listens.
NOWHERE = "http://127.0.0.1:9"


def main(folder: Path) -> int:
    policy = Policy(kiosk=True, gateway_address=NOWHERE, kiosk_place="Lounge · screen 2")
    surroundings = replace(real_surroundings(folder / "data"), managed=Managed(policy=policy))
    with (folder / "started").open("a", encoding="utf-8") as started:
        started.write(f"{os.getpid()}\n")
    return run_kiosk(surroundings)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
