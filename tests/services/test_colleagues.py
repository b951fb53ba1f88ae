"""What is asked about colleagues and devices, and the words in which it fails."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from app.contract.colleagues import Colleague, Colleagues, Devices, Invited, NewColleague, NewRole
from app.contract.errors import (
    BadAnswer,
    Busy,
    CounterpartError,
    NotAllowed,
    Refused,
    SignInNeeded,
    Unreachable,
)
from app.services.colleagues import ColleagueService, NobodyThere, mail_address
from app.services.words import Words

UNTIL = datetime(2026, 11, 30, 9, 41, tzinfo=UTC)


class Gateway:
    """Answers, or fails as it was told."""

    def __init__(self) -> None:
        self.error: CounterpartError | None = None
        self.invited: list[NewColleague] = []

    def _enter(self) -> None:
        if self.error is not None:
            raise self.error

    def colleagues(self) -> Colleagues:
        self._enter()
        return Colleagues(items=(), roles=())

    def invite(self, colleague: NewColleague) -> Invited:
        self.invited.append(colleague)
        self._enter()
        return made(colleague.name, colleague.email)

    def link(self, colleague: str) -> Invited:
        self._enter()
        return made(colleague, "x@y.example")

    def change_role(self, colleague: str, role: NewRole) -> Colleague:
        self._enter()
        return made(colleague, "x@y.example").colleague

    def remove(self, colleague: str) -> None:
        self._enter()

    def devices(self) -> Devices:
        self._enter()
        return Devices(items=())

    def sign_out_device(self, device: str, *, wipe: bool) -> None:
        self._enter()


def made(name: str, email: str) -> Invited:
    colleague = Colleague(id="u9", name=name, email=email, role="rep", role_label="Sales representative")
    return Invited(colleague=colleague, link="https://p.example/welcome/a?b=c&d#e", link_until=UNTIL)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def service(gateway: Gateway) -> ColleagueService:
    return ColleagueService(gateway)


@pytest.mark.parametrize(
    ("name", "email", "role", "wrong"),
    [
        ("", "sam@b.example", "rep", ["name"]),
        ("   ", "sam@b.example", "rep", ["name"]),
        ("Sam", "sam", "rep", ["email"]),
        ("Sam", "sam@b", "rep", ["email"]),
        ("Sam", "a@b.example, c@d.example", "rep", ["email"]),
        ("Sam", "", "", ["email", "role"]),
        ("S" * 201, "sam@b.example", "rep", ["name"]),
    ],
)
def test_what_cannot_be_right_is_told_at_its_field_and_not_sent(
    service: ColleagueService, gateway: Gateway, name: str, email: str, role: str, wrong: list[str]
) -> None:
    with pytest.raises(Refused) as caught:
        service.invite(name, email, role)
    assert sorted(caught.value.fields) == wrong
    assert all(caught.value.fields.values())
    assert gateway.invited == []


def test_blanks_around_what_was_typed_are_not_sent(service: ColleagueService, gateway: Gateway) -> None:
    service.invite(" Sam Lee ", " sam@b.example ", "rep")
    assert gateway.invited == [NewColleague(name="Sam Lee", email="sam@b.example", role="rep")]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [({}, {"email": "Sam has an account already."}), ({"role": "Other."}, {"role": "Other."})],
)
def test_an_address_that_is_known_is_told_at_its_field(
    service: ColleagueService, gateway: Gateway, fields: dict[str, str], expected: dict[str, str]
) -> None:
    gateway.error = Refused("Sam has an account already.", code="exists", fields=fields)
    with pytest.raises(Refused) as caught:
        service.invite("Sam", "sam@b.example", "rep")
    assert caught.value.fields == expected


@pytest.mark.parametrize(
    ("error", "reading", "writing"),
    [
        (
            Busy("Slowly.", retry_after=40),
            "Slowly. Nothing was changed. Try again in 40\u00a0s.",
            "Slowly. Nothing was changed. Try again in 40\u00a0s.",
        ),
        (
            Unreachable("Cut."),
            "Cut. Nothing was changed. Try again when you are back.",
            "Cut. Whether it was done shows once the list has been read again. Try again when you are back.",
        ),
        (
            BadAnswer("Half."),
            "Half. Nothing was changed. Try again when you are back.",
            "Half. Whether it was done shows once the list has been read again. Try again when you are back.",
        ),
        (NotAllowed("No such."), "No such. Nothing was changed.", "No such. Nothing was changed."),
        (
            Refused("One has to stay."),
            "One has to stay. Nothing was changed.",
            "One has to stay. Nothing was changed.",
        ),
    ],
)
def test_errors_claim_no_more_than_is_known(
    service: ColleagueService, gateway: Gateway, error: CounterpartError, reading: str, writing: str
) -> None:
    gateway.error = error
    for read in (service.everybody, service.devices):
        with pytest.raises(type(error)) as caught:
            read()
        assert caught.value.text == reading
    for write in (
        lambda: service.new_link("u1"),
        lambda: service.change_role("u1", "rep"),
        lambda: service.remove("u1"),
        lambda: service.sign_out_device("d1", erase=True),
    ):
        with pytest.raises(type(error)) as told:
            write()
        assert told.value.text == writing


def test_a_session_that_has_ended_keeps_its_own_words(service: ColleagueService, gateway: Gateway) -> None:
    gateway.error = SignInNeeded()
    with pytest.raises(SignInNeeded) as caught:
        service.remove("u1")
    assert caught.value.text == SignInNeeded().text


def test_without_a_gateway_nothing_is_reached() -> None:
    with pytest.raises(Unreachable):
        NobodyThere().everybody()


def test_a_mail_is_addressed_to_one_person_and_carries_the_link_whole() -> None:
    invited = made("Sam\r\nBcc: eve@x.example", "sam+a@b.example?bcc=eve@x.example")
    parts = urlsplit(mail_address(invited, "Halden", "Mon 30 Nov, 09:41", Words()))
    assert parts.scheme == "mailto"
    assert parts.path == "sam%2Ba@b.example%3Fbcc%3Deve@x.example"
    query = parse_qs(parts.query, strict_parsing=True)
    assert sorted(query) == ["body", "subject"]
    assert invited.link in query["body"][0]
    assert "until Mon 30 Nov, 09:41" in query["body"][0]
    assert "eve" not in query["subject"][0]
