"""What an organisation set for this computer, in words for whoever uses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.contract.said import counted, said
from app.services.format import Formats
from app.services.words import Words
from app.session.policy.schema import NO_PROXY, SYSTEM_PROXY, Managed
from app.session.policy.settings import SETTINGS
from app.sync.proxies import without_password

_MB = 1_000_000

#: What each setting is called.
TITLES: Mapping[str, str] = {
    "gateway_address": said("Gateway"),
    "allowed_gateways": said("Allowed gateways"),
    "update_channel": said("Updates"),
    "update_address": said("Source of updates"),
    "kiosk": said("Kiosk"),
    "kiosk_place": said("Place of the kiosk"),
    "kiosk_help": said("Help at the kiosk"),
    "kiosk_unlock_minutes": said("Unlocking by code"),
    "idle_lock_seconds": said("Lock when idle"),
    "offline_days": said("Without the gateway"),
    "document_quota_mb": said("Limit for documents"),
    "proxy": said("Proxy"),
    "telemetry": said("Reporting"),
    "log_level": said("Log on this computer"),
}


@dataclass(frozen=True)
class SetLine:
    """One setting: its name in the policy, what it is called, what is set, and whether that is forced."""

    name: str
    title: str
    value: str
    forced: bool


def set_lines(managed: Managed, formats: Formats) -> tuple[SetLine, ...]:
    """Return what the organisation set, forced or recommended, in the order of the policy."""
    tr = formats.tr
    return tuple(
        SetLine(
            setting.name,
            tr(TITLES[setting.name]),
            _value(setting.name, getattr(managed.policy, setting.name), formats),
            managed.forces(setting.name),
        )
        for setting in SETTINGS
        if setting.name in managed.places
    )


def _value(name: str, value: Any, formats: Formats) -> str:
    tr = formats.tr
    match name:
        case "allowed_gateways":
            return "\n".join(value) or tr(said("Any"))
        case "gateway_address" | "update_address" | "kiosk_place" | "kiosk_help":
            return str(value) or tr(said("Not set"))
        case "kiosk":
            return tr(said("On") if value else said("Off"))
        case "document_quota_mb":
            return tr(said("As you choose")) if value is None else formats.size(value * _MB)
        case "proxy":
            return _proxy(str(value), tr)
        case _:
            return tr(_figure(name, value) or _CHOICES.get((name, value), str(value)))


def _figure(name: str, value: Any) -> str:
    match name:
        case "offline_days" if value:
            return counted(value, "Locks after %n day", "Locks after %n days")
        case "idle_lock_seconds" if value and value % 60 == 0:
            return counted(value // 60, "After %n minute", "After %n minutes")
        case "idle_lock_seconds" if value:
            return counted(value, "After %n second", "After %n seconds")
        case "kiosk_unlock_minutes" if value:
            return counted(value, "For %n minute", "For %n minutes")
        case "offline_days" | "idle_lock_seconds":
            return said("Never locks")
        case "kiosk_unlock_minutes":
            return said("Sign in anew each time")
        case _:
            return ""


def _proxy(value: str, tr: Words) -> str:
    if value == SYSTEM_PROXY:
        return tr(said("As the system is set"))
    return tr(said("No proxy")) if value == NO_PROXY else without_password(value)


_CHOICES: Mapping[tuple[str, str], str] = {
    ("update_channel", "none"): said("None by itself"),
    ("update_channel", "stable"): said("Stable"),
    ("update_channel", "beta"): said("Beta"),
    ("telemetry", "off"): said("Off: nothing is reported to anybody"),
    ("log_level", "error"): said("Errors only"),
    ("log_level", "warning"): said("Warnings and errors"),
    ("log_level", "info"): said("What happens, without what it is about"),
    ("log_level", "debug"): said("Everything, without what it is about"),
}
