"""Both sides compared by themselves: once a night by every stored byte, when nobody is at work."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.contract.errors import Busy, Unreachable
from app.store.faults import GaveWay
from app.store.states import BlobState
from app.sync import proofs
from app.sync.comparing import last_night, next_night
from app.sync.engine import Engine, Wake
from app.sync.events import Mode, Proof, ProofDone
from app.sync.rot import check_documents
from tests.store.world import gid
from tests.sync.conftest import first_records
from tests.sync.world import START, Middle, World, make

HOUR = 3600.0
#: From half past nine, when the clock starts, until two o'clock at night.
UNTIL_NIGHT = 16.5 * HOUR


@pytest.fixture
def night(tmp_path: Path) -> Iterator[World]:
    """A client in step, whose night begins at two o'clock UTC."""
    made = make(tmp_path / "store.db", zone=UTC, night_spread=0.0)
    first_records(made)
    made.sync()
    made.events.clear()
    yield made
    made.store.close()


def hashed(client: World) -> list[Proof]:
    """The proofs told for which stored bytes were hashed."""
    return [event.proof for event in client.told(ProofDone) if event.proof.rehashed]


def rot(client: World) -> None:
    client.store.connection.run("UPDATE record SET data = ? WHERE gid = ?", ('{"customer":"Rotten"}', gid(1)))


@pytest.mark.parametrize(
    ("now", "zone", "night"),
    [
        (datetime(2026, 11, 24, 2, 0, tzinfo=UTC), UTC, datetime(2026, 11, 24, 2, 0, tzinfo=UTC)),
        (datetime(2026, 11, 24, 1, 59, tzinfo=UTC), UTC, datetime(2026, 11, 23, 2, 0, tzinfo=UTC)),
        (datetime(2026, 11, 24, 23, 0, tzinfo=UTC), UTC, datetime(2026, 11, 24, 2, 0, tzinfo=UTC)),
        (
            datetime(2026, 11, 24, 23, 0, tzinfo=UTC),
            timezone(timedelta(hours=3)),
            datetime(2026, 11, 24, 23, 0, tzinfo=UTC),
        ),
    ],
)
def test_the_night_is_where_the_computer_is(now: datetime, zone: timezone, night: datetime) -> None:
    assert last_night(now, 2, zone) == night


BERLIN = ZoneInfo("Europe/Berlin")
#: In Berlin two o'clock came twice on the second of these days, and on the second of those not at all.
BACK, FORTH = datetime(2027, 10, 30, tzinfo=UTC), datetime(2027, 3, 27, tzinfo=UTC)


@pytest.mark.parametrize("begin", [BACK, FORTH])
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 23])
def test_each_day_has_one_night_also_when_clocks_are_set(begin: datetime, hour: int) -> None:
    moments = [begin + timedelta(minutes=10 * n) for n in range(4 * 24 * 6)]
    for now in moments:
        assert last_night(now, hour, BERLIN) <= now < next_night(now, hour, BERLIN)
        assert last_night(next_night(now, hour, BERLIN), hour, BERLIN) == next_night(now, hour, BERLIN)
    nights = sorted({last_night(now, hour, BERLIN) for now in moments})
    days = [night.astimezone(BERLIN).date() for night in nights]
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]


@pytest.mark.parametrize("begin", [BACK, FORTH])
def test_every_stored_byte_is_hashed_once_a_night_also_when_clocks_are_set(
    tmp_path: Path, begin: datetime
) -> None:
    client = make(tmp_path / "store.db", zone=BERLIN, night_spread=0.0)
    client.clock.advance((begin + timedelta(hours=12) - client.clock.now()).total_seconds())
    first_records(client)
    client.sync()
    client.events.clear()
    for _ in range(3 * 48):
        client.clock.advance(HOUR / 2)
        client.sync()
    assert len(hashed(client)) == 3
    client.store.close()


def test_every_stored_byte_is_hashed_once_a_night(night: World) -> None:
    rot(night)
    night.clock.advance(UNTIL_NIGHT - 1)
    night.sync()
    assert hashed(night) == [], "the hourly comparison takes the stored hashes as they are"
    night.clock.advance(1)
    night.sync()
    (proof,) = hashed(night)
    assert (proof.identical, proof.repaired) == (True, 1)
    assert "Incident: 1 deal differed from the gateway, repaired" in night.lines()
    assert night.identical()
    assert night.engine.status.proven_at == night.clock.now()
    for _ in range(5):
        night.clock.advance(HOUR)
        night.sync()
    assert len(hashed(night)) == 1
    night.clock.advance(19 * HOUR)
    night.sync()
    assert len(hashed(night)) == 2


