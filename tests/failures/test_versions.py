"""Old and new together: a store of an older version, a client newer than its gateway, fields one side does not know."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.contract.errors import UpdateNeeded
from app.contract.version import WIRE_SCHEMA
from app.services.views_model import Choice, ChoiceKind, SyncState
from app.store import connection as store_connection
from app.store.database import Store
from app.store.migrations.steps import KNOWN_STEPS, migrations
from app.sync.transport import ManifestAnswer
from tests.failures.world import DEAL, KEY, SETTINGS, Device, World


# -- queued old-schema writes after an upgrade ---------------------------------------------------------------------
def older_file(device: Device, steps: int) -> None:
    """Leave the device's file as an older version of the program would have: with the first `steps` migrations only."""
    source = Store.open(device.path, KEY)
    # Without generated columns, which a SELECT * would bring too.
    columns = {
        table: [row[1] for row in source.connection.rows(f"PRAGMA table_info({table})")]
        for table in ("outbox", "draft", "meta", "setting", "activity", "conflict")
    }
    rows = {
        table: source.connection.rows(f"SELECT {', '.join(names)} FROM {table}")
        for table, names in columns.items()
    }
    records = source.connection.rows("SELECT gid, entity, version, hash, data, sync, generation FROM record")
    shadows = source.connection.rows("SELECT gid, entity, version, hash, data, last, generation FROM shadow")
    source.close()
    device.path.unlink()
    for more in device.path.parent.glob(f"{device.path.name}-*"):
        more.unlink()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            store_connection.Connection,
            "_migrate",
            lambda self: migrations.apply(
                self.db, stop_before=KNOWN_STEPS[steps] if steps < len(KNOWN_STEPS) else None
            ),
        )
        older = Store.open(device.path, KEY)
        with older.transaction():
            for table, found in rows.items():
                known = [row[1] for row in older.connection.rows(f"PRAGMA table_info({table})")]
                kept = [name for name in columns[table] if name in known]
                at = [columns[table].index(name) for name in kept]
                marks = ", ".join("?" * len(kept))
                older.connection.run_many(
                    f"INSERT INTO {table}({', '.join(kept)}) VALUES({marks})",
                    ([row[i] for i in at] for row in found),
                )
            older.connection.run_many(
                "INSERT INTO record(gid, entity, version, hash, data, sync, generation) VALUES(?, ?, ?, ?, ?, ?, ?)",
                records,
            )
            older.connection.run_many(
                "INSERT INTO shadow(gid, entity, version, hash, data, last, generation) VALUES(?, ?, ?, ?, ?, ?, ?)",
                shadows,
            )
        older.close()


def as_older_program(device: Device) -> None:
    """Rewrite what is queued as a program before the present one wrote it: an older shape, without later members."""
    for mutation_id, text in device.store.connection.rows("SELECT mutation_id, body FROM outbox"):
        body = json.loads(text)
        body["wire_schema"] = WIRE_SCHEMA - 1
        for name in ("supersedes", "base_version", "command", "depends_on"):
            if not body.get(name):
                body.pop(name, None)
        device.store.connection.run(
            "UPDATE outbox SET body = ? WHERE mutation_id = ?", (json.dumps(body), mutation_id)
        )


@pytest.mark.parametrize("steps", range(1, len(KNOWN_STEPS) + 1))
def test_queued_old_schema_writes_after_an_upgrade_are_sent_and_nothing_is_lost(
    world: World, steps: int
) -> None:
    gid, request = world.deal(), world.request()
    world.read()
    maya = world.device()
    maya.line.down = True
    maya.cycle()
    maya.edit(gid, competitor="Northwall")
    maya.portal.intents.message(request, "Is there any news?")
    submitted = maya.register("Kestrel")
    draft = maya.portal.drafts.start(DEAL)
    maya.portal.drafts.save(draft, maya.form(draft, "Harbour"))
    blobs = {blob.sha256: maya.store.blobs.content(blob.sha256) for blob in maya.store.blobs.all()}
    as_older_program(maya)
    maya.store.close()
    older_file(maya, steps)

    maya.start()
    for sha256, content in blobs.items():
        maya.store.blobs.add(
            sha256, len(content), "text/plain", "evidence.txt", (content,), world.clock.now()
        )
    assert maya.see(gid, "competitor") == "Northwall"
    assert {row.state for row in maya.outbox()} == {SyncState.WAITING}
    maya.line.down = False
    maya.sync()
    assert maya.outbox() == []
    assert world.value(gid, "rival") == "Northwall"
    assert world.notes(request) == ["Is there any news?"]
    assert (len(world.deals_of("Kestrel")), world.value(submitted, "stage_code")) == (1, "NEW")
    assert maya.portal.drafts.load(draft).data["customer"] == "Harbour"
    assert [hit.title for hit in maya.portal.search.query("Branch edge")] != [], "search was made anew"
    assert maya.in_step()


