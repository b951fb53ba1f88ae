"""A gateway process whose CRM takes its time over writes: until the file `go` is there, it says `writing` and waits."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.port import RowWrite, Written
from gateway.logs import configure_logs
from gateway.server import run
from gateway.service import Service
from gateway.settings import Settings

_POLL = 0.02


def main() -> None:
    """Serve until asked to end. Arguments: the gateway's folder."""
    folder = Path(sys.argv[1])
    write_many = EmbeddedCrm.write_many

    def slowly(crm: EmbeddedCrm, writes: Sequence[RowWrite]) -> Sequence[Written]:
        (folder / "writing").touch()
        while not (folder / "go").exists():
            time.sleep(_POLL)
        return write_many(crm, writes)

    setattr(EmbeddedCrm, "write_many", slowly)  # noqa: B010  # a method cannot be assigned in the types' eyes
    settings = Settings.load(folder=folder, port=0)
    configure_logs(settings.log_level, as_json=settings.log_json)
    service = Service.open(settings)
    try:
        run(service, {})
    finally:
        service.close()


if __name__ == "__main__":
    main()
