"""The gateway itself: whether it answers, is a gateway, fits this version, and what its clock says; without signing in.

One call serves several checks. Its answer to somebody who is not signed in is a refusal with the gateway's own marks,
which nothing in between can have made up by accident.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from app.contract.errors import CounterpartError
from app.contract.said import counted, said
from app.contract.version import RELEASE
from app.services.doctor.finding import Check, Fact, Finding, State
from app.services.doctor.way import Way
from app.sync.skew import minutes_off
from app.sync.wire import bounded, translated

_EPOCH, _TIME = "counterpart-epoch", "counterpart-time"
#: The description of a gateway's calls, which names its version.
_LARGEST = 4 * 1024 * 1024
_TIMEOUT = httpx.Timeout(6.0)
#: Slower than this, and every click that has to wait for it is felt.
_SLOW = timedelta(seconds=2)

_TOO_OLD = said("The gateway no longer speaks with this version of Counterpart.")
_UPDATE = said("Update Counterpart; what is on this computer stays readable.")


@dataclass(frozen=True)
class Answered:
    """One answer. `ours`: it has the gateway's marks. `at`, `now`: the moment by its clock and by this computer's."""

    status: int
    ours: bool
    seconds: float
    at: datetime | None
    now: datetime

    @property
    def ahead(self) -> timedelta | None:
        """How far this computer's clock is ahead."""
        return None if self.at is None else self.now - self.at


class _Info(BaseModel):
    model_config = ConfigDict(extra="ignore")

    version: str


class _Description(BaseModel):
    model_config = ConfigDict(extra="ignore")

    info: _Info


def ask(client: httpx.Client, now: datetime) -> Answered:
    """Ask who is signed in: nobody, and the gateway says so. Raises contract errors."""
    began = time.monotonic()
    try:
        response = client.get("/v1/me", timeout=_TIMEOUT)
    except httpx.HTTPError as error:
        raise translated(error) from None
    seconds = time.monotonic() - began
    return Answered(response.status_code, _EPOCH in response.headers, seconds, _moment(response.headers), now)


def _moment(headers: httpx.Headers) -> datetime | None:
    """The gateway's own word counts; a server's usual one does where that is missing."""
    try:
        if headers.get(_TIME):
            found = datetime.fromisoformat(headers[_TIME])
        else:
            found = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def version(client: httpx.Client) -> str:
    """Return which version the gateway is; empty when it does not say."""
    try:
        with client.stream("GET", "/openapi.json", timeout=_TIMEOUT) as response:
            if response.status_code != 200:
                return ""
            found = _Description.model_validate_json(bounded(response, _LARGEST)).info.version
    except (httpx.HTTPError, CounterpartError, ValidationError):
        return ""
    return found if len(found) <= 40 and found.replace(".", "").isalnum() else ""


def gateway(way: Way, answered: Answered | CounterpartError, its_version: str) -> Finding:
    """Whether it answers, and fits this version."""
    if isinstance(answered, CounterpartError):
        facts: dict[str, Fact] = {"error": type(answered).__name__}
        mend = answered.next_step or said("Counterpart works on offline, and goes on by itself.")
        return Finding(Check.GATEWAY, State.BAD, answered.cause, mend, way.host, facts)
    millis = round(answered.seconds * 1000)
    facts = {"status": answered.status, "milliseconds": millis, "version": its_version, "ours": answered.ours}
    if answered.status == 426:
        return Finding(Check.GATEWAY, State.BAD, _TOO_OLD, _UPDATE, way.host, facts)
    if not answered.ours:
        return Finding(
            Check.GATEWAY,
            State.BAD,
            said("Something answers at {host}, but it is no gateway.", host=way.host),
            said(
                "Check the address. In a foreign network, open a web page and sign in to that network first."
            ),
            way.host,
            facts,
        )
    if answered.status == 404:
        # It knows nobody, so it never says of what is there that it is not.
        what = said("A gateway answers at {host}, but not under this address.", host=way.host)
        mend = said("Check what stands behind the host in the address; most gateways have nothing there.")
        return Finding(Check.GATEWAY, State.BAD, what, mend, way.host, facts)
    if answered.status >= 500 or answered.status == 429:
        what = said("The gateway answers, but is busy or being looked after.")
        return Finding(Check.GATEWAY, State.WARN, what, said("It is tried again by itself."), way.host, facts)
    what = said("It answers in {count} ms.", count=millis)
    if its_version:
        what = said("Version {version} answers in {count} ms.", version=its_version, count=millis)
    if timedelta(seconds=answered.seconds) > _SLOW:
        return Finding(
            Check.GATEWAY, State.WARN, what, said("That is slow; the network may be."), way.host, facts
        )
    if its_version and its_version != RELEASE:
        facts["differs"] = True
    return Finding(Check.GATEWAY, State.OK, what, "", way.host, facts)


