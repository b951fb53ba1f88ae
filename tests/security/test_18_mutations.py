"""18. Fields that are not known, or not the sender's to write, are refused and nothing is written. An id that comes
again with the same content is answered as before and does nothing; with other content it is refused.

More: `tests/gateway/test_push.py`, `tests/gateway/test_bad_input.py`, `tests/contract/test_rules.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from app.contract.errors import Refused
from app.contract.mutations import Status
from gateway.api.app import build_app
from tests.gateway.serving import serving
from tests.gateway.world import World
from tests.services.conftest import open_world


@pytest.mark.parametrize(
    "changes",
    [
        {"is_admin": True},
        {"state": "approved"},
        {"number": "DR-1"},
        {"owner": "user-x"},
        {"gid": "x"},
        {"title": "fine", "__proto__": {"x": 1}},
        {"title": "fine", "protected_until": "2099-01-01"},
    ],
    ids="+".join,
)
def test_unknown_and_read_only_fields_are_refused_whole(world: World, changes: dict[str, object]) -> None:
    deal = world.gid(world.deal())
    world.read()
    writes, head = world.port.writes, world.gateway.ground.feed.head()
    outcome = world.push_one(world.admin, world.patch(deal, {}, changes))
    assert outcome.status in (Status.REJECTED, Status.CONFLICT), outcome
    assert world.port.writes == writes, "nor is the part of it that would have been fine"
    assert world.gateway.ground.feed.head() == head


def test_so_they_are_in_something_new(world: World) -> None:
    for changes in ({"is_admin": True}, {"state": "approved"}, {"protected_until": "2099-01-01"}):
        outcome = world.push_one(world.admin, world.new_deal(**changes))
        assert (outcome.status, outcome.problem is not None) == (Status.REJECTED, True), changes


def test_unknown_members_of_the_envelope_are_refused_by_the_call(world: World) -> None:
    deal = world.gid(world.deal())
    world.read()
    mutation = json.loads(world.patch(deal, {"title": "x"}, {"title": "y"}).model_dump_json())
    with world.database.write() as connection:
        token = world.gateway.identity.sessions.first_tokens(connection, world.admin.id).access
    with serving(build_app(world.gateway)) as url, httpx.Client(base_url=url, trust_env=False) as client:
        for change in ({"as_user": "somebody"}, {"kind": "grant"}, {"company": "x"}):
            body = {"mutations": [{**mutation, **change}]}
            answer = client.post("/v1/mutations", json=body, headers={"Authorization": f"Bearer {token}"})
            found = answer.json()
            refused = answer.status_code in (400, 422) or found["outcomes"][0]["status"] == "rejected"
            assert refused, (change, answer.text)
    assert world.port.writes == 0


def test_the_same_id_and_content_does_nothing_twice(world: World) -> None:
    ref = world.deal(rival="")
    world.read()
    edit = world.patch(world.gid(ref), {"competitor": None}, {"competitor": "Northwall"})
    first = world.push_one(world.admin, edit)
    assert first.status is Status.APPLIED
    writes = world.port.writes
    again = world.push_one(world.admin, edit)
    assert again.model_dump() == first.model_dump()
    assert world.port.writes == writes


def test_the_same_id_with_other_content_is_refused(world: World) -> None:
    ref = world.deal(rival="")
    world.read()
    edit = world.patch(world.gid(ref), {"competitor": None}, {"competitor": "Northwall"})
    world.push_one(world.admin, edit)
    writes = world.port.writes
    other = world.push_one(world.admin, edit.model_copy(update={"changes": {"competitor": "Stonegate"}}))
    assert (other.status, other.problem and other.problem.code) == (Status.REJECTED, "id_reused")
    stolen = world.push_one(world.other, edit)
    assert stolen.status is not Status.APPLIED, "nor does somebody else get the first one's answer"
    assert stolen.record is None
    assert world.port.writes == writes


def test_the_client_says_so_before_it_asks(tmp_path: Path) -> None:
    """The same rules, offline: what the gateway would refuse is refused on the device."""
    made = open_world(tmp_path / "store.db")
    deal = made.deal()
    for changes in ({"is_admin": "yes"}, {"number": "DR-1"}, {"protected_until": "2099-01-01"}):
        with pytest.raises(Refused):
            made.portal.intents.edit(deal, changes)
    assert made.sent() == []
    made.store.close()
