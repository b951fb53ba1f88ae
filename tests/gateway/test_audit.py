"""The audit log: what stands in it, that it is written with what it tells, and that tampering shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from app.contract.mutations import Status
from gateway import audit as log
from gateway.assembly import database_at
from gateway.audit import Deed, Trail
from gateway.audit_chain import GENESIS, Head, Line, Seal, link
from gateway.audit_walk import Kept, Trusted, Verdict, entries, verify
from gateway.failpoints import Crash, Failpoint
from gateway.identity.witness import Witness
from gateway.logs import configure_logs
from gateway.tables import audit, audit_checkpoint, audit_head
from gateway.witness import IdentityWitness
from tests.gateway.databases import lender, reopened
from tests.gateway.pushes import code, draft
from tests.gateway.world import FixedClock, World


def kept(world: World) -> list[Kept]:
    """Everything in the log."""
    with world.database.read() as connection:
        return list(entries(connection))


def told(entry: Kept) -> dict[str, Any]:
    """An entry's facts."""
    found: dict[str, Any] = json.loads(entry.line.facts)
    return found


def judge(world: World, **trusted: Any) -> Verdict:
    """Check the log as its gateway does."""
    with world.database.read() as connection:
        return verify(connection, Trusted(world.gateway.audit.seal, **trusted))


# ------------------------------------------------------------------------------------------------- what is written


def test_each_settled_mutation_is_told_without_the_values(world: World) -> None:
    ref, gid = draft(world)
    edit = world.patch(gid, {"competitor": None}, {"competitor": "Northwall"})
    world.port.edit(ref, todo="Something else.\n")
    new = world.new_deal()
    outcomes = world.push(world.admin, edit, new, world.command(gid, "withdraw", "draft"))
    assert [o.status for o in outcomes] == [Status.APPLIED] * 3
    found = {told(entry)["mutation"]: entry for entry in kept(world)}
    line = found[edit.mutation_id].line
    assert (line.event, line.actor, line.device) == ("mutation", world.admin.user, "Ada's laptop")
    assert (line.entity, line.subject) == ("deal_registration", gid)
    assert json.loads(line.companies) == [world.gid(world.north)]
    facts = told(found[edit.mutation_id])
    assert (facts["kind"], facts["outcome"], facts["fields"]) == ("patch", "applied", ["competitor"])
    assert facts["body"] == edit.body_hash()
    assert facts["written"]
    assert told(found[outcomes[2].mutation_id])["command"] == "withdraw"
    whole = json.dumps([entry.as_json() for entry in kept(world)])
    for value in ("Northwall", "Hillcrest", "hillcrest.example", "22480", "ada@"):
        assert value not in whole
    assert judge(world).words().startswith("3 entries, chain whole, last 3 at 2026-11-24T")


def test_conflicts_and_refusals_are_told_and_repeats_are_not(world: World) -> None:
    ref, gid = draft(world)
    world.port.edit(ref, rival="Stonegate")
    edit = world.patch(gid, {"competitor": None}, {"competitor": "Northwall"})
    foreign = world.patch(gid, {"competitor": None}, {"competitor": "Northwall"})
    for session, mutation in ((world.admin, edit), (world.other, foreign), (world.admin, edit)):
        world.push_one(session, mutation)
    conflict, gone = kept(world)
    assert told(conflict) | {"outcome": "conflict", "clashes": ["competitor"], "written": False} == told(
        conflict
    )
    assert told(gone) | {"outcome": "gone", "reason": "revoked"} == told(gone)
    assert json.loads(gone.line.companies) == [world.gid(world.south)]


@pytest.mark.parametrize("point", list(Failpoint))
def test_it_is_written_in_the_transaction_of_the_outcome(world: World, point: Failpoint) -> None:
    _, gid = draft(world)

    def crash(reached: Failpoint) -> None:
        if reached is point:
            raise Crash

    world.gateway.failpoints.hook = crash
    with pytest.raises(Crash):
        world.push_one(world.admin, world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}))
    assert len(kept(world)) == (1 if point is Failpoint.AFTER_OUTCOME else 0)
    world.gateway = world.restarted()
    world.gateway.recover(alone=True)
    assert len(kept(world)) == 1
    assert judge(world).broken is None