def test_queued_old_schema_write_that_had_left_before_the_upgrade_happens_once(world: World) -> None:
    gid = world.deal()
    world.read()
    maya = world.device()
    maya.edit(gid, competitor="Northwall")
    as_older_program(maya)
    maya.again()
    maya.line.lost["push"] = 1
    maya.cycle()
    maya.kill()
    maya.sync()
    assert (maya.outbox(), world.written(gid, "rival")) == ([], ["Northwall"])


def test_a_store_of_a_newer_version_is_left_alone(world: World) -> None:
    maya = world.device()
    with maya.store.transaction():
        maya.store.connection.run(
            "INSERT INTO _sqlite_migrations(migration_set, name, applied_at) VALUES('store', 'm999_later', '')"
        )
    maya.store.close()
    before = maya.path.read_bytes()
    with pytest.raises(UpdateNeeded):
        Store.open(maya.path, KEY)
    assert maya.path.read_bytes() == before
    maya.path.unlink()
    maya.start()  # the world closes what is open


# -- a client newer than its gateway -------------------------------------------------------------------------------
def test_what_a_client_newer_than_its_gateway_sends_waits_until_that_is_updated(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gid, other = world.deal(), world.deal()
    world.read()
    maya = world.device()
    maya.edit(gid, competitor="Northwall")
    newer = f"json_set(body, '$.wire_schema', {WIRE_SCHEMA + 1})"
    maya.store.connection.run(f"UPDATE outbox SET body = {newer}")
    maya.edit(other, competitor="Southgate")
    maya.again()
    for _ in range(3):
        maya.cycle()
        world.read(400)
    assert world.value(other, "rival") == "Southgate", "nothing else waits for it"
    (row,) = maya.outbox()
    assert (row.gid, row.state) == (gid, SyncState.WAITING), "it is not refused: nobody would type it again"
    assert "newer version" in row.reason
    monkeypatch.setattr("gateway.push.WIRE_SCHEMA", WIRE_SCHEMA + 1)
    monkeypatch.setattr("gateway.asking.WIRE_SCHEMA", WIRE_SCHEMA + 1)
    world.restart()
    world.read(400)
    maya.sync()
    assert (maya.outbox(), world.value(gid, "rival")) == ([], "Northwall")


def test_what_a_client_newer_than_its_gateway_says_in_words_it_does_not_know_waits_too(world: World) -> None:
    gid, other = world.deal(), world.deal()
    world.read()
    maya = world.device()
    maya.edit(gid, competitor="Northwall")
    maya.edit(other, competitor="Southgate")
    push_items, known = world.gateway.push_items, [True]

    def with_more(session: Any, items: list[dict[str, Any]]) -> Any:
        told = [
            {**item, "wire_schema": WIRE_SCHEMA + 1, "newer_member": 1}
            if item["gid"] == gid and known[0]
            else item
            for item in items
        ]
        return push_items(session, told)

    world.gateway.push_items = with_more  # type: ignore[method-assign, assignment]
    maya.cycle()
    (row,) = maya.outbox()
    assert (row.gid, row.state, world.value(other, "rival")) == (gid, SyncState.WAITING, "Southgate")
    known[0] = False
    world.wait(3600)
    maya.sync()
    assert (maya.outbox(), world.value(gid, "rival")) == ([], "Northwall")


# -- unknown fields erased by an older client ----------------------------------------------------------------------
HIDDEN = ("sales_stage", "decision_date", "help_needed")


def _without(data: dict[str, Any]) -> dict[str, Any]:
    """The portal as a client of last year knows it: some fields of deals do not exist yet."""
    for entity in data["entities"]:
        if entity["name"] != DEAL:
            continue
        entity["fields"] = [one for one in entity["fields"] if one["name"] not in HIDDEN]
        entity["detail"] = [name for name in entity["detail"] if name not in HIDDEN]
        for state in entity["lifecycle"]["states"]:
            if isinstance(state.get("editable"), list):
                state["editable"] = [name for name in state["editable"] if name not in HIDDEN]
        for section in entity["form"]["sections"]:
            section["rows"] = [[name for name in row if name not in HIDDEN] for row in section["rows"]]
    return data


def older_client(world: World) -> tuple[Device, str]:
    """A device that only knows the older manifest, though the gateway serves the newer; and a deal with all fields."""
    gid = world.deal(pipe_code="P45", decide_on="2027-03-01", assist_code="DEMO")
    world.read()
    text = json.dumps(
        _without(json.loads(world.gateway.manifest(world._session("Maya Okafor", "manager"))[0]))
    )
    maya = Device(world, world._session("Maya Okafor", "manager"), SETTINGS)
    world.devices.append(maya)
    maya.line.alter["manifest"] = lambda answer: ManifestAnswer(text, answer.etag)
    maya.sync()
    assert maya.portal.manifest.by_name[DEAL].field("sales_stage") is None
    return maya, gid


def untouched(world: World, device: Device, gid: str) -> None:
    columns = ("pipe_code", "decide_on", "assist_code")
    assert [world.value(gid, name) for name in columns] == ["P45", "2027-03-01", "DEMO"]
    fields = [device.see(gid, name) for name in HIDDEN]
    assert fields == ["technical_validation", "2027-03-01", "demo"], (
        "kept here as well, for the day it is updated"
    )
    assert device.in_step()


def test_unknown_fields_erased_by_an_older_client_survive_its_edit(world: World) -> None:
    maya, gid = older_client(world)
    maya.edit(gid, competitor="Northwall", amount="150000.00")
    maya.sync()
    assert (world.value(gid, "rival"), world.value(gid, "est_value")) == ("Northwall", "150000.00")
    untouched(world, maya, gid)


def test_unknown_fields_erased_by_an_older_client_survive_a_merge_and_a_conflict(world: World) -> None:
    maya, gid = older_client(world)
    maya.edit(gid, next_steps="We call them.", competitor="Northwall")
    world.desk.edit(world.row(gid), {"next_action": "Halden calls them.", "decide_on": "2027-03-01"})
    maya.sync()
    (view,) = maya.portal.conflicts.list()
    maya.portal.conflicts.resolve(gid, {"next_steps": Choice(ChoiceKind.MINE)}, view)
    maya.sync()
    assert (world.value(gid, "next_action"), world.value(gid, "rival")) == ("We call them.", "Northwall")
    untouched(world, maya, gid)


def test_unknown_fields_erased_by_an_older_client_survive_a_submission_sent_back(world: World) -> None:
    """A draft that was begun with the newer portal is finished with the older one."""
    maya = world.device()
    gid = maya.register("Kestrel")
    maya.portal.drafts.take_back(gid)
    maya.portal.drafts.save(gid, maya.form(gid, "Kestrel", help_needed="demo", sales_stage="qualified"))
    newer, etag = world.gateway.manifest(maya.line.session)
    maya.line.alter["manifest"] = lambda _: ManifestAnswer(json.dumps(_without(json.loads(newer))), "older")
    maya.again()
    maya.cycle()
    form = dict(maya.portal.drafts.load(gid).data)
    known = maya.portal.entity(DEAL).by_name
    maya.portal.drafts.save(
        gid, {name: value for name, value in form.items() if name in known} | {"title": "Edge"}
    )
    assert maya.portal.drafts.problems(gid) == {}, "nobody can mend what no form shows"
    maya.line.alter["manifest"] = lambda _: ManifestAnswer(newer, etag)
    maya.again()
    maya.cycle()
    data = maya.portal.drafts.load(gid).data
    assert (data["title"], data["help_needed"], data["sales_stage"]) == ("Edge", "demo", "qualified")
    maya.portal.drafts.submit(gid)
    maya.sync()
    assert (world.value(gid, "assist_code"), world.value(gid, "pipe_code")) == ("DEMO", "P25")


def test_a_draft_with_fields_the_portal_no_longer_has_can_be_submitted(world: World) -> None:
    maya = world.device()
    gid = maya.register("Kestrel")
    maya.portal.drafts.take_back(gid)
    maya.portal.drafts.save(gid, maya.form(gid, "Kestrel", help_needed="demo"))
    older = json.dumps(_without(json.loads(world.gateway.manifest(maya.line.session)[0])))
    maya.line.alter["manifest"] = lambda _: ManifestAnswer(older, "older")
    maya.again()
    maya.cycle()
    assert maya.portal.entity(DEAL).field("help_needed") is None
    maya.portal.drafts.submit(gid)
    maya.sync()
    assert (maya.outbox(), world.value(gid, "stage_code"), world.value(gid, "assist_code")) == (
        [],
        "NEW",
        None,
    )


def test_unknown_kinds_of_records_are_kept_for_the_day_they_are_known(world: World) -> None:
    gid = world.request()
    world.read()
    newer, etag = world.gateway.manifest(world._session("Maya Okafor", "manager"))
    data = json.loads(newer)
    data["entities"] = [one for one in data["entities"] if one["name"] != "request"]
    data["jobs"] = [one for one in data["jobs"] if one["entity"] != "request"]
    maya = Device(world, world._session("Maya Okafor", "manager"), SETTINGS)
    world.devices.append(maya)
    maya.line.alter["manifest"] = lambda _: ManifestAnswer(json.dumps(data), "older")
    maya.sync()
    assert maya.portal.manifest.entity("request") is None
    assert maya.in_step()
    maya.line.alter["manifest"] = lambda _: ManifestAnswer(newer, etag)
    calls = maya.line.calls["snapshot"]
    maya.again()
    maya.sync()
    assert maya.line.calls["snapshot"] == calls
    assert maya.portal.records.count("request") == 1
    assert maya.see(gid, "subject") == "Quote for HA pair"