def test_a_cycle_is_wanted_when_the_night_comes(night: World) -> None:
    night.engine.set_listening(True)
    night.clock.advance(UNTIL_NIGHT - 100)
    assert night.engine.cycle() == pytest.approx(100)


def test_a_night_in_which_it_was_off_is_made_up_for_when_it_is_quiet(night: World) -> None:
    night.clock.advance(3 * 24 * HOUR)
    night.again()
    night.sync()
    assert hashed(night) == [], "whoever starts it wants to work"
    wait = night.engine.cycle()
    assert wait <= night.settings.quiet
    night.clock.advance(night.settings.quiet)
    night.sync()
    assert len(hashed(night)) == 1, "one, however many nights were missed"


def test_it_waits_while_somebody_is_at_work(night: World) -> None:
    night.clock.advance(UNTIL_NIGHT)
    night.edit("m1", 1, next_steps="Up late")
    night.engine.cycle(Wake.ENQUEUE)
    assert hashed(night) == []
    night.clock.advance(night.settings.quiet - 1)
    night.engine.cycle(Wake.POKE)
    assert hashed(night) == []
    night.clock.advance(1)
    night.engine.cycle()
    assert len(hashed(night)) == 1


def test_it_is_broken_off_when_somebody_comes_and_done_later(night: World) -> None:
    asked: list[bool] = []

    def disturbed() -> bool:
        asked.append(True)
        return len(asked) > 1

    night.engine = Engine(
        night.store, night.gateway, night.clock, Middle(), night.events.append, settings=night.settings,
        undisturbed=disturbed,
    )  # fmt: skip
    night.clock.advance(UNTIL_NIGHT)
    wait = night.engine.cycle()
    assert hashed(night) == []
    assert night.mode() is Mode.LIVE
    assert 0 < wait <= 5
    night.clock.advance(wait)
    night.engine.cycle()
    assert len(hashed(night)) == 1


def test_hashing_asks_again_and_again_whether_it_may_go_on(night: World) -> None:
    for number in range(100, 1300):
        night.gateway.put(number, customer=f"Customer {number}")
    night.sync()
    answers = iter((True, True, False))
    with pytest.raises(GaveWay):
        night.store.proofs.rehashed(lambda: next(answers))
    assert next(answers, None) is None


@pytest.mark.parametrize("fault", [Busy(), Unreachable()])
def test_a_gateway_that_does_not_answer_at_night_is_asked_again(night: World, fault: Busy) -> None:
    night.clock.advance(UNTIL_NIGHT)
    night.sync()
    night.clock.advance(24 * HOUR)
    night.engine.verify(rehash=False)
    night.clock.advance(night.settings.quiet)
    night.events.clear()
    night.gateway.faults["digest"] = [fault]
    night.sync()
    assert hashed(night) == []
    night.clock.advance(night.settings.poll_live)
    night.sync()
    assert len(hashed(night)) == 1


def test_what_was_proven_outlives_the_process(night: World) -> None:
    assert proofs.last_hashed(night.store) is None
    rot(night)
    whole = night.engine.verify(rehash=True)
    night.clock.advance(60)
    quick = night.engine.verify(rehash=False)
    assert proofs.last(night.store) == quick
    assert proofs.last_hashed(night.store) == whole
    (deals,) = [one for one in whole.entities if one.entity == "deal_registration"]
    assert sum(deals.counts) == deals.records == 3
    assert sum(deals.mended) == 1
    assert deals.mended[int(gid(1)[-1], 16)] == 1
    night.engine.set_offline(True)
    night.engine.verify(rehash=True)
    assert proofs.last(night.store) == quick, "a comparison that claims nothing replaces none that does"


def test_a_proof_of_an_earlier_version_is_only_made_anew(night: World) -> None:
    night.store.settings.put("engine.proof", {"at": "long ago"})
    assert proofs.last(night.store) is None


