"""This computer, as the doctor looks at it: key store, disk, policy, what dead windows left, language and screen."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from keyring.errors import KeyringLocked

from app.composition.demo import PassingKeyring
from app.services.doctor import here
from app.services.doctor.computer import RealComputer, Shown
from app.services.doctor.finding import State
from app.session.installation import Installation, InstallationKind
from app.session.policy.schema import Managed, Policy
from app.store.keys import KeyRing
from tests.services.fake_computer import FakeComputer, Proxies


class LockedKeyring(PassingKeyring):
    """One that wants to be unlocked."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("locked")


class ForgetfulKeyring(PassingKeyring):
    """One that takes what it is given and has it no more."""

    def set_password(self, service: str, username: str, password: str) -> None:
        return


def test_the_key_store_is_tried_and_left_as_it_was() -> None:
    kept = PassingKeyring()
    kept.set_password("Counterpart", "a" * 24, "untouched")
    found = here.keyring(lambda: KeyRing(kept), "check-1", needed=True)
    assert found.state is State.OK
    assert kept._kept == {("Counterpart", "a" * 24): "untouched"}


def test_a_key_store_that_is_locked_forgets_or_is_not_there() -> None:
    locked = here.keyring(lambda: KeyRing(LockedKeyring()), "check-1", needed=True)
    assert (locked.state, locked.facts["locked"]) == (State.BAD, True)
    assert "Unlock" in locked.mend
    assert here.keyring(lambda: KeyRing(ForgetfulKeyring()), "check-1", needed=True).state is State.BAD
    assert here.keyring(lambda: None, "check-1", needed=False).state is State.OK
    away = here.keyring(lambda: None, "check-1", needed=True)
    assert (away.state, "plain" in (away.what + away.mend)) == (State.BAD, False)


def size(count: int) -> str:
    return f"{count} B"


@pytest.mark.parametrize(
    ("room", "state"), [(10_000_000, State.BAD), (300_000_000, State.WARN), (80_000_000_000, State.OK)]
)
def test_how_much_room_there_is(tmp_path: Path, room: int, state: State) -> None:
    assert here.disk(tmp_path, FakeComputer(room=room), [], size).state is state


def test_a_large_store_needs_twice_its_size(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    with store.open("wb") as file:
        file.truncate(600_000_000)
    assert here.disk(tmp_path, FakeComputer(room=1_000_000_000), [store], size).state is State.WARN


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    for folder, words in ((tmp_path, "Counterpart’s folder"), (Path("/tmp"), "temporary files")):
        found = here.disk(tmp_path, FakeComputer(refuses={str(folder): errno.EROFS}), [], size)
        assert (found.state, found.facts["errno"]) == (State.BAD, errno.EROFS)
        assert words in found.what


def test_what_an_organisation_set() -> None:
    assert "No organisation" in here.policy(Managed()).what
    managed = Managed(Policy(), frozenset({"kiosk"}), frozenset(), "Group Policy")
    assert "Group Policy" in here.policy(managed).what
    doubtful = replace(managed, problems=("Kiosk: “maybe” is not yes or no.",))
    assert here.policy(doubtful).state is State.WARN
    assert here.policy(replace(doubtful, blocking=doubtful.problems)).state is State.BAD


def test_windows_that_are_open_and_what_dead_ones_left(tmp_path: Path) -> None:
    assert here.leftovers(tmp_path, FakeComputer()).facts == {"open": 0, "left": 0}
    (tmp_path / "a.lock").write_text("11\ncounterpart\nhost\n")
    (tmp_path / "b.lock").write_text("22\ncounterpart\nhost\n")
    (tmp_path / "c.lock").write_text("nonsense")
    found = here.leftovers(tmp_path, FakeComputer(running={11: True, 22: False}))
    assert (found.state, found.facts) == (State.WARN, {"open": 1, "left": 1})


def test_language_time_zone_screen_and_installation() -> None:
    computer = FakeComputer()
    assert here.locale_and_zone("de_DE", "de", computer).state is State.OK
    assert here.locale_and_zone("xx_XX", "en", computer).state is State.WARN
    assert here.locale_and_zone("de_DE", "de", FakeComputer(time_zone="")).state is State.WARN
    assert here.display(None).state is State.UNKNOWN
    assert here.display(Shown(1920, 1080, 1.0)).state is State.OK
    assert here.display(Shown(800, 600, 2.0)).state is State.WARN
    for kind in InstallationKind:
        assert here.installation(Installation(kind, Path("x"))).facts["kind"] == kind.value
    assert here.versions(computer, Shown(1, 1, 1.0, qt="6.11.3")).facts["qt"] == "6.11.3"


def test_the_real_computer_answers(tmp_path: Path) -> None:
    computer = RealComputer(Proxies())
    assert computer.resolve("localhost", 1) >= 1
    assert computer.free(tmp_path / "not" / "there") > 0
    assert computer.writable(tmp_path / "not" / "there")
    assert list(tmp_path.iterdir()) == []
    assert computer.lives(os.getpid()) in (True, None)
    assert computer.versions()["python"]
    assert computer.script() in (True, False)
