"""One of the other portals: the same build with another vendor's name, words and records, and with its own jobs."""

from __future__ import annotations

from PySide6.QtTest import QTest

from tests.e2e.tour.acts.jobs import play
from tests.e2e.tour.acts.stage import Act, Script
from tests.e2e.tour.jobs.desk import Desk
from tests.e2e.tour.jobs.families import CLIENT_FAMILIES
from tests.e2e.tour.jobs.office import Office
from tests.e2e.tour.person import Person, wait_until

#: By portal: the vendor, a place that is its own, and what a record there is called.
_OWN = {
    "customer": ("Orrin Machines", "Cases"),
    "client": ("Ardent Studio", "Deliverables"),
    "member": ("Thornbury Institute", "Credentials"),
}


def main() -> None:
    """Play."""
    act = Act(Script.read())
    more = act.script.more
    portal = more["portal"]
    person = act.open()
    office = Office(more["console"], more["login"], more["staff_password"])
    desk = Desk(act, person, office, int(more["first"]))
    wait_until(lambda: person.sees("Live"), "it is not live", 120)
    if not act.claims.prove(
        f"portal.{portal}", "brand, words and a list of its own", lambda: _look(desk, person, portal)
    ):
        desk.give_up(f"portal.{portal}")
    if portal == "client":
        play(desk, [family(desk) for family in CLIENT_FAMILIES])
    act.sign("portal-done")
    person.window.close()
    act.client.close()
    office.close()


def _look(desk: Desk, person: Person, portal: str) -> str:
    vendor, place = _OWN[portal]
    brand = person.wait_for(vendor, 10)
    person.go("Home")
    QTest.qWait(300)
    desk.picture(f"portal-{portal}-home")
    person.go(place)
    QTest.qWait(300)
    rows = person.rows()
    if not rows:
        raise AssertionError(f"{place} lists nothing")
    desk.picture(f"portal-{portal}-{place.lower()}")
    return f"{brand}; {place}: {len(rows)}, such as {rows[0][2][:60]}"


if __name__ == "__main__":
    main()