def test_the_first_night_after_the_first_sync_is_the_first_that_counts(tmp_path: Path) -> None:
    made = make(tmp_path / "fresh.db", zone=UTC, night_spread=0.0)
    made.clock.advance(40 * 24 * HOUR)
    first_records(made)
    made.sync()
    made.clock.advance(10 * 60)
    made.sync()
    assert hashed(made) == []
    made.store.close()


def test_the_clients_of_a_gateway_do_not_all_come_at_once(tmp_path: Path) -> None:
    made = make(tmp_path / "spread.db", zone=UTC)  # chance draws the upper end: an hour
    first_records(made)
    made.sync()
    made.clock.advance(UNTIL_NIGHT + HOUR - 1)
    made.sync()
    assert hashed(made) == []
    made.clock.advance(1)
    made.sync()
    assert len(hashed(made)) == 1
    assert made.clock.now() == START + timedelta(seconds=UNTIL_NIGHT + HOUR)
    made.store.close()


def test_documents_that_rotted_are_found_at_night(night: World) -> None:
    def here(content: bytes, *, pinned: bool = False) -> str:
        name = hashlib.sha256(content).hexdigest()
        night.store.blobs.want(name, len(content), "text/plain", "x", night.clock.now())
        night.store.blobs.append(name, 0, content)
        assert night.store.blobs.finish(name, night.clock.now())
        night.store.blobs.pin(name, pinned)
        return name

    sound, passing, kept = here(b"sound"), here(b"passing"), here(b"kept", pinned=True)
    mine = hashlib.sha256(b"mine").hexdigest()
    night.store.blobs.add(mine, 4, "text/plain", "x", [b"mine"], night.clock.now())
    for name in (passing, kept, mine):
        night.store.connection.run("UPDATE blob_chunk SET data = zeroblob(4) WHERE sha256 = ?", (name,))
    night.clock.advance(UNTIL_NIGHT)
    night.sync()
    found = {name: night.store.blobs.get(name) for name in (sound, passing, kept, mine)}
    states = {name: (blob.state, blob.wanted) for name, blob in found.items() if blob is not None}
    assert states == {
        sound: (BlobState.COMPLETE, False),
        passing: (BlobState.PARTIAL, False),
        kept: (BlobState.PARTIAL, True),
        mine: (BlobState.COMPLETE, False),
    }
    thrown = "Incident: a document was damaged on this computer and thrown away"
    unsent = "Incident: a file that waits to be sent was damaged on this computer; attach it again"
    incidents = [line for line in night.lines() if line.startswith("Incident")]
    assert sorted(incidents) == sorted([thrown, f"{thrown}; it is pulled again", unsent])
    checked = found[sound]
    assert checked is not None
    assert checked.verified_at == night.clock.now()


def test_documents_are_left_for_the_next_night_when_somebody_comes(night: World) -> None:
    for content in (b"one", b"two"):
        name = hashlib.sha256(content).hexdigest()
        night.store.blobs.want(name, 3, "text/plain", "x", night.clock.now())
        night.store.blobs.append(name, 0, content)
        assert night.store.blobs.finish(name, night.clock.now())
        night.clock.advance(60)
    now = night.clock.now()
    answers = iter((True, False))
    check_documents(night.store, now, lambda: next(answers))
    first, second = (night.store.blobs.get(hashlib.sha256(one).hexdigest()) for one in (b"one", b"two"))
    assert first is not None
    assert second is not None
    assert (first.verified_at, second.verified_at == now) == (now, False), "longest unchecked first"


def test_documents_that_make_room_while_others_are_hashed_are_no_incident(night: World) -> None:
    names = [hashlib.sha256(content).hexdigest() for content in (b"one", b"two", b"six")]
    for name, content in zip(names, (b"one", b"two", b"six"), strict=True):
        night.store.blobs.want(name, 3, "text/plain", "x", night.clock.now())
        night.store.blobs.append(name, 0, content)
        assert night.store.blobs.finish(name, night.clock.now())
        night.clock.advance(60)

    def cleared() -> bool:
        """The user clears all space, and asks for one of them again."""
        if night.store.blobs.evict(0):
            night.store.blobs.want(names[2], 3, "text/plain", "x", night.clock.now())
            night.store.blobs.append(names[2], 0, b"si")
        return True

    assert check_documents(night.store, night.clock.now(), cleared) == 0
    assert [line for line in night.lines() if line.startswith("Incident")] == []
    left = night.store.blobs.get(names[2])
    assert left is not None
    assert (left.have, left.wanted) == (2, True)
