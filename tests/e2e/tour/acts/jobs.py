"""Every job of the partner portal: on line, off line, and what the window shows once all of it was sent."""

from __future__ import annotations

from tests.e2e.tour.acts.stage import Act, Script
from tests.e2e.tour.jobs import deals
from tests.e2e.tour.jobs.desk import Desk, Job
from tests.e2e.tour.jobs.families import FAMILIES
from tests.e2e.tour.jobs.notes import Notes
from tests.e2e.tour.jobs.office import Office
from tests.e2e.tour.person import wait_until


def main() -> None:
    """Play."""
    act = Act(Script.read())
    more = act.script.more
    office = Office(more["console"], more["login"], more["staff_password"])
    Notes(act.script.work).put("clashing", deals.clashing(office))
    person = act.open()
    desk = Desk(act, person, office)
    wait_until(lambda: person.sees("Live"), "it is not live", 120)
    wanted = [name for name in more.get("families", "").split(",") if name]
    jobs: list[Job] = [family(desk) for family in FAMILIES if not wanted or family.name in wanted]
    play(desk, jobs)
    act.sign("jobs-done")
    person.window.close()
    act.client.close()
    office.close()


def play(desk: Desk, jobs: list[Job]) -> None:
    """Play some families: all on line, then all off line, then until everything was sent."""
    claims = desk.act.claims
    for job in jobs:
        desk.prove(f"{job.name}.online", job.online())
    claims.prove("jobs.sent", "off line by the switch", desk.go_offline)
    for job in jobs:
        desk.prove(f"{job.name}.offline", job.offline())
    claims.prove("jobs.sent", "everything that waited was sent", desk.go_online)
    for job in jobs:
        desk.prove(f"{job.name}.offline", job.back())


if __name__ == "__main__":
    main()