def test_a_batch_is_told_in_one_statement(world: World) -> None:
    rows = [draft(world) for _ in range(20)]
    edits = [world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}) for _, gid in rows]
    statements: list[str] = []

    from sqlalchemy import event

    def seen(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(world.database.engine, "before_cursor_execute", seen)
    outcomes = world.push(world.admin, *edits)
    event.remove(world.database.engine, "before_cursor_execute", seen)
    assert {o.status for o in outcomes} == {Status.APPLIED}
    assert sum("INTO audit " in text for text in statements) == 1
    assert len(kept(world)) == 20


def test_what_is_malformed_or_reuses_an_id_is_told_within_reason(world: World) -> None:
    _, gid = draft(world)
    edit = world.patch(gid, {"competitor": None}, {"competitor": "Northwall"})
    world.push_one(world.admin, edit)
    other = edit.model_copy(update={"changes": {"competitor": "Stonegate"}})
    assert code(world.push_one(world.admin, other)) == "id_reused"
    world.gateway.push_items(world.admin, ["nonsense", {"mutation_id": "m1", "kind": "explode"}])
    settled, reused, malformed = kept(world)
    assert settled.line.event == "mutation"
    for entry, why in ((reused, {"id_reused": 1}), (malformed, {"malformed": 2})):
        assert (entry.line.event, entry.line.actor) == ("mutations_refused", world.admin.user)
        assert told(entry)["reasons"] == why
    for _ in range(1000):
        world.gateway.push_items(world.admin, ["nonsense"])
    assert len(kept(world)) < 50, "nobody can fill the disk"
    world.clock.forward(3600)
    world.gateway.push_items(world.admin, ["nonsense"])
    assert told(kept(world)[-1])["left_out"] > 900
    assert judge(world).broken is None


def test_facts_keep_secrets_and_addresses_to_themselves(world: World) -> None:
    with world.database.write() as connection:
        world.gateway.audit.note(
            connection,
            "sign_in_failed",
            user=None,
            device="ab\x00\ud800c",
            refresh_token="hunter2",
            why="no account for ada@example.test",
            share=0.5,
            at=world.clock.now(),
            several={"b", "a"},
        )
        world.gateway.audit.note_staff(
            connection, "vera", "account_closed", entity="account", subject=world.rep.user, role="rep"
        )
        world.gateway.audit.note(connection, "long", names=["x" * 300] * 100)
    failed, staff, long = kept(world)
    assert told(failed) == {
        "refresh_token": "[removed]",
        "why": "no account for [removed]",
        "share": "0.5",
        "at": "2026-11-24T09:00:01+00:00",
        "several": ["a", "b"],
    }
    assert (failed.line.actor, failed.line.device) == ("", "ab?c")
    assert (staff.line.actor, staff.line.subject) == ("staff:vera", world.rep.user)
    assert len(long.line.facts) < 100
    assert judge(world).broken is None


def test_identitys_events_are_told_of_the_account_and_whoever_did_it(world: World) -> None:
    gateway = world.gateway
    witness: Witness = IdentityWitness(gateway.audit, gateway.refusals, b"s" * 32)
    with world.database.write() as connection:
        witness.note(connection, "signed_in", user=world.rep.user, device="laptop", session="s", kiosk=False)
        witness.note(
            connection, "role_changed", user=world.rep.user, device="", by=world.admin.user, role="rep"
        )
        for _ in range(100):
            facts = {"address": "203.0.113.7", "why": "no account for eve@example.test"}
            witness.note(connection, "sign_in_failed", user="", device="", **facts)
    with world.database.write() as connection:
        world.gateway.audit.note_staff(
            connection, "vera", "registration_approved", entity="deal_registration", subject="gid", n=1
        )
    signed_in, role, *failed, staff = kept(world)
    assert (signed_in.line.actor, signed_in.line.device) == (world.rep.user, "laptop")
    assert json.loads(signed_in.line.companies) == [world.gid(world.north)]
    assert (role.line.actor, role.line.entity, role.line.subject) == (
        world.admin.user,
        "account",
        world.rep.user,
    )
    assert len(failed) == 10
    assert "203.0.113.7" not in failed[0].line.facts
    assert "eve@" not in failed[0].line.facts
    assert len(told(failed[0])["client"]) == 16
    assert (staff.line.actor, staff.line.subject, told(staff)) == ("staff:vera", "gid", {"n": 1})
    assert judge(world).broken is None


# ------------------------------------------------------------------------------------------------------- tampering


def grown(world: World, count: int = 25) -> None:
    """Write entries, with checkpoints at 1, and at 11 and 21 an hour later each."""
    for number in range(count):
        if number % 10 == 0:
            world.clock.forward(3600)
        with world.database.write() as connection:
            world.gateway.audit.note(connection, "signed_in", user=world.rep.user, number=number)


def bare(connection: Connection) -> None:
    """Take the guards away, as somebody may who owns the database."""
    for table in ("audit", "audit_checkpoint"):
        for guard in ("update", "delete", "replace"):
            connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{guard}")


def edit(connection: Connection, _world: World) -> None:
    connection.execute(update(audit).where(audit.c.seq == 12).values(facts='{"number":99}'))


def edit_the_time(connection: Connection, world: World) -> None:
    earlier = world.clock.now() - timedelta(days=1)
    connection.execute(update(audit).where(audit.c.seq == 12).values(at=earlier))


def drop_one(connection: Connection, _world: World) -> None:
    connection.execute(delete(audit).where(audit.c.seq == 12))


def drop_one_and_close_up(connection: Connection, world: World) -> None:
    drop_one(connection, world)
    for seq in range(13, 26):
        connection.execute(update(audit).where(audit.c.seq == seq).values(seq=seq - 1))


def swap(connection: Connection, _world: World) -> None:
    for seq, to in ((12, 1000), (13, 12), (1000, 13)):
        connection.execute(update(audit).where(audit.c.seq == seq).values(seq=to))


def put_one_between(connection: Connection, world: World) -> None:
    for seq in range(25, 11, -1):
        connection.execute(update(audit).where(audit.c.seq == seq).values(seq=seq + 1))
    row = connection.execute(select(audit).where(audit.c.seq == 11)).one()
    connection.execute(insert(audit).values({**row._asdict(), "seq": 12, "previous": row.hash}))


def cut_off(connection: Connection, _world: World) -> None:
    connection.execute(delete(audit).where(audit.c.seq > 23))


def cut_off_with_its_checkpoint(connection: Connection, _world: World) -> None:
    connection.execute(delete(audit).where(audit.c.seq > 11))
    connection.execute(delete(audit_checkpoint).where(audit_checkpoint.c.seq > 11))


def cut_off_and_move_the_head(connection: Connection, world: World) -> None:
    cut_off(connection, world)
    row = connection.execute(select(audit).where(audit.c.seq == 23)).one()
    connection.execute(update(audit_head).values(seq=23, hash=row.hash))


def cut_off_and_forget_the_head(connection: Connection, world: World) -> None:
    cut_off(connection, world)
    connection.execute(delete(audit_head))


def add(connection: Connection, world: World) -> None:
    row = connection.execute(select(audit).where(audit.c.seq == 25)).one()
    line = Line(26, world.clock.now(), "signed_in", "", "", "[]", "", "", "{}")
    values = {**vars(line), "previous": row.hash, "hash": link(row.hash, line)}
    connection.execute(insert(audit).values(values))


def rewrite(connection: Connection, world: World, since: int = 12) -> None:
    edit(connection, world)
    rows = connection.execute(select(audit).where(audit.c.seq >= since).order_by(audit.c.seq)).all()
    before = connection.execute(select(audit.c.hash).where(audit.c.seq == since - 1)).scalar() or GENESIS
    for row in rows:
        fields = row._asdict()
        line = Line(**{name: fields[name] for name in Line.__dataclass_fields__})
        digest = link(before, line)
        changed = {"previous": before, "hash": digest}
        connection.execute(update(audit).where(audit.c.seq == row.seq).values(**changed))
        before = digest
    connection.execute(update(audit_head).values(hash=before))


def rewrite_with_another_key(connection: Connection, world: World) -> None:
    rewrite(connection, world)
    foreign = Seal(b"f" * 32, Ed25519PrivateKey.from_private_bytes(b"f" * 32))
    head = None
    for row in connection.execute(select(audit_checkpoint).where(audit_checkpoint.c.seq > 11)).all():
        digest = connection.execute(select(audit.c.hash).where(audit.c.seq == row.seq)).scalar_one()
        _, checkpoint = foreign.sign(Head(row.seq, digest), row.at)
        this = audit_checkpoint.c.seq == row.seq
        connection.execute(update(audit_checkpoint).where(this).values(**vars(checkpoint)))
    stored = connection.execute(select(audit_head)).one()
    head = Head(stored.seq, stored.hash, stored.marked, stored.marked_at)
    connection.execute(update(audit_head).values(mac=foreign.mac(head)))


def rewrite_after_the_last_checkpoint(connection: Connection, world: World) -> None:
    connection.execute(update(audit).where(audit.c.seq == 23).values(facts='{"number":99}'))
    rewrite_from = 23
    rewrite(connection, world, rewrite_from)
    connection.execute(update(audit).where(audit.c.seq == 12).values(facts='{"number":11}'))


def swap_checkpoints(connection: Connection, _world: World) -> None:
    for seq, to in ((11, 1000), (21, 11), (1000, 21)):
        connection.execute(update(audit_checkpoint).where(audit_checkpoint.c.seq == seq).values(seq=to))


def forge_a_signature(connection: Connection, _world: World) -> None:
    this = audit_checkpoint.c.seq == 11
    connection.execute(update(audit_checkpoint).where(this).values(signature="00" * 64))


def drop_the_last_checkpoint(connection: Connection, _world: World) -> None:
    connection.execute(delete(audit_checkpoint).where(audit_checkpoint.c.seq == 21))


def empty(connection: Connection, _world: World) -> None:
    for table in (audit, audit_checkpoint):
        connection.execute(delete(table))


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("tamper", "broken", "why"),
    [
        (edit, 12, "its content is not what was written"),
        (edit_the_time, 12, "its content is not what was written"),
        (drop_one, 12, "entry 12 is missing"),
        (drop_one_and_close_up, 12, "does not follow"),
        (swap, 12, "does not follow"),
        (put_one_between, 12, "content is not what was written"),
        (cut_off, 24, "it went up to entry 25"),
        (cut_off_with_its_checkpoint, 12, "it went up to entry 25"),
        (cut_off_and_move_the_head, 24, "not written by this gateway"),
        (cut_off_and_forget_the_head, 24, "where the log ends is missing"),
        (add, 27, "goes on behind entry 25"),
        (rewrite, 21, "checkpoint was signed for another entry"),
        (rewrite_with_another_key, 21, "a key that is not this gateway's"),
        (rewrite_after_the_last_checkpoint, 26, "not written by this gateway"),
        (swap_checkpoints, 11, "the signature of its checkpoint is not right"),
        (forge_a_signature, 11, "the signature of its checkpoint is not right"),
        (drop_the_last_checkpoint, 26, "the checkpoint of entry 21 is missing"),
        (empty, 1, "it went up to entry 25"),
    ],
)
def test_tampering_shows(
    world: World, tamper: Callable[[Connection, World], None], broken: int, why: str
) -> None:
    grown(world)
    assert judge(world) == replace(judge(world), entries=25, last=25, broken=None, why="")
    with world.database.write() as connection:
        bare(connection)
        tamper(connection, world)
    found = judge(world)
    assert (found.broken, why in found.why) == (broken, True), found


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("tamper", [cut_off_and_move_the_head, rewrite_after_the_last_checkpoint])
def test_what_is_written_afterwards_does_not_hide_it(
    world: World, tamper: Callable[[Connection, World], None]
) -> None:
    grown(world)
    with world.database.write() as connection:
        bare(connection)
        tamper(connection, world)
    before = judge(world)
    grown(world, 3)
    found = judge(world)
    assert before.broken is not None
    assert (found.broken, "ended by somebody else" in found.why) == (before.broken, True), found


