"""New versions as a person sees them: when they are looked for, what is said, and why none comes."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from app.composition.update_command import update
from app.composition.updating import ROOT_FILE, SOURCE_FILE, real_updating
from app.contract.errors import CounterpartError
from app.contract.said import Said
from app.services.surroundings import Surroundings
from app.services.updating import DAY, SPREAD, Off, UpdateView, Updating, off_words, verdict_words
from app.session.installation import Installation, InstallationKind
from app.session.policy.schema import NOBODYS, Managed, Policy
from app.session.updates.channel import Channel
from app.session.updates.places import Pointer
from app.session.updates.refusals import UpdateRefused, Why
from app.session.updates.verdict import Verdict
from app.sync.clock import SystemIds
from tests.updates.conftest import made, world
from tests.updates.world import ADDRESS, World

__all__ = ["made", "world"]


class Least:
    """Chance that spreads nothing."""

    def uniform(self, a: float, b: float, /) -> float:
        """The least."""
        return a


def surroundings(world: World, managed: Managed = NOBODYS) -> Surroundings:
    return Surroundings(
        root=world.folder / "accounts",
        clock=world.clock,
        ids=SystemIds(world.clock),
        rng=Least(),
        ring=lambda: None,
        open_browser=lambda _address: True,
        managed=managed,
    )


def shipped(world: World, address: str = ADDRESS) -> Path:
    """What a release ships."""
    folder = world.folder / "resources"
    folder.mkdir(exist_ok=True)
    (folder / ROOT_FILE).write_bytes(world.root)
    (folder / SOURCE_FILE).write_text(f'{{"address": "{address}"}}')
    return folder


def updating(
    world: World,
    managed: Managed = NOBODYS,
    kind: InstallationKind = InstallationKind.PER_USER,
    running: str = "0.1.0",
    connect: Callable[[str], httpx.Client] | None = None,
    resources: Path | None = None,
) -> Updating:
    program = world.home.program(running) if running != "0.1.0" else world.installation.program
    return real_updating(
        surroundings(world, managed),
        Installation(kind, program),
        resources or shipped(world),
        connect or world.connect,
        running,
    )


@pytest.fixture(autouse=True)
def _this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.session.updates import release
    from tests.updates.world import MACHINE

    monkeypatch.setattr(release, "this_machine", lambda: MACHINE)


def forced(channel: str) -> Managed:
    return Managed(
        Policy.model_validate({"update_channel": channel}),
        frozenset({"update_channel"}),
        source="Group Policy",
    )


def test_a_new_version_is_put_in_place_and_said_to_start_next_time(world: World) -> None:
    world.publish("0.2.0")
    one = updating(world)
    assert one.view().ready is None
    view = one.check()
    assert view.ready is not None
    assert (view.ready.version, view.ready.notes_in("de"), view.ready.notes_in("fr")) == (
        "0.2.0",
        "Neu in 0.2.0.",
        "What is new in 0.2.0.",
    )
    assert view.checked_at == world.clock.now()
    assert updating(world).view() == view, "also after a start of the old one"
    new = updating(world, running="0.2.0")
    assert new.view().ready is None
    new.came_up()
    assert world.home.pointer().healthy


def test_looking_alone_says_what_is_there(world: World) -> None:
    world.publish("0.2.0")
    view = updating(world).check(take=False)
    assert (view.ready, view.found) == (None, "Version 0.2.0 is there and was not fetched yet.")


def test_it_is_looked_for_once_a_day(world: World) -> None:
    one = updating(world)
    assert one.due()
    one.check()
    assert not one.due()
    world.clock.pass_by(DAY - timedelta(seconds=1))
    assert not one.due()
    world.clock.pass_by(timedelta(seconds=1))
    assert one.due()
    world.clock.at -= timedelta(days=40)
    assert one.due(), "the last one was noted by a clock that was wrong"


def test_not_every_computer_asks_at_once(world: World) -> None:
    one = updating(world)
    one.check()
    spread = set()
    for seed in range(20):
        other = real_updating(
            replace(surroundings(world), rng=random.Random(seed)),
            world.installation,
            shipped(world),
            world.connect,
            "0.1.0",
        )
        spread.add(other._spread)
    assert len(spread) == 20
    assert all(timedelta(0) <= one <= SPREAD for one in spread)


def test_a_failure_is_not_tried_again_before_the_next_day(world: World) -> None:
    def nobody(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no", request=request)

    world.between = nobody
    one = updating(world)
    with pytest.raises(CounterpartError):
        one.check()
    assert not one.due()
    assert one.view().checked_at is None


def test_a_clock_that_was_set_back_is_held_against_what_was_seen(world: World) -> None:
    world.publish("0.2.0")
    stale = (world.place / "metadata" / "timestamp.json").read_bytes()
    world.clock.pass_by(timedelta(days=20))
    world.repository.resign()
    one = updating(world)
    one.check(take=False)
    world.clock.at -= timedelta(days=20)
    (world.place / "metadata" / "timestamp.json").write_bytes(stale)
    with pytest.raises(UpdateRefused) as caught:
        one.check()
    assert caught.value.why in (Why.EXPIRED, Why.ROLLED_BACK)


@pytest.mark.parametrize(
    ("options", "off", "words"),
    [
        ({"kind": InstallationKind.MANAGED}, Off.MANAGED, "IT department"),
        ({"kind": InstallationKind.SOURCE}, Off.SOURCE, "source"),
        ({"managed": forced("none")}, Off.POLICY, "Group Policy"),
        ({"managed": Managed(Policy.model_validate({"update_channel": "none"}))}, Off.CHOSEN, "channel"),
        ({"managed": Managed(blocking=("Proxy",))}, Off.UNCLEAR, "not understood"),
        ({"resources": Path("/nowhere")}, Off.NO_ROOT, "publisher's key"),
    ],
)
def test_why_none_comes_is_said_and_nothing_is_asked(
    world: World, options: dict[str, object], off: Off, words: str
) -> None:
    world.publish("0.2.0")
    one = updating(world, **options)  # type: ignore[arg-type]
    view = one.check()
    assert (view.off, one.due(), world.asked) == (off, False, [])
    assert words in off_words(off, one.source)
    assert not world.home.folder.exists() or not world.home.versions.exists()


def test_a_channel_that_is_forced_is_the_organisations(world: World) -> None:
    world.publish("0.2.0b1", "beta")
    one = updating(world, forced("beta"))
    one.choose(Channel.STABLE)
    view = one.check()
    assert (view.channel, view.forced, view.may_choose) == (Channel.BETA, True, False)
    assert view.ready is not None


def test_a_channel_that_is_chosen_holds_over_what_is_recommended(world: World) -> None:
    recommended = Managed(Policy.model_validate({"update_channel": "beta"}))
    one = updating(world, recommended)
    assert one.view().channel is Channel.BETA
    one.choose(Channel.NONE)
    assert updating(world, recommended).view().off is Off.CHOSEN
    assert one.view().may_choose
    one.choose(Channel.STABLE)
    assert updating(world, recommended).view().channel is Channel.STABLE
    assert updating(world, forced("beta")).view().channel is Channel.BETA


def test_another_address_of_the_organisation_is_asked(world: World) -> None:
    policy = Policy.model_validate({"update_address": "https://mirror.example/c"})
    one = updating(world, Managed(policy), connect=lambda address: world.connect(asked(address)))
    seen: list[str] = []

    def asked(address: str) -> str:
        seen.append(address)
        return address

    with pytest.raises((CounterpartError, AssertionError)):
        one.check()
    assert seen == ["https://mirror.example/c"]


def test_a_version_that_was_set_back_is_told_until_it_is_understood(world: World) -> None:
    world.publish("0.2.0")
    world.home.point(Pointer(refused=("0.2.0",), set_back="0.2.0"))
    one = updating(world)
    assert one.check().set_back == "0.2.0"
    assert "not taken again" in one.view().found
    one.understood()
    assert updating(world).view().set_back == ""
    assert world.home.pointer().refused == ("0.2.0",)


def test_going_back_by_hand_is_for_good(world: World) -> None:
    world.publish("0.2.0")
    one = updating(world)
    assert one.go_back() == ""
    one.check()
    new = updating(world, running="0.2.0")
    new.came_up()
    assert new.go_back() == "0.2.0"
    pointer = world.home.pointer()
    assert (pointer.current, pointer.refused, pointer.set_back) == ("", ("0.2.0",), "")
    assert updating(world).check().ready is None


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_words_that_can_be_translated(verdict: Verdict) -> None:
    words = verdict_words(verdict, "0.2.0")
    assert words == "" or isinstance(words, Said)


def test_the_command_says_what_became_of_it(world: World) -> None:
    world.publish("0.2.0")
    report = update(updating(world), check=True)
    assert (report.ok, report.data["ready"]) == (True, None)
    report = update(updating(world))
    assert report.lines == (
        "Counterpart 0.1.0",
        "Channel: stable",
        "Version 0.2.0 is ready; it starts next time.",
        "What is new in 0.2.0.",
    )
    assert report.data["ready"] == "0.2.0"
    back = update(updating(world, running="0.2.0"), back=True)
    assert (back.ok, back.data["left"]) == (True, "0.2.0")
    assert not update(updating(world), back=True).ok
    off = update(updating(world, forced("none")))
    assert off.lines == ("Counterpart 0.1.0", "Your organisation has turned updates off (Group Policy).")


def test_notes_that_were_spoilt_are_as_if_there_were_none(world: World) -> None:
    world.publish("0.2.0")
    one = updating(world)
    one.check()
    for text in ("{", "[]", '{"channel": 7, "checked_at": "never", "verdict": "x", "ready": 3}'):
        (world.home.folder / "checks.json").write_text(text)
        view = one.view()
        assert isinstance(view, UpdateView)
        assert view.ready is not None
        assert view.ready.notes_in("en") == ""
        assert one.due()


def test_the_proxy_of_the_organisation_is_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.composition import updating as composed

    asked: list[tuple[str, str]] = []

    def client(address: str, proxy: str) -> httpx.Client:
        asked.append((address, proxy))
        return world.connect(address)

    monkeypatch.setattr(composed, "system_client", client)
    policy = Policy.model_validate({"proxy": "http://proxy.corp.example:8080"})
    around = surroundings(world, Managed(policy))
    real_updating(around, world.installation, shipped(world), running="0.1.0").check()
    assert asked == [(ADDRESS, "http://proxy.corp.example:8080")]
