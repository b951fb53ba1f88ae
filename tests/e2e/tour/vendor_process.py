"""The gateway of the tour: the real one, on a clock that may be ahead, and on request with a fault.

By itself it stands beside the embedded CRM with its sample. With --config it stands beside what that file names, and
those of --people get accounts.

Faults: ``ledger`` carries a repeated mutation out again; ``merge`` lets the partner's value win everywhere.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.contract.ids import source_gid
from app.contract.manifest import EntityType
from app.contract.merge import Merged
from app.contract.mutations import Kind, Mutation, Outcome
from gateway import decide, push
from gateway.crm.port import Ref
from gateway.demonstration import with_sample
from gateway.identity.people import Contact, NewUser
from gateway.ledger import Asked
from gateway.logs import configure_logs
from gateway.server import run
from gateway.service import Service
from gateway.settings import Settings
from tests.e2e.tour.clock import ShiftedClock


def main() -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--clock", type=Path, required=True)
    parser.add_argument("--break", dest="fault", default="")
    parser.add_argument("--refresh-hours", type=int, default=0)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--people", type=Path)
    parser.add_argument("--portal", default="")
    given = parser.parse_args()
    _sabotage(given.fault)
    changes: dict[str, Any] = {"folder": given.folder, "host": "127.0.0.1", "port": given.port}
    if given.refresh_hours:
        changes["refresh_hours"] = given.refresh_hours
    if given.config:
        changes["config"] = given.config
    if given.portal:
        changes["manifest"] = given.portal
    settings = Settings.load(**changes)
    configure_logs(settings.log_level, as_json=settings.log_json)
    service = Service.open(settings, ShiftedClock(given.clock))
    try:
        sample = with_people(service, given.people) if given.people else with_sample(service, 1)
        run(service, {"sample": sample}, until_stdin_closes=True)
    finally:
        service.close()


def with_people(service: Service, path: Path) -> dict[str, Any]:
    """The first time, read everything and give people accounts; return who may sign in.

    The file says who they are: name, email, role, password, and the ids that their companies and their contact have
    in the first of the systems.
    """
    people: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    system = next(iter(service.gateway.systems))
    company = system.mapping.of_entity("company")[0].object
    if not service.gateway.identity.people.everybody():
        service.gateway.backfill()
        for person in people:
            contact = Contact(system.name, Ref(person["object"], str(person["contact"])))
            companies = tuple(source_gid(system.name, company, str(key)) for key in person["companies"])
            about = (person["name"], person["email"], person["role"], companies, person["password"])
            service.gateway.identity.add_user(NewUser(*about, (contact,)))
    return {"users": people}


def _sabotage(fault: str) -> None:
    if fault == "ledger":
        _forget_what_was_done()
    elif fault == "merge":
        vars(decide)["merge"] = _mine_wins


def _mine_wins(
    entity: EntityType,
    base: Mapping[str, Any],
    theirs: Mapping[str, Any],
    mine: Mapping[str, Any],
    editable: Collection[str],
) -> Merged:
    return Merged(dict(mine))


def _forget_what_was_done() -> None:
    """A repeated mutation gets a new id, and what it makes a new mark, so that it is carried out once more."""
    once = push.Intake._some
    seen: dict[str, int] = {}

    def again(
        self: push.Intake, user: str, device: str, asked: Sequence[Asked], in_time: push.InTime
    ) -> list[Outcome]:
        for one in asked:
            mutation = one.mutation
            times = seen.get(mutation.mutation_id, 0)
            seen[mutation.mutation_id] = times + 1
            if times:
                once(self, user, device, [Asked.of(_as_if_new(mutation, times))], in_time)
        return once(self, user, device, asked, in_time)

    push.Intake._some = again  # type: ignore[method-assign]


def _as_if_new(mutation: Mutation, times: int) -> Mutation:
    changes: dict[str, Any] = {"mutation_id": f"{mutation.mutation_id[:-4]}{times:04x}", "depends_on": ()}
    if mutation.kind in (Kind.CREATE, Kind.APPEND):
        changes["gid"] = f"{mutation.gid[:-4]}{times:04x}"
    return mutation.model_copy(update=changes)


if __name__ == "__main__":
    main()
