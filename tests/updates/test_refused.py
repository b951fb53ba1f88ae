"""Attacks on the way from the publisher to a computer, each carried out against the real client.

Whatever is refused, nothing on the computer has changed: no pointer, no release, nothing half-unpacked.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from tuf.api.metadata import Metadata, Root, TargetFile, Targets
from update_keys import Keys
from update_repository import Repository

from app.contract.errors import CounterpartError, DiskFull, Refused
from app.session.updates import staging
from app.session.updates.channel import Channel
from app.session.updates.fetcher import GRACE, LEAST_RATE
from app.session.updates.places import Pointer
from app.session.updates.refusals import ReleasesAway, UpdateRefused, Why
from app.session.updates.release import MOST_PACKED, Machine
from app.session.updates.verdict import Verdict
from tests.updates.world import MACHINE, PASSPHRASE, World, in_other_hands, publisher, sent


def refused(world: World, running: str = "0.1.0", **options: Any) -> UpdateRefused:
    """Let the client try, and see that it refuses and that nothing of it stays. Returns what it says."""
    before = world.state()
    with pytest.raises(UpdateRefused) as caught:
        world.taking(running, **options).take(Channel.STABLE)
    after = {name: data for name, data in world.state().items() if not name.startswith("download/")}
    assert after == {name: data for name, data in before.items() if not name.startswith("download/")}
    assert "goes on as it is" in caught.value.text
    return caught.value


def newest(world: World, role: str) -> Path:
    """The newest file of a role."""
    found = world.place.glob(f"metadata/*{role}.json")
    return max(found, key=lambda path: int(path.name.split(".")[0]) if path.name[0].isdigit() else 0)


def replaced(ending: str, data: bytes) -> Callable[[httpx.Request], httpx.Response | None]:
    """Somebody in between gives these bytes for whatever ends so."""
    return lambda request: sent(data) if request.url.path.endswith(ending) else None


@pytest.fixture
def attacker(tmp_path: Path) -> Repository:
    """Somebody with a place of releases of their own, and keys of the same names."""
    keys = Keys(tmp_path / "attacker" / "keys", PASSPHRASE)
    for name in ("root-1", "root-2", "root-3", "targets", "stable", "beta", "snapshot", "timestamp"):
        keys.make(name)
    return Repository(tmp_path / "attacker" / "place", keys, publisher(tmp_path)._now)


# -- signatures -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "stable"])
def test_metadata_that_another_key_signed_is_refused(world: World, attacker: Repository, role: str) -> None:
    world.publish("0.2.0")
    path = newest(world, role)
    forged: Metadata[Any] = Metadata.from_file(str(path))
    forged.sign(attacker._keys.signer(role))
    assert forged.signatures
    world.between = replaced(path.name, forged.to_bytes())
    # Snapshot, targets and channel are pinned by hash before their signatures are even looked at.
    assert refused(world).why in (Why.UNSIGNED, Why.WRONG_BYTES)


@pytest.mark.parametrize("role", ["snapshot", "targets", "stable"])
def test_an_inner_role_needs_its_own_key_even_when_all_above_it_are_in_other_hands(
    world: World, attacker: Repository, role: str
) -> None:
    """The online keys were stolen: everything fits together, only this role's signature is not the publisher's."""
    world.publish("0.2.0")
    forged: Metadata[Any] = Metadata.from_file(str(newest(world, role)))
    forged.signed.version += 1
    forged.sign(attacker._keys.signer(role))
    stolen = in_other_hands(world.repository)
    stolen._save(forged, f"{forged.signed.version}.{role}.json")
    if role == "snapshot":
        stolen._write_timestamp(forged)
    else:
        stolen._publish((role,))
    assert refused(world).why is Why.UNSIGNED


@pytest.mark.parametrize("signers", [(), ("root-1",), ("root-1", "root-1")])
def test_a_root_with_fewer_than_two_good_signatures_is_refused(
    world: World, signers: tuple[str, ...]
) -> None:
    world.publish("0.2.0")
    root = world.repository._root()
    root.signed.version += 1
    root.signatures.clear()
    for name in signers:
        root.sign(world.repository._keys.signer(name), append=True)
    world.between = replaced("/2.root.json", root.to_bytes())
    assert refused(world).why is Why.UNSIGNED


def test_a_root_that_only_its_own_new_keys_signed_is_refused(world: World, attacker: Repository) -> None:
    world.publish("0.2.0")
    root = world.repository._root()
    root.signed.version += 1
    for keyid in list(root.signed.roles["root"].keyids):
        root.signed.revoke_key(keyid, "root")
    root.signatures.clear()
    for name in ("root-1", "root-2", "root-3"):
        root.signed.add_key(attacker._keys.signer(name).public_key, "root")
    for name in ("root-1", "root-2", "root-3"):
        root.sign(attacker._keys.signer(name), append=True)
    root.verify_delegate(Root.type, root)
    world.between = replaced("/2.root.json", root.to_bytes())
    assert refused(world).why is Why.UNSIGNED


def test_a_whole_place_of_somebody_elses_is_refused(world: World, tmp_path: Path) -> None:
    other = publisher(tmp_path / "other")
    other.create()
    package, size = world.package("0.2.0")
    mine = world.repository
    world.repository = other
    world.offer("0.2.0", package, size)
    assert refused(world).why is Why.UNSIGNED
    world.repository = mine


@pytest.mark.parametrize("role", ["targets", "stable", "snapshot", "timestamp"])
def test_a_key_that_was_revoked_counts_no_more(world: World, role: str) -> None:
    world.publish("0.2.0")
    world.taking().look(Channel.STABLE)
    world.repository.replace_key(role, "another")
    assert world.taking().look(Channel.STABLE).verdict is Verdict.NEWER
    keys = world.repository._keys
    shutil.copyfile(keys.folder / f"{role}.revoked.pem", keys.folder / f"{role}.pem")
    stolen = in_other_hands(world.repository)
    match role:
        case "timestamp":
            stolen.resign()
        case "snapshot":
            stolen._publish(())
        case _:
            stolen.renew(role)
    assert refused(world).why is Why.UNSIGNED


def test_one_channel_cannot_offer_in_the_name_of_the_other(world: World) -> None:
    """The key of beta is in other hands: what it signs for stable is not even found."""
    package, size = world.package("0.2.0")
    offer = world.offer("0.2.0", package, size, "beta")
    beta = world.repository._read("beta")
    target = beta.signed.targets[offer.path]
    stolen = TargetFile(target.length, target.hashes, "stable/linux-x86_64.zip", target.unrecognized_fields)
    beta.signed.targets[stolen.path] = stolen
    world.repository._bump("beta", beta)
    world.repository._publish(("beta",))
    assert world.taking().take(Channel.STABLE).verdict is Verdict.NOTHING


# -- time -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("days", [8, 31])
def test_metadata_that_expired_is_refused_also_when_it_is_what_was_seen_before(
    world: World, days: int
) -> None:
    """Somebody holds back what is newer: the client notices after a week at most."""
    world.publish("0.2.0")
    world.taking().look(Channel.STABLE)
    frozen = {path.name: path.read_bytes() for path in world.place.glob("metadata/*")}
    world.publish("0.3.0")
    world.clock.pass_by(timedelta(days=days))
    world.repository.resign()
    world.between = lambda request: (
        sent(frozen[request.url.path.rpartition("/")[2]])
        if request.url.path.rpartition("/")[2] in frozen
        else httpx.Response(404)
    )
    answer = refused(world)
    assert answer.why is Why.EXPIRED
    assert "clock" in answer.next_step


def test_an_expired_snapshot_below_a_fresh_timestamp_is_refused(world: World) -> None:
    world.publish("0.2.0")
    world.clock.pass_by(timedelta(days=31))
    world.repository._write_timestamp(world.repository._read("snapshot"))
    assert refused(world).why is Why.EXPIRED


@pytest.mark.parametrize("role", ["targets", "stable", "root"])
def test_what_is_signed_for_too_long_ago_is_refused(world: World, role: str) -> None:
    world.publish("0.2.0")
    world.clock.pass_by(timedelta(days=121 if role == "stable" else 366))
    for other in {"root", "targets", "stable", "beta"} - {role}:
        world.repository.renew(other)
    world.repository._publish(())
    assert refused(world).why is Why.EXPIRED


def test_a_clock_that_is_set_back_does_not_bring_what_expired_to_life(world: World) -> None:
    world.publish("0.2.0")
    frozen = (world.place / "metadata" / "timestamp.json").read_bytes()
    seen = world.clock.at + timedelta(days=20)
    world.between = replaced("/timestamp.json", frozen)
    with pytest.raises(UpdateRefused) as caught:
        world.taking().take(Channel.STABLE, not_before=seen)
    assert caught.value.why is Why.EXPIRED


def test_a_clock_that_is_years_ahead_takes_nothing_and_says_to_look_at_it(world: World) -> None:
    world.publish("0.2.0")
    world.clock.at += timedelta(days=3_000)
    answer = refused(world)
    assert answer.why is Why.EXPIRED
    assert "clock" in answer.next_step


# -- going back -------------------------------------------------------------------------------------------
def test_metadata_older_than_what_was_seen_is_refused(world: World) -> None:
    world.publish("0.2.0")
    old = (world.place / "metadata" / "timestamp.json").read_bytes()
    world.publish("0.3.0")
    world.taking().look(Channel.STABLE)
    world.between = replaced("/timestamp.json", old)
    assert refused(world).why is Why.ROLLED_BACK


@pytest.mark.parametrize("role", ["targets", "stable"])
def test_a_newer_snapshot_cannot_bring_back_an_older_role(world: World, role: str) -> None:
    """The online keys are in other hands; what the offline keys signed once is offered again."""
    world.publish("0.2.0")
    world.repository.renew("targets")
    world.publish("0.3.0")
    world.taking().look(Channel.STABLE)
    older = world.repository._read(role).signed.version - 1
    snapshot = world.repository._read("snapshot")
    text = (world.place / "metadata" / f"{older}.{role}.json").read_bytes()
    snapshot.signed.meta[f"{role}.json"] = type(snapshot.signed.meta[f"{role}.json"]).from_data(
        older, text, ["sha256"]
    )
    world.repository._bump("snapshot", snapshot)
    world.repository._write_timestamp(snapshot)
    assert refused(world).why is Why.ROLLED_BACK


def test_an_older_snapshot_under_a_newer_timestamp_is_refused(world: World) -> None:
    world.publish("0.2.0")
    older = world.repository._read("snapshot")
    world.publish("0.3.0")
    world.taking().look(Channel.STABLE)
    world.repository._write_timestamp(older)
    assert refused(world).why is Why.ROLLED_BACK


@pytest.mark.parametrize("version", ["0.1.9", "0.2.0b3", "0.0.1"])
def test_an_older_release_is_never_taken_however_well_it_is_signed(world: World, version: str) -> None:
    world.publish(version)
    assert world.taking("0.2.0").take(Channel.STABLE).verdict is Verdict.OLDER
    assert world.state() == {}


def test_a_release_that_was_set_back_is_never_taken_again(world: World) -> None:
    world.publish("0.2.0")
    world.home.point(Pointer(refused=("0.2.0",)))
    assert world.taking().take(Channel.STABLE).verdict is Verdict.GIVEN_UP
    assert not world.home.versions.exists()


# -- content ----------------------------------------------------------------------------------------------
def test_metadata_of_two_moments_does_not_mix(world: World) -> None:
    world.publish("0.2.0")
    old = newest(world, "stable").read_bytes()
    world.publish("0.3.0")
    world.between = replaced(newest(world, "stable").name, old)
    assert refused(world).why in (Why.ROLLED_BACK, Why.WRONG_BYTES)


def test_a_package_of_other_bytes_is_refused_and_fetched_anew(world: World) -> None:
    world.publish("0.2.0")
    honest = next(world.place.glob("targets/stable/*.zip")).read_bytes()
    world.between = replaced(".zip", honest[:-1] + bytes([honest[-1] ^ 1]))
    assert refused(world).why is Why.WRONG_BYTES
    world.between = lambda _request: None
    assert world.taking().take(Channel.STABLE).verdict is Verdict.READY


def test_a_package_that_is_too_short_is_refused(world: World) -> None:
    world.publish("0.2.0")
    honest = next(world.place.glob("targets/stable/*.zip")).read_bytes()
    world.between = replaced(".zip", honest[:-5])
    assert refused(world).why is Why.WRONG_BYTES


def endless(step: Callable[[], None] = lambda: None, piece: bytes = b"x" * 65_536) -> Iterator[bytes]:
    while True:
        step()
        yield piece


@pytest.mark.parametrize("ending", [".root.json", "timestamp.json", "snapshot.json", "stable.json", ".zip"])
def test_data_without_an_end_is_cut_off(world: World, ending: str) -> None:
    world.publish("0.2.0")
    given = 0

    def count() -> None:
        nonlocal given
        given += 65_536

    world.between = lambda request: (
        httpx.Response(200, content=endless(count)) if request.url.path.endswith(ending) else None
    )
    assert refused(world).why is Why.TOO_LONG
    assert given < 1_000_000
    assert not any(path.stat().st_size for path in world.home.download.glob("*")), "none of it is kept"


@pytest.mark.parametrize("ending", ["timestamp.json", ".zip"])
def test_what_drips_is_given_up_in_the_end(world: World, ending: str) -> None:
    world.publish("0.2.0")
    began = world.clock.running
    drip = endless(lambda: world.clock.pass_by(timedelta(seconds=10)), b"x")
    world.between = lambda request: (
        httpx.Response(200, content=drip) if request.url.path.endswith(ending) else None
    )
    assert refused(world).why is Why.TOO_SLOW
    assert world.clock.running - began < GRACE + 60


def test_a_slow_line_is_slow_and_no_attack(world: World) -> None:
    package, size = world.package("0.2.0", blob="".join(f"{n:x}" for n in range(40_000)))
    world.offer("0.2.0", package, size)

    def slowly(request: httpx.Request) -> httpx.Response | None:
        if not request.url.path.endswith(".zip"):
            return None
        data = world.honest(request).read()

        def pieces() -> Iterator[bytes]:
            for at in range(0, len(data), 1_000):
                world.clock.pass_by(timedelta(seconds=1_000 / LEAST_RATE))
                yield data[at : at + 1_000]

        return httpx.Response(200, content=pieces())

    world.between = slowly
    assert world.taking().take(Channel.STABLE).verdict is Verdict.READY


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(world: World, status: int) -> None:
    world.publish("0.2.0")
    elsewhere = {"Location": "https://attacker.example/timestamp.json"}
    world.between = lambda request: (
        sent(b"", status, elsewhere) if request.url.path.endswith("timestamp.json") else None
    )
    assert refused(world).why is Why.ELSEWHERE


@pytest.mark.parametrize(
    "address", ["http://updates.vendor.example", "ftp://x", "file:///etc", "", "https://a b"]
)
def test_only_https_is_asked(world: World, address: str) -> None:
    world.publish("0.2.0")
    with pytest.raises(Refused):
        world.taking(address=address).take(Channel.STABLE)
    assert world.asked == []


def test_what_is_packed_on_the_way_is_not_unpacked(world: World) -> None:
    world.publish("0.2.0")
    world.between = lambda request: sent(b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    with pytest.raises(ReleasesAway):
        world.taking().take(Channel.STABLE)
    assert {request.headers["Accept-Encoding"] for request in world.asked} == {"identity"}


def test_another_part_than_was_asked_for_is_not_put_together(world: World) -> None:
    world.publish("0.2.0")
    digest = next(world.place.glob("targets/stable/*.zip")).name.split(".")[0]
    world.home.download.mkdir(parents=True)
    (world.home.download / f"{digest}.part").write_bytes(b"PK")
    world.between = lambda request: (
        sent(b"rest", 206, {"Content-Range": "bytes 0-3/4"}) if request.url.path.endswith(".zip") else None
    )
    with pytest.raises(ReleasesAway):
        world.taking().take(Channel.STABLE)
    assert (world.home.download / f"{digest}.part").read_bytes() == b"PK"


def test_software_that_nobody_signed_for_is_not_even_asked_for(world: World) -> None:
    package, _size = world.package("0.2.0")
    shutil.copyfile(package, world.place / "targets-linux-x86_64.zip")
    assert world.taking().take(Channel.STABLE).verdict is Verdict.NOTHING
    assert not [request for request in world.asked if request.url.path.endswith(".zip")]


@pytest.mark.parametrize(
    "custom",
    [
        {"version": "../../evil"},
        {"version": "0.2"},
        {"version": "٠.2.0"},
        {"platform": "windows-x86_64"},
        {"store_schema": 0},
        {"store_schema": "6"},
        {"unpacked": 10**12},
        {"unpacked": 0},
        {"minimum_system": "latest"},
        {"notes": {"en": "x" * 4_001}},
        {"notes": {"<b>": "x"}},
    ],
)
def test_signed_nonsense_is_refused(world: World, custom: dict[str, Any]) -> None:
    package, size = world.package("0.2.0")
    offer = world.offer("0.2.0", package, size)
    stable = world.repository._read("stable")
    stable.signed.targets[offer.path].unrecognized_fields["custom"] = {**offer.custom, **custom}
    world.repository._bump("stable", stable)
    world.repository._publish(("stable",))
    assert refused(world).why is Why.MALFORMED


def test_a_package_larger_than_any_can_be_is_not_fetched(world: World) -> None:
    offer = world.publish("0.2.0")
    stable = world.repository._read("stable")
    stable.signed.targets[offer.path].length = MOST_PACKED + 1
    world.repository._bump("stable", stable)
    world.repository._publish(("stable",))
    assert refused(world).why is Why.TOO_LONG
    assert not [request for request in world.asked if request.url.path.endswith(".zip")]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"signed": {}}', b"[" * 9_000])
def test_metadata_that_is_no_metadata_is_refused(world: World, data: bytes) -> None:
    world.publish("0.2.0")
    world.between = replaced("timestamp.json", data)
    assert refused(world).why is Why.MALFORMED


@pytest.mark.parametrize("root", [b"{}", b"not json"])
def test_without_a_root_that_can_be_understood_nothing_is_trusted(world: World, root: bytes) -> None:
    world.publish("0.2.0")
    assert refused(world, root=root).why is Why.MALFORMED
    assert world.asked == []


def test_metadata_that_was_spoilt_on_this_computer_is_fetched_anew(world: World) -> None:
    world.publish("0.2.0")
    world.taking().look(Channel.STABLE)
    for path in world.home.metadata.glob("*.json"):
        path.write_bytes(b"spoilt")
    assert world.taking().take(Channel.STABLE).verdict is Verdict.READY


# -- this computer ----------------------------------------------------------------------------------------
def test_a_disk_without_room_keeps_everything_as_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.publish("0.2.0")
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=1_000))
    with pytest.raises(DiskFull) as caught:
        world.taking().take(Channel.STABLE)
    assert "goes on as it is" in caught.value.text
    assert not list(world.home.versions.iterdir())
    monkeypatch.undo()
    asked = len([request for request in world.asked if request.url.path.endswith(".zip")])
    assert world.taking().take(Channel.STABLE).verdict is Verdict.READY
    assert len([r for r in world.asked if r.url.path.endswith(".zip")]) == asked, "it was fetched already"


def test_a_disk_that_is_full_in_the_middle_leaves_nothing_half_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.publish("0.2.0")

    def full(_package: Path, folder: Path, _unpacked: int) -> None:
        folder.mkdir(parents=True)
        (folder / "counterpart").write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(staging, "unpack", full)
    with pytest.raises(DiskFull):
        world.taking().take(Channel.STABLE)
    assert not list(world.home.versions.iterdir())
    assert world.home.pointer() == Pointer()


def test_a_folder_that_cannot_be_written_to_is_said_so(world: World) -> None:
    world.publish("0.2.0")
    world.home.folder.write_text("a file in the place of the folder")
    with pytest.raises(CounterpartError) as caught:
        world.taking().take(Channel.STABLE)
    assert "goes on as it is" in caught.value.text


def test_another_platform_gets_nothing_of_ours(world: World) -> None:
    world.publish("0.2.0")
    other = Machine("windows-x86_64", MACHINE.system)
    assert world.taking(machine=other).take(Channel.STABLE).verdict is Verdict.NOTHING


def test_what_is_stored_of_metadata_is_what_was_signed(world: World) -> None:
    world.publish("0.2.0")
    world.taking().look(Channel.STABLE)
    kept = json.loads((world.home.metadata / "stable.json").read_text("utf-8"))
    assert kept["signed"]["_type"] == Targets.type
