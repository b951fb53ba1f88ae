"""17. Each call of the gateway's published description is tried for each role about everybody's things; what is not
a caller's is answered as what is not there, also by way of nested ids, files, uploads, receipts, cursors and pokes.
A call that nobody has thought of fails the build.

The whole table, role × whose × call: `tests/gateway/matrix/`. More: `tests/gateway/test_scope.py`,
`test_companies.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from app.contract.mutations import Kind, Mutation
from gateway.api.app import build_app
from tests.gateway.matrix.rows import ROWS, known
from tests.gateway.matrix.stage import ROLES, Person, Stage, Subject, staged
from tests.gateway.matrix.test_matrix import gaps
from tests.gateway.world import World


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, httpx.Client]]:
    with staged(tmp_path_factory.mktemp("matrix")) as found:
        yield found


def asked(client: httpx.Client, person: Person, method: str, path: str, **members: object) -> httpx.Response:
    headers = {"Authorization": f"Bearer {person.token}"}
    return client.request(method, path, headers=headers, **members)  # type: ignore[arg-type]


def ways(subject: Subject, own_cursor: str) -> list[tuple[str, str, dict[str, object]]]:
    """Every way to something by its id."""
    record = {"gids": subject.gid, "cursor": own_cursor}
    return [
        ("GET", "/v1/records", {"params": record}),
        ("GET", f"/v1/blobs/{subject.sha256}", {}),
        ("HEAD", f"/v1/blobs/{subject.sha256}", {}),
        ("GET", f"/v1/receipts/{subject.mutation}", {}),
        ("GET", f"/v1/uploads/{subject.upload}", {}),
        ("HEAD", f"/v1/uploads/{subject.upload}", {}),
        ("PATCH", f"/v1/uploads/{subject.upload}", {"content": b"abc", "headers_": {"Upload-Offset": "0"}}),
        ("GET", "/v1/changes", {"params": {"cursor": subject.cursor}}),
        ("GET", "/v1/digest", {"params": {"cursor": subject.cursor}}),
        ("GET", "/v1/snapshot", {"params": {"after": subject.cursor}}),
        ("DELETE", f"/v1/devices/{subject.device}", {}),
        ("PATCH", f"/v1/colleagues/{subject.user}", {"json": {"role": "rep"}}),
        ("POST", f"/v1/colleagues/{subject.user}/link", {}),
        ("DELETE", f"/v1/colleagues/{subject.user}", {}),
    ]


@pytest.mark.parametrize("role", ROLES)
def test_what_is_anothers_is_answered_as_what_is_not_there(
    served: tuple[Stage, httpx.Client], role: str
) -> None:
    _, client = served
    person = served[0].people[role]
    answers: list[list[tuple[int, bytes]]] = []
    for whose in ("other", "unknown"):
        subject = person.subjects[whose]
        told: list[tuple[int, bytes]] = []
        for method, path, members in ways(subject, person.cursor):
            given = {name: value for name, value in members.items() if not name.endswith("_")}
            answer = asked(client, person, method, path, **given)
            body = answer.content
            for one in subject.ids:
                body = body.replace(one.encode(), b"#")
            told.append((answer.status_code, body))
        answers.append(told)
    foreign, missing = answers
    for (method, path, _), theirs, nobodys in zip(
        ways(person.subjects["other"], ""), foreign, missing, strict=True
    ):
        assert theirs == nobodys, f"{method} {path} tells whether there is such a thing"
    statuses = {status for status, _ in foreign}
    assert statuses <= {200, 400, 403, 404, 405, 410, 422}
    page = asked(
        client,
        person,
        "GET",
        "/v1/records",
        params={"gids": person.subjects["other"].gid, "cursor": person.cursor},
    )
    assert page.json()["puts"] == []


def test_nested_ids_of_others_lead_nowhere(world: World) -> None:
    """A message on a record that is not one's own, a file of it, a reference to it: gone, as if it were not there."""
    foreign = world.gid(world.deal(world.south))
    world.read()
    missing = world.ids.new_id()
    made: tuple[Callable[[str], Mutation], ...] = (
        world.message,
        lambda gid: world.patch(gid, {"title": "a"}, {"title": "b"}),
        lambda gid: world.command(gid, "withdraw", "draft"),
        lambda gid: world.mutation(Kind.DELETE, "deal_registration", gid, base_version="1"),
    )
    for make in made:
        told = []
        for gid in (foreign, missing):
            outcome = world.push_one(world.admin, make(gid))
            told.append((outcome.status, outcome.problem and outcome.problem.code, outcome.record))
        assert told[0] == told[1], told
        assert told[0][0] in ("gone", "rejected", "deferred")
    assert world.port.writes == 0


def test_a_whole_mirror_of_one_company_holds_nothing_of_another(world: World) -> None:
    from tests.gateway.world import Mirror

    mine, other = world.deal(), world.deal(world.south)
    world.read()
    mirror = Mirror(world, world.admin).snapshot()
    assert world.gid(mine) in mirror.rows
    assert world.gid(other) not in mirror.rows
    assert "Southgate" not in str(mirror.rows)


def test_a_call_without_a_row_fails_the_build(world: World) -> None:
    app = build_app(world.gateway)
    assert gaps(app) == ([], [])

    @app.get("/v1/exports/{gid}")
    def exported(gid: str) -> str:
        return gid

    app.__dict__.pop("_whole", None)
    app.openapi_schema = None
    assert gaps(app) == ([("get", "/v1/exports/{gid}")], [])
    assert ("get", "/v1/exports/{gid}") not in {known(row) for row in ROWS}
