"""The try-out of the package on Windows, played here against a Windows that is made up: it finds what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.scripts import script

trying = script("windows.try_msi")
settings = script("windows.settings")

FIRST, LATER = Path("first.msi"), Path("later.msi")


class MadeUp:
    """A Windows that does what the package asks for; subclasses do one thing wrong."""

    def __init__(self) -> None:
        self.version = ""
        self.values: dict[tuple[str, str], Any] = {}
        self.kept = False

    @property
    def installed(self) -> bool:
        return bool(self.version)

    def installer(self, verb: str, package: str, *given: str) -> int:
        wanted = dict(one.split("=", 1) for one in given)
        return self.install(package, wanted) if verb == "/i" else self.uninstall(wanted)

    def install(self, package: str, given: dict[str, str]) -> int:
        if self.version > package:
            return 0 if self.takes_older() else 1603
        remembered = self.remembered()
        self.values.clear()
        self.version = package
        for one in settings.settings():
            value = given.get(one.prop) or remembered.get(one.prop)
            if value:
                self.values[settings.KEY, one.value] = int(value) if one.number else value
                self.values[settings.OWN_KEY, one.prop] = value
        self.values[r"Software\Classes\counterpart\shell\open\command", ""] = (
            '"C:\\counterpart.exe" open -- "%1"'
        )
        return 0

    def remembered(self) -> dict[str, str]:
        return {name: value for (key, name), value in self.values.items() if key == settings.OWN_KEY}

    def takes_older(self) -> bool:
        return False

    def uninstall(self, given: dict[str, str]) -> int:
        self.version = ""
        self.values.clear()
        if given.get("KEEPDATA") == "0":
            self.kept = False
        return 0

    def value(self, key: str, name: str) -> Any:
        return self.values.get((key, name))

    def program(self, *arguments: str) -> int:
        return 0 if self.version else 1

    def keep_something(self) -> None:
        self.kept = True


def played(computer: Any) -> list[str]:
    said: list[str] = []
    trying.play(computer, FIRST, LATER, said.append)
    return said


def test_a_windows_that_does_as_it_is_told_passes() -> None:
    said = played(MadeUp())
    assert said[0] == "it is installed (msiexec ends with 0)"
    assert said[-1] == "what the user had is gone"
    assert len(said) == 16


class Forgets(MadeUp):
    def remembered(self) -> dict[str, str]:
        return {}


class GoesBack(MadeUp):
    def takes_older(self) -> bool:
        return True


class LeavesTheRegistry(MadeUp):
    def uninstall(self, given: dict[str, str]) -> int:
        values = dict(self.values)
        code = super().uninstall(given)
        self.values = values
        return code


class TakesTheData(MadeUp):
    def uninstall(self, given: dict[str, str]) -> int:
        self.kept = False
        return super().uninstall(given)


class KeepsTheData(MadeUp):
    def uninstall(self, given: dict[str, str]) -> int:
        return super().uninstall({})


class WritesText(MadeUp):
    def value(self, key: str, name: str) -> Any:
        found = super().value(key, name)
        return str(found) if isinstance(found, int) else found


class WritesTooMuch(MadeUp):
    def value(self, key: str, name: str) -> Any:
        found = super().value(key, name)
        return "" if found is None and self.version else found


class WantsARestart(MadeUp):
    def install(self, package: str, given: dict[str, str]) -> int:
        return super().install(package, given) or 3010


class DoesNotStart(MadeUp):
    def program(self, *arguments: str) -> int:
        return 1


@pytest.mark.parametrize(
    ("computer", "why"),
    [
        (Forgets, "what was given before still holds"),
        (GoesBack, "an older version is refused: it ended with 0"),
        (LeavesTheRegistry, "nothing of it is left"),
        (TakesTheData, "what the user has is kept"),
        (KeepsTheData, "what the user had is gone"),
        (WritesText, "what was given is in the registry"),
        (WritesTooMuch, "what was given is in the registry"),
        (WantsARestart, "it is installed: it ended with 3010"),
        (DoesNotStart, "the program starts"),
    ],
)
def test_each_thing_that_goes_wrong_is_found(computer: Callable[[], Any], why: str) -> None:
    with pytest.raises(trying.NotAsItShouldBe, match=why):
        played(computer())


def test_elsewhere_it_does_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert trying.main([str(tmp_path)]) == 1
    assert "This runs on Windows" in capsys.readouterr().err
