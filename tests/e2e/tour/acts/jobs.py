"""Every job of the partner portal, on line, off line, and once all of it was sent."""

from __future__ import annotations

from collections.abc import Sequence

from tests.e2e.tour.acts.stage import Act, Script
from tests.e2e.tour.jobs import deals
from tests.e2e.tour.jobs.account import Account
from tests.e2e.tour.jobs.approvals import Approvals
from tests.e2e.tour.jobs.co_selling import CoSelling
from tests.e2e.tour.jobs.deals import Deals
from tests.e2e.tour.jobs.desk import Desk, Job, Step
from tests.e2e.tour.jobs.documents import Documents
from tests.e2e.tour.jobs.home import Home
from tests.e2e.tour.jobs.leads import Leads
from tests.e2e.tour.jobs.notes import Notes
from tests.e2e.tour.jobs.office import Office
from tests.e2e.tour.jobs.orders import Orders
from tests.e2e.tour.jobs.renewals import Renewals
from tests.e2e.tour.jobs.requests import Requests
from tests.e2e.tour.jobs.tasks import Tasks
from tests.e2e.tour.person import wait_until

#: In the order in which they are played.
FAMILIES = (
    Deals,
    Leads,
    Approvals,
    Renewals,
    Tasks,
    Documents,
    Requests,
    Orders,
    CoSelling,
    Account,
    Home,
)


def main() -> None:
    """Play."""
    act = Act(Script.read())
    more = act.script.more
    office = Office(more["console"], more["login"], more["staff_password"])
    Notes(act.script.work).put("clashing", deals.clashing(office))
    person = act.open()
    desk = Desk(act, person, office)
    wait_until(lambda: person.sees("Live"), "it is not live", 90)
    wanted = [name for name in more.get("families", "").split(",") if name]
    jobs: list[Job] = [family(desk) for family in FAMILIES if not wanted or family.name in wanted]
    for job in jobs:
        _prove(desk, f"{job.name}.online", job.online())
    desk.go_offline()
    for job in jobs:
        _prove(desk, f"{job.name}.offline", job.offline())
    act.claims.prove("jobs.sent", "everything that waited was sent", desk.go_online)
    for job in jobs:
        _prove(desk, f"{job.name}.offline", job.back())
    act.sign("jobs-done")
    person.window.close()
    act.client.close()
    office.close()


def _prove(desk: Desk, claim: str, steps: Sequence[Step]) -> None:
    for expected, look in steps:
        ok = desk.act.claims.prove(claim, expected, look)
        if not ok:
            desk.give_up(claim)


if __name__ == "__main__":
    main()
