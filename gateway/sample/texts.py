"""Attachments that are plain text: logs, settings, rules, addresses, mails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.sample.dice import Dice

_ZONES = ("office", "guests", "servers", "printers", "suppliers")
_PORTS = (80, 443, 445, 3389, 5060)


def plain_text(name: str, moment: datetime, places: Mapping[str, Any], dice: Dice) -> str:
    """Return the text of a file of this name."""
    stamp = moment.strftime("%Y-%m-%d")
    if name.endswith(".log"):
        return _log(stamp, str(places["town"]), dice)
    if "settings" in name:
        return _settings(stamp, places)
    if "rules" in name:
        return "".join(_rule(number, dice) for number in range(1, 61))
    if "address" in name:
        lines = (
            places["customer"],
            "Goods in, gate 2",
            places["town"],
            "Open Monday to Friday, 07:30 to 15:00",
        )
        return "\n".join([*map(str, lines), f"Call {places['contact']} on arrival."]) + "\n"
    if "names" in name:
        return f"1. {places['me']}\n2. {places['colleague']}\n"
    return _mail(stamp, places)


def _log(stamp: str, town: str, dice: Dice) -> str:
    lines = []
    peer = town.lower().replace(" ", "-")
    for hour in range(8, 17):
        minute = dice.between(0, 19)
        lines += [
            f"{stamp} {hour:02d}:{minute:02d}:07 ike: rekey started, peer {peer}-1",
            f"{stamp} {hour:02d}:{minute:02d}:37 ike: no answer to proposal, tunnel down",
            f"{stamp} {hour:02d}:{minute + 1:02d}:02 ike: tunnel up, lifetime 2400 s",
        ]
    return "\n".join(lines) + "\n"


def _settings(stamp: str, places: Mapping[str, Any]) -> str:
    return (
        f"# {places['customer']}, pair in {places['town']}, {stamp}\n"
        "ha.enabled = yes\nha.heartbeat.port = shared\nha.heartbeat.interval_ms = 1000\nha.heartbeat.limit = 5\n"
        "ha.preempt = no\nswitch.fast_port_change = off\n"
    )


def _rule(number: int, dice: Dice) -> str:
    source, target = dice.some(_ZONES, 2)
    return f"rule {number:03d} allow from {source} to {target} port {dice.pick(_PORTS)} hits {dice.between(0, 90000)}\n"


def _mail(stamp: str, places: Mapping[str, Any]) -> str:
    return (
        f"From: {places['contact']}\nDate: {stamp}\nSubject: Your proposal\n\n"
        f"Thank you for the visit. Please send us a figure for {places['n']} {places['sites']}, with service for three "
        f"years, by {places['soon']}. We talk to one more supplier but would like to decide before "
        f"{places['close_month']}.\n\n{places['contact']}\n"
    )
