"""Grants: their difference is paged before the feed goes on; cursors are bound to user, history and grant."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from app.contract.manifest import Manifest
from gateway.feed.cursor import Cursor, Place, Signer, SnapshotToken
from gateway.problems import Problem
from tests.gateway.databases import lender
from tests.gateway.world import Mirror, World, memory_mapping, partner_manifest


def status_of(call: object) -> int:
    """Return the status of the problem a call raises, 200 when it raises none."""
    assert callable(call)
    try:
        call()
    except Problem as problem:
        return problem.status
    return 200


def test_joining_a_company_brings_its_records(world: World) -> None:
    deals = {world.gid(world.deal(world.south)) for _ in range(5)}
    world.read()
    client = Mirror(world, world.admin, limit=2).snapshot()
    world.gateway.identity.set_companies(world.admin.user, [world.gid(world.north), world.gid(world.south)])
    client.pull()
    assert client.of("deal_registration") == deals
    assert client.gone == []


def test_leaving_a_company_revokes_its_records_also_those_one_owns(world: World) -> None:
    deal = world.deal(person="Remy")
    world.read()
    client = Mirror(world, world.rep).snapshot()
    assert world.gid(deal) in client.rows
    world.gateway.identity.set_companies(world.rep.user, [world.gid(world.south)])
    client.pull()
    assert client.of("deal_registration") == set()
    assert client.of("company") == {world.gid(world.south)}
    assert {reason for _, reason, _ in client.gone} == {"revoked"}


def test_what_stays_visible_through_another_tag_is_put_and_not_revoked(world: World) -> None:
    deal = world.deal(person="Ada")
    world.read()
    client = Mirror(world, world.admin).snapshot()
    world.gateway.identity.set_role(world.admin.user, "rep")  # loses the family, keeps her own
    client.pull()
    assert world.gid(deal) in client.rows
    assert world.gid(deal) not in {gid for gid, _, _ in client.gone}


def test_a_company_that_changes_its_tier_gains_and_loses_documents(world: World) -> None:
    gold = world.port.add_file("doc", b"gold prices", title="Gold prices", stage="C", audience="gold")
    silver = world.port.add_file(
        "doc", b"silver prices", title="Silver prices", stage="C", audience=["silver"]
    )
    everyone = world.port.add_file("doc", b"guide", title="Guide", stage="C", audience="everyone")
    world.read()
    client = Mirror(world, world.admin).snapshot()
    assert client.of("document") == {world.gid(gold), world.gid(silver), world.gid(everyone)}
    world.port.edit(world.north, level="R")
    world.read()
    assert client.pull().of("document") == {world.gid(everyone)}


def test_a_change_of_grant_that_changes_again_while_it_is_paged(world: World) -> None:
    for account in (world.north, world.south):
        for _ in range(4):
            world.deal(account)
    world.read()
    north, south = world.gid(world.north), world.gid(world.south)
    client = Mirror(world, world.admin, limit=1).snapshot()
    world.gateway.identity.set_companies(world.admin.user, [south])
    for _ in range(3):
        client.page()
    world.gateway.identity.set_companies(world.admin.user, [north, south])
    for _ in range(3):
        client.page()
    world.gateway.identity.set_companies(world.admin.user, [south])
    client.pull()
    fresh = Mirror(world, world.admin).snapshot()
    assert client.hashes() == fresh.hashes()


def test_a_snapshot_does_not_go_on_under_another_grant(world: World) -> None:
    for _ in range(3):
        world.deal()
    world.read()
    client = Mirror(world, world.admin, limit=1)
    client.snapshot_page()
    world.gateway.identity.set_role(world.admin.user, "rep")
    assert status_of(client.snapshot_page) == 410


def test_the_grants_label_moves_with_the_grant_alone(world: World) -> None:
    first = world.gateway.me(world.admin).grant
    world.deal()
    world.read()
    assert world.gateway.me(world.admin).grant == first
    world.gateway.identity.set_role(world.admin.user, "manager")
    assert world.gateway.me(world.admin).grant != first


def test_a_closed_account_sees_nothing(world: World) -> None:
    client = Mirror(world, world.admin).snapshot()
    world.gateway.identity.deactivate(world.admin.user)
    assert status_of(client.page) == 401
    assert status_of(lambda: world.gateway.me(world.admin)) == 401


# ------------------------------------------------------------------------------------------ fields a role may not see


def with_cut_field(manifest: Manifest, name: str = "amount") -> Manifest:
    """The manifest with one deal field kept from representatives."""
    deal = manifest.entity("deal_registration")
    assert deal is not None
    fields = tuple(f.model_copy(update={"roles": ("admin",)}) if f.name == name else f for f in deal.fields)
    entities = tuple(
        deal.model_copy(update={"fields": fields}) if e.name == deal.name else e for e in manifest.entities
    )
    return manifest.model_copy(update={"entities": entities})


def test_a_field_kept_from_a_role_is_cut_everywhere_and_records_are_put_again(world: World) -> None:
    deal = world.deal(person="Remy")
    world.read()
    admin, rep = Mirror(world, world.admin).snapshot(), Mirror(world, world.rep).snapshot()
    world.gateway = world.restarted(with_cut_field(partner_manifest()))
    gid = world.gid(deal)
    rep.pull()
    assert "amount" not in rep.data(gid)
    assert rep.hashes()[gid] != admin.hashes()[gid]
    assert admin.pull().data(gid)["amount"] == "18425.00"
    sums = world.gateway.digest(world.rep, rep.cursor).entities["deal_registration"]
    page = world.gateway.bucket(world.rep, "deal_registration", int(gid[-1], 16), rep.cursor)
    assert page.hashes == {gid: rep.hashes()[gid]}
    assert sums[int(gid[-1], 16)][0] == 1
    outcome = world.push_one(world.rep, world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}))
    assert outcome.record is not None
    assert "amount" not in outcome.record.data
    text, _ = world.gateway.manifest(world.rep)
    deal_fields = next(e for e in json.loads(text)["entities"] if e["name"] == "deal_registration")["fields"]
    assert "amount" not in {f["name"] for f in deal_fields}


def test_a_field_the_manifest_drops_is_cut_out_and_one_it_gains_is_read_in(world: World) -> None:
    deal = world.deal(rival="Northwall")
    world.read()
    full = partner_manifest()
    kind = full.entity("deal_registration")
    assert kind is not None
    less = kind.model_copy(update={"fields": tuple(f for f in kind.fields if f.name != "competitor")})
    small = full.model_copy(
        update={"entities": tuple(less if e.name == kind.name else e for e in full.entities)}
    )
    mapping = memory_mapping()
    maps = tuple(
        m.model_copy(update={"fields": {n: f for n, f in m.fields.items() if n != "competitor"}})
        for m in mapping.maps
    )
    client = Mirror(world, world.admin).snapshot()
    assert client.data(world.gid(deal))["competitor"] == "Northwall"
    world.mapping = mapping.model_copy(update={"maps": maps})
    world.gateway = world.restarted(small)
    assert "competitor" not in client.pull().data(world.gid(deal))
    world.mapping = mapping
    world.gateway = world.restarted(full)
    world.read()
    assert client.pull().data(world.gid(deal))["competitor"] == "Northwall"


# ---------------------------------------------------------------------------------------------------------- cursors


def test_a_cursor_of_another_user_or_a_changed_one_has_expired(world: World) -> None:
    cursor = Mirror(world, world.admin).snapshot().cursor
    assert status_of(lambda: world.gateway.changes(world.admin, cursor)) == 200
    assert status_of(lambda: world.gateway.changes(world.other, cursor)) == 410
    for bad in ("", "x", "é", cursor[:-2], cursor[:-3] + "AAA", cursor + cursor):
        assert status_of(lambda bad=bad: world.gateway.changes(world.admin, bad)) == 410


def test_a_snapshot_token_is_no_cursor(world: World) -> None:
    signer = Signer(b"k" * 32)
    token = SnapshotToken("e", 3, "s", 1, Place("deal", "g"), {"deal": 2})
    written = signer.write_snapshot("user", token)
    assert signer.read_snapshot("user", written) == token
    assert status_of(lambda: signer.read_cursor("user", written)) == 410
    cursor = Cursor("e", 3, "s", (1, 2), 3, Place("deal", "g"))
    assert signer.read_cursor("user", signer.write_cursor("user", cursor)) == cursor
    assert (
        status_of(lambda: Signer(b"o" * 32).read_cursor("user", signer.write_cursor("user", cursor))) == 410
    )


def test_a_gateway_set_back_to_an_older_copy_does_not_know_later_cursors(world: World) -> None:
    world.deal()
    world.read()
    early = Mirror(world, world.admin).snapshot()
    copy = lender.copy(world.database)
    for _ in range(3):
        world.deal()
    world.read()
    late = Mirror(world, world.admin).snapshot()
    world.rng = random.Random(99)  # a restored gateway does not repeat its stamps
    world.gateway = world.restarted(partner_manifest(), copy)
    assert status_of(lambda: world.gateway.changes(world.admin, late.cursor)) == 410
    for _ in range(3):
        world.deal()
    world.read()  # positions have caught up with the late cursor's, but they are others
    assert status_of(lambda: world.gateway.changes(world.admin, late.cursor)) == 410
    assert early.pull().hashes() == Mirror(world, world.admin).snapshot().hashes()


def test_a_cursor_of_another_epoch_has_expired(world: World) -> None:
    world.read()
    cursor = Mirror(world, world.admin).snapshot().cursor
    signer = Signer(world.gateway.setup.secret)
    inside = replace(signer.read_cursor(world.admin.user, cursor), epoch="another")
    other = signer.write_cursor(world.admin.user, inside)
    assert status_of(lambda: world.gateway.changes(world.admin, other)) == 410


# ---------------------------------------------------------------------------------------------------------- digests


def test_a_digest_says_when_it_is_not_comparable(world: World) -> None:
    deal = world.deal()
    foreign = world.deal(world.south)
    world.read()
    client = Mirror(world, world.admin).snapshot()
    assert world.gateway.digest(world.admin, client.cursor).current
    world.port.edit(foreign, todo="somebody else's")
    world.read()
    assert world.gateway.digest(world.admin, client.cursor).current, "what others see does not matter"
    world.port.edit(deal, todo="mine")
    world.read()
    late = world.gateway.digest(world.admin, client.cursor)
    assert not late.current
    assert late.entities == {}
    client.pull()
    assert world.gateway.digest(world.admin, client.cursor).current
    world.gateway.identity.set_role(world.admin.user, "rep")
    assert not world.gateway.digest(world.admin, client.cursor).current


def test_a_bucket_that_does_not_exist_is_not_found(world: World) -> None:
    cursor = Mirror(world, world.admin).snapshot().cursor
    assert status_of(lambda: world.gateway.bucket(world.admin, "deal_registration", 16, cursor)) == 404
    assert status_of(lambda: world.gateway.bucket(world.admin, "secret_plans", 0, cursor)) == 404


def test_records_by_gid_answer_for_the_caller_alone(world: World) -> None:
    mine, foreign, deleted = world.deal(), world.deal(world.south), world.deal()
    world.read()
    client = Mirror(world, world.admin).snapshot()
    world.port.archive_row(deleted)
    world.read()
    never = world.ids.new_id()
    asked = [world.gid(mine), world.gid(foreign), world.gid(deleted), never]
    page = json.loads(world.gateway.records(world.admin, asked, client.cursor))
    assert [row[0] for row in page["puts"]] == [world.gid(mine)]
    assert {(row[0], row[2]) for row in page["gone"]} == {
        (world.gid(foreign), "revoked"),
        (world.gid(deleted), "tombstone"),
        (never, "revoked"),
    }
    assert page["cursor"] == client.cursor
    with pytest.raises(Problem):
        world.gateway.records(world.admin, [never] * 51, client.cursor)
