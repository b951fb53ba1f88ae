"""Role × whose × call: every call of the published description, for every role, about everybody's things.

What a caller may not have is answered as what there is not: byte for byte, but for the ids that were asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Mount, Route

from gateway.api.app import build_app
from gateway.identity.session import Session
from tests.gateway.matrix.rows import ROWS, SEES, Row, known
from tests.gateway.matrix.stage import ROLES, SUBJECTS, Person, Stage, Subject, staged
from tests.gateway.world import World

pytestmark = pytest.mark.databases("sqlite")

#: Ids that every answer makes anew, and the evidence that names them.
_NEW = re.compile(rb'("(?:mutation_id|receipt|upload_id)":)"[^"]*"')

_METHODS = ("get", "head", "post", "put", "patch", "delete", "options", "trace")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, httpx.Client]]:
    with staged(tmp_path_factory.mktemp("matrix")) as found:
        yield found


def described(app: FastAPI) -> set[tuple[str, str]]:
    """The calls of the published description."""
    paths = app.openapi()["paths"]
    return {(method, path) for path, methods in paths.items() for method in methods if method in _METHODS}


def gaps(app: FastAPI) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Calls without a row, and rows without a call."""
    calls, rows = described(app), {known(row) for row in ROWS}
    return sorted(calls - rows), sorted(rows - calls)


def test_every_call_has_a_row_and_every_row_a_call() -> None:
    app = build_app(World().gateway)
    assert gaps(app) == ([], [])
    assert len({known(row) for row in ROWS}) == len(ROWS)


def test_no_call_is_kept_out_of_the_description() -> None:
    """What is not published has no row, and nobody would notice."""
    served = {
        route.path for route in routes(build_app(World().gateway).routes) if not route.include_in_schema
    }
    assert served == {"/openapi.json"}


def routes(given: Iterable[object]) -> Iterator[Route]:
    """All routes, also those of included routers."""
    for route in given:
        if isinstance(route, Route):
            yield route
        elif not isinstance(route, Mount):
            yield from routes(getattr(route, "original_router").routes)  # noqa: B009


def test_a_call_nobody_thought_of_is_noticed() -> None:
    app = build_app(World().gateway)

    @app.get("/v1/everything")
    def everything() -> str:
        return "all of it"

    app.__dict__.pop("_whole", None)
    app.openapi_schema = None
    assert gaps(app) == ([("get", "/v1/everything")], [])


def call(client: httpx.Client, stage: Stage, row: Row, person: Person, subject: Subject) -> httpx.Response:
    """Make a call; of a stream only the beginning is awaited."""
    made = row.put(stage, person, subject, row.path)
    members = dict(made.members)
    headers = {**members.pop("headers", {})}
    if row.session:
        headers["Authorization"] = f"Bearer {person.token}"
    request = client.build_request(row.method.upper(), made.path, headers=headers, **members)
    answer = client.send(request, stream=True)
    if answer.headers.get("content-type", "").startswith("text/event-stream"):
        answer.close()
    else:
        answer.read()
    return answer


def told(answer: httpx.Response, subject: Subject) -> tuple[object, ...]:
    """What an answer tells, but for the ids that were asked about."""
    body = answer.content if answer.is_stream_consumed else b""
    for one in subject.ids:
        body = body.replace(one.encode(), b"#")
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("date", "content-length", "x-request-id")
    }
    return answer.status_code, _NEW.sub(rb"\1", body), headers


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("row", ROWS, ids=[f"{row.method} {row.path}" for row in ROWS])
def test_each_role_gets_what_it_may_have(served: tuple[Stage, httpx.Client], row: Row, role: str) -> None:
    stage, client = served
    person = stage.people[role]
    hidden: dict[str, tuple[object, ...]] = {}
    for whose in SUBJECTS:
        subject = person.subjects[whose]
        answer = call(client, stage, row, person, subject)
        assert answer.status_code == row.expected(role, whose), (whose, answer.status_code)
        if answer.is_success and answer.headers.get("content-type") == "application/json":
            assert row.holds(role, whose, subject, answer.json()), (whose, answer.text)
        if whose not in SEES[role]:
            hidden[whose] = told(answer, subject)
    if row.alike:
        assert {*map(str, hidden.values())} == {str(hidden["unknown"])}, "hidden differs from not there"


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.method} {row.path}" for row in ROWS])
def test_without_a_session_there_is_nothing(served: tuple[Stage, httpx.Client], row: Row) -> None:
    stage, client = served
    person = stage.people["admin"]
    made = row.put(stage, person, person.subjects["mine"], row.path)
    members = dict(made.members)
    given = {**members.pop("headers", {})}
    for header in ({}, *({"Authorization": text} for text in ("Bearer forged", "Bearer", "Basic YTpi"))):
        answer = client.request(row.method.upper(), made.path, headers={**given, **header}, **members)
        assert (answer.status_code == 401) == row.session, header
        assert not row.session or answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("role", ROLES)
def test_nobody_is_poked_about_what_they_do_not_see(served: tuple[Stage, httpx.Client], role: str) -> None:
    stage, _ = served
    person = stage.people[role]
    for whose in SUBJECTS[:-1]:
        subject = person.subjects[whose]
        assert poked(stage, person.session, subject) == (whose in SEES[role]), whose


def poked(stage: Stage, session: Session, subject: Subject) -> bool:
    """Whether a change of the subject's deal is told to a session's stream."""
    held, _ = stage.world.gateway.reading.listened_for(session)
    heard: list[bool] = []
    stop = stage.world.gateway.subscribe(lambda tags, _head: heard.append(not held.isdisjoint(tags)))
    stage.world.clock.forward(1)
    stage.world.port.edit(stage.row_of(subject), rival=f"rival {stage.world.ids.new_id()}")
    stage.world.gateway.backfill()
    stop()
    assert heard
    return any(heard)


def test_anothers_page_of_a_snapshot_leads_nowhere(served: tuple[Stage, httpx.Client]) -> None:
    stage, client = served
    admin, rep = stage.people["admin"], stage.people["rep"]
    first = client.get(
        "/v1/snapshot", params={"limit": 1}, headers={"Authorization": f"Bearer {admin.token}"}
    ).json()
    answers = [
        client.get("/v1/snapshot", params={"after": after}, headers={"Authorization": f"Bearer {rep.token}"})
        for after in (first["after"], "x" * 80)
    ]
    assert [answer.status_code for answer in answers] == [410, 410]
    assert answers[0].content == answers[1].content
