"""Which release a start runs, with real processes: programs of one line that say who they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.session.installation import Installation, InstallationKind
from app.session.updates.channel import Channel
from app.session.updates.handing_over import (
    CHOSEN,
    TRIES,
    came_up,
    counts_as_try,
    decide,
    hand_over,
    start_again,
)
from app.session.updates.places import Home, Pointer
from app.session.updates.staging import StagePoint
from app.session.updates.tidying import tidy
from tests.patience import PATIENCE
from tests.updates.world import World, frozen_app

ROOT = Path(__file__).parents[2]

#: What `packaging/launch.py` does, for a program at the path that is given first.
LAUNCH = """
import sys
from pathlib import Path
from app.session.installation import Installation, InstallationKind
from app.session.updates.handing_over import hand_over
program, version, *arguments = sys.argv[1:]
hand_over(Installation(InstallationKind.PER_USER, Path(program)), version, arguments)
print("installed", *arguments)
"""


def start(
    world: World, *arguments: str, version: str = "0.1.0", program: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Start the program that was installed, or another one, as a process of its own."""
    command = [sys.executable, "-c", LAUNCH, str(program or world.installation.program), version, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )


def staged(world: World, *versions: str) -> None:
    """Releases that were taken one after the other; each but the last came up."""
    running = "0.1.0"
    for version in versions:
        world.publish(version)
        world.taking(running).take(Channel.STABLE)
        if version != versions[-1]:
            world.home.point(replace(world.home.pointer(), healthy=True))
            running = version


def running_as(world: World, version: str) -> Installation:
    """The installation as the release of that version sees it."""
    return Installation(InstallationKind.PER_USER, world.home.program(version))


# -- with processes ---------------------------------------------------------------------------------------
def test_the_next_start_runs_the_release_that_was_put_in_place(world: World) -> None:
    assert start(world).stdout == "installed\n"
    staged(world, "0.2.0")
    assert start(world, "open", "counterpart://deal/X").stdout == "0.2.0 open counterpart://deal/X\n"
    assert world.home.pointer().tries == 1


def test_a_release_that_never_comes_up_is_set_back_and_never_taken_again(world: World) -> None:
    staged(world, "0.2.0")
    for _ in range(TRIES):
        assert start(world).stdout == "0.2.0\n"
    assert start(world).stdout == "installed\n"
    pointer = world.home.pointer()
    assert (pointer.current, pointer.refused, pointer.set_back) == ("", ("0.2.0",), "0.2.0")
    assert start(world).stdout == "installed\n"
    world.taking().take(Channel.STABLE)
    assert start(world).stdout == "installed\n", "it is offered still, and not taken"
    staged(world, "0.2.1")
    assert start(world).stdout == "0.2.1\n", "the one after it is"


def test_it_is_set_back_to_the_one_before_which_had_come_up(world: World) -> None:
    staged(world, "0.2.0", "0.3.0")
    for _ in range(TRIES):
        assert start(world).stdout == "0.3.0\n"
    assert start(world).stdout == "0.2.0\n"
    assert world.home.pointer().healthy


def test_a_program_that_cannot_be_run_leaves_the_installed_one(world: World) -> None:
    staged(world, "0.2.0")
    world.home.program("0.2.0").write_bytes(b"\x7fELF but not really")
    ended = start(world)
    assert ended.stdout == "installed\n"
    assert "goes on as 0.1.0" in ended.stderr


def test_a_program_that_was_deleted_is_set_back_at_once(world: World) -> None:
    staged(world, "0.2.0")
    world.home.program("0.2.0").unlink()
    assert start(world).stdout == "installed\n"
    assert world.home.pointer().refused == ("0.2.0",)


def test_the_exit_code_is_that_of_the_release(world: World) -> None:
    staged(world, "0.2.0")
    world.home.program("0.2.0").write_text("#!/bin/sh\nexit 7\n")
    assert start(world).returncode == 7


def test_starting_anew_runs_what_was_installed_which_hands_over(world: World, tmp_path: Path) -> None:
    staged(world, "0.2.0")
    told = tmp_path / "told"
    world.installation.program.write_text(f'#!/bin/sh\necho "$@" > {told}\n')
    environment = dict(os.environ)
    assert start_again(running_as(world, "0.2.0"), ["open"]).wait(PATIENCE) == 0
    assert dict(os.environ) == environment
    assert told.read_text() == "open\n"


#: Takes what a place of releases offers, and dies at a point.
DIE = """
import os, sys
from pathlib import Path
from app.session.updates.channel import Channel
from tests.updates.world import World, publisher
folder, point = Path(sys.argv[1]), sys.argv[2]
world = World.again(folder)
def reached(now):
    if now.value == point:
        os._exit(9)
world.taking(reached=reached).take(Channel.STABLE)
"""