@pytest.mark.databases("sqlite")
def test_an_old_copy_of_the_whole_shows_against_what_was_kept_elsewhere(world: World) -> None:
    """What the database alone cannot show: it was set back with its head. A hash in the log of the machine does."""
    grown(world)
    with world.database.read() as connection:
        anchor = log.latest_checkpoint(connection)
    assert anchor is not None
    assert judge(world, anchors={anchor.seq: anchor.hash}).broken is None
    fresh = World()
    assert judge(fresh, anchors={anchor.seq: anchor.hash}).broken == 1
    grown(fresh, 30)
    assert judge(fresh, anchors={21: "0" * 64}).broken == 21


@pytest.mark.databases("sqlite")
def test_checkpoints_are_told_in_the_log_as_anchors(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", as_json=True)
    world.gateway.tidy()
    assert capsys.readouterr().err == ""
    grown(world)
    world.gateway.tidy()
    told_of = json.loads(capsys.readouterr().err)
    seq, _, digest = told_of["anchor"].partition(":")
    assert (seq, told_of["event"]) == ("21", "audit checkpoint")
    assert judge(world, anchors={int(seq): digest}).broken is None
    configure_logs("CRITICAL")


@pytest.mark.databases("sqlite")
def test_a_former_key_of_receipts_can_be_named(world: World) -> None:
    grown(world)
    before = world.gateway.audit.seal.public
    new = Ed25519PrivateKey.from_private_bytes(b"n" * 32)
    trail = Trail(world.clock, b"s" * 32, new)
    world.clock.forward(3600)
    with world.database.write() as connection:
        trail.note(connection, "signed_in")
        assert verify(connection, Trusted(trail.seal)).broken == 1
        assert verify(connection, Trusted(trail.seal, keys=frozenset((before,)))).broken is None


@pytest.mark.databases("sqlite")
def test_part_of_it_can_be_checked(world: World) -> None:
    grown(world)
    since = world.clock.now() - timedelta(minutes=90)
    with world.database.write() as connection:
        bare(connection)
        connection.execute(update(audit).where(audit.c.seq == 3).values(event="another"))
    with world.database.read() as connection:
        trusted = Trusted(world.gateway.audit.seal)
        assert verify(connection, trusted).broken == 3
        found = verify(connection, trusted, since)
        assert (found.broken, found.entries, found.last) == (None, 15, 25)
        later = verify(connection, trusted, world.clock.now() + timedelta(days=1))
        assert (later.broken, later.entries) == (None, 0)


@pytest.mark.databases("sqlite")
def test_it_is_checked_in_bounded_memory(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway import audit_walk

    monkeypatch.setattr(audit_walk, "_PAGE", 10)
    with world.database.write() as connection:
        for _ in range(7):
            world.gateway.audit.note_many(connection, [Deed("x", facts={"n": n}) for n in range(13)])
    sizes: list[int] = []
    from sqlalchemy import event

    def rows(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "FROM audit " in statement and "LIMIT" in statement:
            sizes.append(parameters[1])

    event.listen(world.database.engine, "before_cursor_execute", rows)
    assert judge(world).entries == 91
    event.remove(world.database.engine, "before_cursor_execute", rows)
    assert sizes == [10] * 10


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET event = 'x' WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 1",
        "TRUNCATE audit, audit_checkpoint",
        "UPDATE audit_checkpoint SET hash = 'x'",
        "DELETE FROM audit_checkpoint",
    ],
)
@pytest.mark.parametrize("made", ["by migrations", "at once"])
def test_the_database_itself_refuses_changes(tmp_path: Path, made: str, statement: str) -> None:
    by_migrations = lender.service_address() or f"sqlite:///{tmp_path}/new.sqlite3"
    database = database_at(by_migrations) if made == "by migrations" else lender.database()
    trail = Trail(FixedClock(), b"s" * 32, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    with database.write() as connection:
        trail.note_many(connection, [Deed("signed_in")] * 3)
    if (
        statement.startswith("TRUNCATE") and not database.shared
    ):  # nor can a row be overwritten in another way
        statement = "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 1"
    with pytest.raises(DBAPIError, match="only appended to"), database.write() as connection:
        connection.exec_driver_sql(statement)
    with database.read() as connection:
        assert verify(connection, Trusted(trail.seal)).entries == 3
    database.close()


def test_it_goes_on_over_restarts(tmp_path: Path) -> None:
    world = World(folder=tmp_path)
    grown(world, 3)
    world.database.close()
    again = World.restarted(world, database=reopened(world.database))
    with again.ground.database.write() as connection:
        again.audit.note(connection, "signed_in")
        assert verify(connection, Trusted(again.audit.seal)).entries == 4
    again.close()
