"""From a release that is published to one that lies beside the one that runs."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from app.contract.errors import CounterpartError, LocalError
from app.session.updates.channel import Channel
from app.session.updates.places import Pointer
from app.session.updates.refusals import ReleasesAway
from app.session.updates.release import Machine
from app.session.updates.taking import judge
from app.session.updates.verdict import Verdict
from tests.updates.world import World, sent


def test_a_release_is_fetched_verified_and_put_beside_the_one_that_runs(world: World) -> None:
    world.publish("0.2.0")
    before = (world.installation.program).read_bytes()
    steps: list[tuple[int, int]] = []
    found = world.taking().take(Channel.STABLE, told=lambda have, whole: steps.append((have, whole)))
    assert found.verdict is Verdict.READY
    assert found.release is not None
    assert found.release.facts.notes_in("de") == "Neu in 0.2.0."
    assert found.release.facts.notes_in("fr") == "What is new in 0.2.0."
    assert steps[-1] == (found.release.size, found.release.size)
    pointer = world.home.pointer()
    assert (pointer.current, pointer.previous, pointer.healthy) == ("0.2.0", "", False)
    assert pointer.installed == str(world.installation.program)
    assert world.home.program("0.2.0").stat().st_mode & 0o111, "it can be run"
    assert world.installation.program.read_bytes() == before
    assert not list(world.home.download.iterdir()), "the package is not needed any more"
    assert world.taking().look(Channel.STABLE).verdict is Verdict.READY


def test_looking_alone_takes_nothing(world: World) -> None:
    world.publish("0.2.0")
    found = world.taking().look(Channel.STABLE)
    assert found.verdict is Verdict.NEWER
    assert world.state() == {}


def test_nothing_newer_is_said_so(world: World) -> None:
    assert world.taking().take(Channel.STABLE).verdict is Verdict.NOTHING
    world.publish("0.1.0")
    assert world.taking().take(Channel.STABLE).verdict is Verdict.CURRENT


def test_a_channel_is_its_own(world: World) -> None:
    world.publish("0.2.0b1", "beta")
    assert world.taking().take(Channel.STABLE).verdict is Verdict.NOTHING
    assert world.taking().take(Channel.BETA).verdict is Verdict.READY


def test_what_beta_offered_is_promoted_as_it_is(world: World) -> None:
    world.publish("0.2.0", "beta")
    world.repository.promote("linux-x86_64", "0.2.0")
    found = world.taking().take(Channel.STABLE)
    assert found.verdict is Verdict.READY
    assert found.release is not None
    assert found.release.target.path == "stable/linux-x86_64.zip"
    with pytest.raises(ValueError, match=r"beta offers 0\.2\.0"):
        world.repository.promote("linux-x86_64", "0.3.0")


def test_a_second_release_keeps_the_one_that_runs_and_forgets_the_others(world: World) -> None:
    for version in ("0.2.0", "0.3.0"):
        world.publish(version)
        world.taking().take(Channel.STABLE)
    assert not world.home.version("0.2.0").exists(), "it was never started"
    assert world.home.pointer().previous == ""
    world.publish("0.4.0")
    world.taking("0.3.0").take(Channel.STABLE)
    pointer = world.home.pointer()
    assert (pointer.current, pointer.previous) == ("0.4.0", "0.3.0")
    assert pointer.installed == str(world.installation.program)
    assert {folder.name for folder in world.home.versions.iterdir()} == {"0.3.0", "0.4.0"}


def test_roots_that_were_rotated_are_followed_one_after_the_other(world: World) -> None:
    world.repository.rotate_root("root-2", "root-4")
    world.repository.replace_key("timestamp", "timestamp-new")
    world.repository.replace_key("snapshot", "snapshot-new")
    world.repository.replace_key("targets", "targets-new")
    world.repository.rotate_root("root-1", "root-5")
    world.publish("0.2.0")
    assert world.taking().take(Channel.STABLE).verdict is Verdict.READY
    assert world.repository.newest_root().name == "6.root.json"


def test_signatures_that_are_renewed_in_time_go_on_beyond_a_year(world: World) -> None:
    world.publish("0.2.0")
    for day in range(1, 400, 6):
        world.clock.pass_by(timedelta(days=6))
        world.repository.resign()
        if day % 90 < 6:
            for role in ("stable", "beta", "targets"):
                world.repository.renew(role)
        if day > 300:
            world.repository.renew("root")
        assert world.taking().look(Channel.STABLE).verdict is Verdict.NEWER


@pytest.mark.parametrize(
    ("here", "verdict"),
    [("2.31", Verdict.NEWER), ("2.4", Verdict.SYSTEM), ("2.30.9", Verdict.SYSTEM), ("", Verdict.NEWER)],
)
def test_a_system_that_is_too_old_is_told_apart(world: World, here: str, verdict: Verdict) -> None:
    world.publish("0.2.0", minimum_system="2.31")
    machine = Machine("linux-x86_64", here)
    assert world.taking(machine=machine).look(Channel.STABLE).verdict is verdict


def test_what_was_broken_off_goes_on_where_it_was(world: World) -> None:
    world.publish("0.2.0")

    def cut(request: httpx.Request) -> httpx.Response | None:
        if request.url.path.endswith(".zip"):
            whole = world.honest(request)

            def pieces() -> object:
                yield whole.read()[:100]
                raise httpx.ReadError("the cable was pulled")

            return httpx.Response(200, content=pieces())  # type: ignore[arg-type]
        return None

    world.between = cut
    with pytest.raises(ReleasesAway):
        world.taking().take(Channel.STABLE)
    world.between = lambda _request: None
    assert world.taking().take(Channel.STABLE).verdict is Verdict.READY
    assert world.asked[-1].headers["Range"] == "bytes=100-"


def test_a_server_that_knows_no_ranges_sends_it_whole(world: World) -> None:
    offer = world.publish("0.2.0")
    digest = next((world.place / "targets" / "stable").iterdir()).name.split(".")[0]
    world.home.download.mkdir(parents=True)
    (world.home.download / f"{digest}.part").write_bytes(b"x" * 50)
    package = world.place / "targets" / "stable" / f"{digest}.linux-x86_64.zip"
    world.between = lambda request: sent(package.read_bytes()) if request.url.path.endswith(".zip") else None
    assert offer.custom["version"] == "0.2.0"
    assert world.taking().take(Channel.STABLE).verdict is Verdict.READY


def test_nobody_there_is_no_alarm(world: World) -> None:
    def nobody(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    world.between = nobody
    with pytest.raises(ReleasesAway) as caught:
        world.taking().take(Channel.STABLE)
    assert "goes on as it is" in caught.value.text


def test_two_do_not_look_at_once(world: World) -> None:
    world.publish("0.2.0")
    met: list[CounterpartError] = []

    def meanwhile(_request: httpx.Request) -> None:
        if not met:
            with pytest.raises(LocalError) as caught:
                world.taking().look(Channel.STABLE)
            met.append(caught.value)

    world.between = meanwhile
    assert world.taking().take(Channel.STABLE).verdict is Verdict.READY
    assert "Another Counterpart" in met[0].text


@pytest.mark.parametrize(
    ("version", "verdict"),
    [
        ("0.2.0", Verdict.CURRENT),
        ("0.1.9", Verdict.OLDER),
        ("0.2.0b9", Verdict.OLDER),
        ("0.2.1b1", Verdict.NEWER),
        ("0.10.0", Verdict.NEWER),
        ("0.3.0", Verdict.GIVEN_UP),
        ("0.4.0", Verdict.READY),
    ],
)
def test_an_offer_is_judged_by_what_runs_and_what_was_given_up(
    world: World, version: str, verdict: Verdict
) -> None:
    world.publish(version)
    release = world.taking("0.2.0").look(Channel.STABLE).release
    pointer = Pointer(current="0.4.0", refused=("0.3.0",))
    assert judge(release, "0.2.0", pointer, Machine("linux-x86_64", "2.36")) is verdict
