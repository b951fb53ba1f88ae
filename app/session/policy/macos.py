"""Managed preferences, which a configuration profile sets, over the preferences of the same domain."""

from __future__ import annotations

import ctypes
import plistlib
from typing import Any, Protocol

from app.contract.said import said
from app.session.policy.schema import Layer
from app.session.policy.settings import SETTINGS

#: The domain of the preferences, and the id of the application.
DOMAIN = "app.counterpart.desktop"

_FRAMEWORK = "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation"
_UTF8 = 0x08000100
_BINARY_PLIST = 200


class Preferences(Protocol):
    """What is read of the preferences of this user and this computer."""

    def value(self, key: str) -> Any | None:
        """The value that holds for a key in our domain, as plistlib gives values; None when there is none."""

    def is_forced(self, key: str) -> bool:
        """Whether a configuration profile forces it."""


class MacPolicy:
    """Forced keys, and those that are only there."""

    name = said("Configuration profile")

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences

    def layers(self) -> tuple[Layer, ...]:
        """What is forced, then what is recommended. Only names we know are asked for: macOS lists no others."""
        forced: dict[str, Any] = {}
        recommended: dict[str, Any] = {}
        for setting in SETTINGS:
            value = self._preferences.value(setting.key)
            if value is not None:
                (forced if self._preferences.is_forced(setting.key) else recommended)[setting.key] = value
        return (
            Layer(f"configuration profile, {DOMAIN}", forced=True, values=forced),
            Layer(f"preferences, {DOMAIN}", forced=False, values=recommended),
        )


class CoreFoundation:
    """CFPreferences by way of ctypes. `library`: CoreFoundation, loaded."""

    def __init__(self, library: Any = None) -> None:
        self._cf = library or ctypes.CDLL(_FRAMEWORK)
        pointer, number = ctypes.c_void_p, ctypes.c_long
        self._declare("CFStringCreateWithCString", pointer, pointer, ctypes.c_char_p, ctypes.c_uint32)
        self._declare("CFPreferencesCopyAppValue", pointer, pointer, pointer)
        self._declare("CFPreferencesAppValueIsForced", ctypes.c_ubyte, pointer, pointer)
        self._declare("CFPropertyListCreateData", pointer, pointer, pointer, number, ctypes.c_ulong, pointer)
        self._declare("CFDataGetLength", number, pointer)
        self._declare("CFDataGetBytePtr", pointer, pointer)
        self._declare("CFRelease", None, pointer)
        self._domain = self._string(DOMAIN)

    def _declare(self, name: str, result: Any, *arguments: Any) -> None:
        function = getattr(self._cf, name)
        function.restype, function.argtypes = result, list(arguments)

    def _string(self, text: str) -> Any:
        return self._cf.CFStringCreateWithCString(None, text.encode(), _UTF8)

    def value(self, key: str) -> Any | None:
        """The value that holds for a key."""
        name = self._string(key)
        found = self._cf.CFPreferencesCopyAppValue(name, self._domain)
        self._cf.CFRelease(name)
        if not found:
            return None
        # Any value travels as a property list, so that none of the kinds has to be taken apart here.
        data = self._cf.CFPropertyListCreateData(None, found, _BINARY_PLIST, 0, None)
        self._cf.CFRelease(found)
        if not data:
            return b""  # something is there, and it is nothing we understand
        try:
            size = self._cf.CFDataGetLength(data)
            return plistlib.loads(ctypes.string_at(self._cf.CFDataGetBytePtr(data), size))
        finally:
            self._cf.CFRelease(data)

    def is_forced(self, key: str) -> bool:
        """Whether a configuration profile forces it."""
        name = self._string(key)
        try:
            return bool(self._cf.CFPreferencesAppValueIsForced(name, self._domain))
        finally:
            self._cf.CFRelease(name)
