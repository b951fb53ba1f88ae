"""Third act: a field rep with two companies, five days offline, whose session has ended meanwhile."""

from __future__ import annotations

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from app.views.widgets.files import DropArea
from app.views.widgets.gauges import Switch
from tests.e2e.tour import story
from tests.e2e.tour.acts.stage import Act, Script
from tests.e2e.tour.person import NotSeen, Person


def _switch(person: Person) -> None:
    person.go("Sync centre")
    person.press(person.find(Switch, "Work offline"))


def _register(act: Act, person: Person, company: str, customer: str) -> None:
    person.go("Deals")
    person.click("Register a deal")
    person.wait_for("Saved on this computer", 5)
    person.pick("Partner company", company)
    person.type("Customer name", customer)
    person.type("Website", f"{customer.split(maxsplit=1)[0].lower()}.example")
    person.choose("Country", "United Kingdom")
    person.type("Title", "Harbour office network")
    person.type("Amount", "9400")
    person.type("Target close", "2027-05-20")
    person.type("Problem to solve", story.PROBLEM)
    file = act.script.work / f"{customer.split(maxsplit=1)[0]}.pdf"
    file.write_bytes(b"%PDF-1.4\n% " + customer.encode() + b"\n%%EOF\n")
    person.find(DropArea, "register.drop").dropped.emit((file,))
    person.wait_for(file.name, 10)
    person.press(person.find(QAbstractButton, "register.submit"))
    person.wait_for("Waiting to send", 8)


def _offline(act: Act, person: Person) -> str:
    person.wait_for("Live", 60)
    _switch(person)
    person.wait_for("as you chose", 15)
    for company, customer in zip(story.COMPANIES, story.FIELD_DEALS, strict=True):
        _register(act, person, company, customer)
    person.go("Sync centre")
    return "; ".join(person.row(customer)[:60] for customer in story.FIELD_DEALS)


def _asked(act: Act, person: Person) -> str:
    act.sign("five-days")
    act.await_sign("five-days-later")
    _switch(person)
    person.wait_for("Sign in ·", 25)
    for customer in story.FIELD_DEALS:
        person.row(customer)
    person.picture("21-sign-in-again")
    return next(said for said in person.read() if "session" in said.lower() or "sign in" in said.lower())


def _sent(person: Person) -> str:
    person.click("Sign in")
    person.wait_for("Live", 40)
    for _ in range(200):
        if not any(customer in said for _, _, said in person.rows() for customer in story.FIELD_DEALS):
            person.picture("22-everything-sent")
            return "the outbox is empty"
        QTest.qWait(100)
    raise NotSeen("something still waits: " + "; ".join(said for _, _, said in person.rows()))


def play(act: Act) -> None:
    """Play it."""
    person = act.open()
    act.claims.prove("field_rep", "one deal for each company waits", lambda: _offline(act, person))
    act.claims.prove("field_rep", "asked to sign in, nothing is lost", lambda: _asked(act, person))
    act.claims.prove("field_rep", "after signing in everything is sent", lambda: _sent(person))
    act.sign("on-the-road-done")
    person.window.close()
    act.client.close()


if __name__ == "__main__":
    play(Act(Script.read()))
