"""The registry, where Group Policy, Intune and the installer write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from app.contract.said import said
from app.session.policy.schema import Layer

POLICY_KEY = r"Software\Policies\Counterpart"
#: What the installer writes from its properties.
DEFAULTS_KEY = r"Software\Counterpart"
#: Below that: what the installer remembers for itself. It is nobody's policy.
INSTALLERS_OWN = "Installer"


class Registry(Protocol):
    """What is read of a registry; hives are named *HKLM* and *HKCU*."""

    def values(self, hive: str, key: str) -> Mapping[str, Any] | None:
        """The values of a key by their names; None when there is no such key. Raises OSError when it is not to be read.

        REG_DWORD is an int, REG_MULTI_SZ a list.
        """

    def keys(self, hive: str, key: str) -> tuple[str, ...]:
        """The names of the keys below a key; none when there is no such key. Raises OSError."""


class WindowsPolicy:
    """Machine policy beats user policy, both beat what the installer was told."""

    name = said("Group Policy")

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def layers(self) -> tuple[Layer, ...]:
        """The three keys, the strongest first."""
        return (
            self._layer("HKLM", POLICY_KEY, forced=True),
            self._layer("HKCU", POLICY_KEY, forced=True),
            self._layer("HKLM", DEFAULTS_KEY, forced=False),
        )

    def _layer(self, hive: str, key: str, *, forced: bool) -> Layer:
        place = f"{hive}\\{key}"
        try:
            found = self._registry.values(hive, key)
            if found is None:
                return Layer(place, forced)
            # A policy with a list is a key of its own, with a value for each entry.
            lists = {
                below: values
                for below in self._registry.keys(hive, key)
                if forced or below != INSTALLERS_OWN
                # What is left of a list that was taken back is a key without values. It says nothing; taken for an
                # empty list, it would beat the list of a weaker place.
                if (values := self._registry.values(hive, f"{key}\\{below}"))
            }
        except OSError:
            return Layer(place, forced, unread=said("it cannot be read by this user"))
        # The unnamed value of a key belongs to nobody.
        return Layer(place, forced, {name: value for name, value in {**found, **lists}.items() if name})


class WinRegistry:
    """The registry of this computer, in its 64-bit view whatever this process is."""

    def __init__(self) -> None:
        import winreg  # noqa: PLC0415  # there is none elsewhere

        self._winreg: Any = winreg
        self._hives = {"HKLM": self._winreg.HKEY_LOCAL_MACHINE, "HKCU": self._winreg.HKEY_CURRENT_USER}

    def values(self, hive: str, key: str) -> Mapping[str, Any] | None:
        """The values of a key."""
        try:
            with self._open(hive, key) as opened:
                count = self._winreg.QueryInfoKey(opened)[1]
                pairs = (self._winreg.EnumValue(opened, at) for at in range(count))
                return {name: value for name, value, _ in pairs}
        except FileNotFoundError:
            return None

    def keys(self, hive: str, key: str) -> tuple[str, ...]:
        """The names of the keys below a key."""
        try:
            with self._open(hive, key) as opened:
                count = self._winreg.QueryInfoKey(opened)[0]
                return tuple(self._winreg.EnumKey(opened, at) for at in range(count))
        except FileNotFoundError:
            return ()

    def _open(self, hive: str, key: str) -> Any:
        access = self._winreg.KEY_READ | self._winreg.KEY_WOW64_64KEY
        return self._winreg.OpenKeyEx(self._hives[hive], key, 0, access)