@pytest.mark.parametrize(
    "point",
    [
        pytest.param(
            one, marks=() if one in (StagePoint.UNPACKED, StagePoint.IN_PLACE) else pytest.mark.nightly
        )
        for one in StagePoint
    ],
)
def test_killed_between_two_steps_either_the_old_or_the_new_release_starts(
    world: World, point: StagePoint
) -> None:
    world.publish("0.2.0")
    command = [sys.executable, "-c", DIE, str(world.folder), point.value]
    ended = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, timeout=PATIENCE
    )
    assert ended.returncode == 9
    pointed = point in (StagePoint.POINTED, StagePoint.TIDIED)
    assert start(world).stdout == ("0.2.0\n" if pointed else "installed\n")
    brought_to_its_end(world)
    assert start(world).stdout == "0.2.0\n"


def brought_to_its_end(world: World) -> None:
    """Whatever an attempt left, the next one ends well."""
    world.taking().take(Channel.STABLE)
    assert world.home.pointer().current == "0.2.0"
    tidy(world.home, "0.1.0")
    assert [folder.name for folder in world.home.versions.iterdir()] == ["0.2.0"]


class Killed(BaseException):
    """The power goes: nothing is tidied up."""


@pytest.mark.parametrize("point", list(StagePoint))
def test_whatever_the_step_at_which_the_power_goes_what_starts_is_whole(
    world: World, point: StagePoint
) -> None:
    world.publish("0.2.0")

    def reached(now: StagePoint) -> None:
        if now is point:
            raise Killed

    with pytest.raises(Killed):
        world.taking(reached=reached).take(Channel.STABLE)
    decision = decide(world.home, world.home.pointer(), "0.1.0", counts=True)
    pointed = point in (StagePoint.POINTED, StagePoint.TIDIED)
    assert decision.program == (world.home.program("0.2.0") if pointed else None)
    brought_to_its_end(world)


@pytest.mark.parametrize("cut", ["written", "replaced"])
def test_killed_while_it_is_pointed_at_the_pointer_is_the_old_one_or_the_new_one(
    world: World, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    world.publish("0.2.0")

    class Cut(BaseException):
        """The power goes."""

    def replace_cut(this: Path, target: Path) -> Path:
        if cut == "replaced":
            os.replace(this, target)  # noqa: PTH105  # the method is what is replaced here
        if target.name == "current.json":
            raise Cut
        os.replace(this, target)  # noqa: PTH105
        return target

    monkeypatch.setattr(Path, "replace", replace_cut)
    with pytest.raises(Cut) if cut == "written" else pytest.raises((Cut, FileNotFoundError)):
        world.home.point(Pointer(current="0.2.0"))
    monkeypatch.undo()
    assert world.home.pointer().current == ("" if cut == "written" else "0.2.0")


# -- decisions --------------------------------------------------------------------------------------------
def there(tmp_path: Path, *versions: str) -> Home:
    home = Home(tmp_path / "home", "linux")
    for version in versions:
        frozen_app(home.version(version), version)
    return home


def test_a_newer_program_that_was_installed_meanwhile_runs_itself(tmp_path: Path) -> None:
    home = there(tmp_path, "0.2.0")
    pointer = Pointer(current="0.2.0")
    assert decide(home, pointer, "0.3.0", counts=True).program is None
    assert decide(home, pointer, "0.1.0", counts=True).program == home.program("0.2.0")


def test_the_release_that_is_pointed_at_runs_itself(tmp_path: Path) -> None:
    home = there(tmp_path, "0.2.0")
    pointer = Pointer(current="0.2.0", healthy=False, tries=9)
    assert decide(home, pointer, "0.2.0", counts=True).program is None


def test_one_that_was_set_back_hands_over_even_when_it_is_started_by_itself(tmp_path: Path) -> None:
    """Whoever pinned it to a task bar starts it by its own path."""
    home = there(tmp_path, "0.2.0", "0.3.0")
    installed = frozen_app(tmp_path / "program", "installed") / "counterpart"
    back = Pointer(current="0.2.0", refused=("0.3.0",), installed=str(installed))
    assert decide(home, back, "0.3.0", counts=True).program == home.program("0.2.0")
    assert decide(home, replace(back, current=""), "0.3.0", counts=True).program == installed
    gone = replace(back, current="", installed=str(tmp_path / "gone"))
    assert decide(home, gone, "0.3.0", counts=True).program is None


def test_a_command_is_no_try(tmp_path: Path) -> None:
    home = there(tmp_path, "0.2.0")
    pointer = Pointer(current="0.2.0", healthy=False, tries=TRIES)
    asked = decide(home, pointer, "0.1.0", counts=False)
    assert asked.program == home.program("0.2.0")
    assert asked.pointer == pointer


@pytest.mark.parametrize(
    ("arguments", "counts"),
    [
        ((), True), (("open",), True), (("open", "counterpart://deal/X"), True), (("kiosk",), True),
        (("status",), False), (("--version",), False), (("open", "--help"), False), (("update",), False),
    ],
)  # fmt: skip
def test_only_a_window_says_that_a_release_came_up(arguments: tuple[str, ...], counts: bool) -> None:
    assert counts_as_try(arguments) is counts


def test_who_was_chosen_does_not_choose_again(world: World) -> None:
    staged(world, "0.2.0")
    environment = {CHOSEN: "1", "PATH": "/bin"}

    def never(*_arguments: object) -> None:
        raise AssertionError("it chose")

    hand_over(world.installation, "0.1.0", [], environment, never)  # type: ignore[arg-type]
    assert environment == {"PATH": "/bin"}, "and its own children may"


@pytest.mark.parametrize("kind", [InstallationKind.MANAGED, InstallationKind.SOURCE])
def test_where_it_looks_after_the_program_nothing_of_a_users_is_started(
    world: World, kind: InstallationKind
) -> None:
    staged(world, "0.2.0")

    def never(*_arguments: object) -> None:
        raise AssertionError("it handed over")

    hand_over(Installation(kind, world.installation.program), "0.1.0", [], {}, never)  # type: ignore[arg-type]


def test_what_the_freezer_put_into_the_environment_is_not_handed_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged(world, "0.2.0")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    handed: dict[str, str] = {}

    class Gone(Exception):
        """The process has become another."""

    def become(_program: object, _arguments: object, environment: dict[str, str]) -> None:
        handed.update(environment)
        raise Gone

    own = {"LD_LIBRARY_PATH": "/old/_internal", "LD_LIBRARY_PATH_ORIG": "/users", "DYLD_LIBRARY_PATH": "/old"}
    with pytest.raises(Gone):
        hand_over(world.installation, "0.1.0", [], {**own, "HOME": "/h"}, become)  # type: ignore[arg-type]
    assert handed == {
        "HOME": "/h", "LD_LIBRARY_PATH": "/users", CHOSEN: "1", "PYINSTALLER_RESET_ENVIRONMENT": "1"
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", '"0.2.0"', '{"current": "../../bin"}', '{"current": 2}', '{"tries": "1"}',
        '{"refused": "0.2.0"}', '{"refused": [1]}', '{"healthy": 1}', '{"unheard": ""}', '{"previous": "evil"}',
        "[" * 100_000,
    ],
)  # fmt: skip
def test_a_pointer_that_cannot_be_understood_points_at_what_was_installed(world: World, text: str) -> None:
    staged(world, "0.2.0")
    (world.home.folder / "current.json").write_text(text, encoding="utf-8")
    assert world.home.pointer() == Pointer()