def events(way: Way, client: httpx.Client, *, live: bool | None) -> Finding:
    """Whether the event channel is let through. `live`: what the engine sees of it; None when none runs."""
    facts: dict[str, Fact] = {"live": live}
    if live:
        return Finding(Check.EVENTS, State.OK, said("It is open: news arrive at once."), "", way.host, facts)
    try:
        response = client.get("/v1/events", headers={"Accept": "text/event-stream"}, timeout=_TIMEOUT)
    except httpx.HTTPError:
        what = said("It could not be asked for: no connection.")
        return Finding(Check.EVENTS, State.UNKNOWN, what, "", way.host, facts)
    facts["status"] = response.status_code
    if response.status_code == 401 and _EPOCH in response.headers:
        what = said("The gateway offers it to whoever is signed in.")
        return Finding(Check.EVENTS, State.OK, what, "", way.host, facts)
    what = said("Something in between answers instead of it.")
    mend = said("News arrive later, by asking. Have IT let event streams (text/event-stream) through.")
    return Finding(Check.EVENTS, State.WARN, what, mend, way.host, facts)


def device_codes(way: Way, client: httpx.Client, *, kiosk: bool) -> Finding:
    """Whether the gateway lets kiosks in, which matters only on one. An empty question makes no code."""
    if not kiosk:
        what = said("Not used: this computer is no kiosk.")
        return Finding(Check.DEVICE_CODES, State.OK, what, "", way.host, {"kiosk": False})
    try:
        response = client.post("/oauth/device_authorization", data={}, timeout=_TIMEOUT)
    except httpx.HTTPError:
        what = said("It could not be asked for: no connection.")
        return Finding(Check.DEVICE_CODES, State.UNKNOWN, what, "", way.host, {"kiosk": True})
    offered = response.status_code in (400, 401) and _EPOCH in response.headers
    facts: dict[str, Fact] = {"kiosk": True, "offered": offered, "status": response.status_code}
    if offered:
        return Finding(Check.DEVICE_CODES, State.OK, said("The gateway lets kiosks in."), "", way.host, facts)
    what = said("The gateway does not let kiosks in.")
    mend = said("Have the vendor turn on device codes; see its setting “device_code”.")
    return Finding(Check.DEVICE_CODES, State.BAD, what, mend, way.host, facts)


def clock(way: Way, answered: Answered | CounterpartError, system: str) -> Finding:
    """Whether this computer's clock agrees with the gateway's."""
    ahead = answered.ahead if isinstance(answered, Answered) else None
    if ahead is None:
        what = said("It could not be compared: the gateway did not say its time.")
        return Finding(Check.CLOCK, State.UNKNOWN, what, "", way.host, {"ahead_seconds": None})
    seconds = round(ahead.total_seconds())
    off = minutes_off(ahead)
    facts: dict[str, Fact] = {"ahead_seconds": seconds}
    if not off:
        what = said("It agrees with the gateway’s.")
        return Finding(Check.CLOCK, State.OK, what, "", way.host, facts)
    state = State.BAD if abs(ahead) > timedelta(hours=12) else State.WARN
    return Finding(Check.CLOCK, state, _off_by(off), _how_to_set(system), way.host, facts)


def _off_by(minutes: int) -> str:
    """How far a clock is off: `minutes` ahead, negative: behind."""
    hours, days = round(abs(minutes) / 60), round(abs(minutes) / 1440)
    match minutes > 0:
        case True if days >= 2:
            return counted(days, "It is %n day ahead.", "It is %n days ahead.")
        case True if hours >= 2:
            return counted(hours, "It is %n hour ahead.", "It is %n hours ahead.")
        case True:
            return counted(minutes, "It is %n minute ahead.", "It is %n minutes ahead.")
        case _ if days >= 2:
            return counted(days, "It is %n day behind.", "It is %n days behind.")
        case _ if hours >= 2:
            return counted(hours, "It is %n hour behind.", "It is %n hours behind.")
        case _:
            return counted(-minutes, "It is %n minute behind.", "It is %n minutes behind.")


def _how_to_set(system: str) -> str:
    match system:
        case "win32":
            return said(
                "Settings, Time & language, Date & time: turn on “Set time automatically”, then Sync now."
            )
        case "darwin":
            return said("System Settings, General, Date & Time: turn on “Set time and date automatically”.")
        case _:
            return said("Turn on automatic time in the system settings, or run: timedatectl set-ntp true")