# -- health -----------------------------------------------------------------------------------------------
def test_a_release_that_stands_there_says_so_once(world: World) -> None:
    staged(world, "0.2.0")
    installation = running_as(world, "0.2.0")
    came_up(world.installation, "0.1.0")
    assert not world.home.pointer().healthy, "another one does not say it"
    came_up(installation, "0.2.0")
    pointer = world.home.pointer()
    assert (pointer.healthy, pointer.tries) == (True, 0)
    stamp = (world.home.folder / "current.json").stat().st_mtime_ns
    came_up(installation, "0.2.0")
    assert (world.home.folder / "current.json").stat().st_mtime_ns == stamp


def test_that_it_came_up_and_cannot_be_noted_is_no_reason_to_fall(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    staged(world, "0.2.0")

    def full(_home: Home, _pointer: Pointer) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Home, "point", full)
    came_up(running_as(world, "0.2.0"), "0.2.0")
    assert "could not be noted" in capsys.readouterr().err


def test_a_program_with_a_window_and_no_place_to_print_to_starts_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, when what lies there cannot be changed: it is held by a scanner, or may only be read."""
    staged(world, "0.2.0")

    def held(_home: Home, _pointer: Pointer) -> None:
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(Home, "point", held)
    monkeypatch.setattr(sys, "stderr", None)
    hand_over(world.installation, "0.1.0", [], {})
    came_up(running_as(world, "0.2.0"), "0.2.0")


# -- places -----------------------------------------------------------------------------------------------
def test_a_release_finds_the_home_it_lies_in(world: World, tmp_path: Path) -> None:
    staged(world, "0.2.0")
    assert Home.of(running_as(world, "0.2.0"), "linux").folder == world.home.folder
    mac = Home(tmp_path / "mac", "darwin")
    mac.point(Pointer(current="0.2.0"))
    inside = Installation(InstallationKind.PER_USER, mac.program("0.2.0"))
    assert inside.program.parts[-4:] == ("Counterpart.app", "Contents", "MacOS", "counterpart")
    assert Home.of(inside, "darwin").folder == mac.folder


def test_what_was_installed_has_its_home_beside_it_but_in_no_sealed_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    program = tmp_path / "Programs" / "Counterpart" / "counterpart.exe"
    installation = Installation(InstallationKind.PER_USER, program)
    assert Home.of(installation, "win32").folder == program.parent / "updates"
    assert Home.of(installation, "win32").program("0.2.0").name == "counterpart.exe"
    mac = Home.of(
        Installation(InstallationKind.PER_USER, tmp_path / "A.app/Contents/MacOS/counterpart"), "darwin"
    )
    assert mac.folder == tmp_path / "Library" / "Application Support" / "Counterpart Updates"


def test_the_pointer_is_plain_to_read(world: World) -> None:
    staged(world, "0.2.0")
    data = json.loads((world.home.folder / "current.json").read_text("utf-8"))
    assert data["current"] == "0.2.0"
