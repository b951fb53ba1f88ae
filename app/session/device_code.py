"""Sign-in by device code (RFC 8628): this machine shows a short code, and somebody lets it in from their own phone.

It exists for kiosks only, by policy; elsewhere one signs in through the browser (`app.session.sign_in`). Whatever the
gateway says, a code is shown for ten minutes at most; then another one takes its place.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.contract.errors import BadAnswer, Busy, NotAllowed, PermanentError, Refused, RetryableError
from app.contract.said import said
from app.session.accounts import Device
from app.session.oauth import CLIENT_ID, OAuth, TokenSet
from app.session.policy.schema import Managed
from app.session.sign_in import SignInAbandoned
from app.sync.clock import Clock
from app.sync.wire import Answer, Wire, expect_json, parsed, refusal_of

#: Seconds a code is shown at most, whatever the gateway says.
LONGEST = 600.0

#: A code that holds for fewer seconds can be typed by nobody. To ask for the next one at once would be to ask for ever.
_SHORTEST = 10.0

#: Seconds between two questions: at least and at most; what a gateway that asks for less or more is cut to.
_LEAST_PACE, _MOST_PACE = 1.0, 60.0
_SLOWER = 5.0

#: What the protocol may answer a question with, besides tokens.
_ERRORS = frozenset(
    (
        "authorization_pending",
        "slow_down",
        "expired_token",
        "invalid_grant",
        "access_denied",
        "unsupported_grant_type",
    )
)

_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

Answered = TypeVar("Answered")


@dataclass(frozen=True)
class CodeShown:
    """A code to be shown. `complete`: the address with the code in it, for a square; empty where there is none.

    `expires_at`, UTC, by this computer's clock; `seconds`: how long it holds from now on.
    """

    user_code: str
    address: str
    complete: str
    expires_at: datetime
    seconds: float


@dataclass(frozen=True)
class CodeWaits:
    """The gateway cannot be reached, or asks for a pause: again in `seconds`. A code that is shown stays."""

    because: RetryableError
    seconds: float


@dataclass(frozen=True)
class CodeTaken:
    """Somebody let this machine in: what follows takes a moment."""


DeviceCodeNews = CodeShown | CodeWaits | CodeTaken


class NoKiosk(PermanentError):
    """Signing in by device code is off on this computer."""

    default_cause = "This computer is not set up as a kiosk, so nobody signs in by a code."
    default_kept = "Nothing was sent."
    default_next_step = "Sign in through the browser, or ask your IT to turn the kiosk policy on."


class DeviceCodesOff(PermanentError):
    """The gateway lets no kiosks in."""

    default_cause = "The gateway lets no kiosks in."
    default_kept = "Nothing is lost."
    default_next_step = "The vendor turns it on with the gateway's setting device_code."


class KeptOut(Refused):
    """Somebody looked the code up and did not let this machine in."""

    default_cause = "Whoever looked up the code did not let this screen in."
    default_kept = "Nothing is lost."
    default_next_step = "Start again with a new code."


class Waiter(Protocol):
    """Waits, and is told when to give up; `threading.Event` fits."""

    def wait(self, timeout: float) -> bool:
        """Wait so many seconds; True: give up."""

    def set(self) -> None:
        """Give up, from another thread."""

    def is_set(self) -> bool:
        """Whether to give up."""


class _Authorized(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    device_code: str = Field(min_length=1, max_length=1000, repr=False)
    user_code: str = Field(min_length=1, max_length=40)
    verification_uri: str = Field(min_length=1, max_length=1000)
    verification_uri_complete: str = Field("", max_length=1000)
    expires_in: float
    interval: float = 5.0


class _Denied(BaseModel):
    model_config = ConfigDict(extra="ignore")

    error: str


class DeviceCode:
    """One wait to be let in. `run` blocks; `cancel` from another thread. Not used twice."""

    def __init__(
        self,
        managed: Managed,
        wire: Wire,
        device: Device,
        clock: Clock,
        tell: Callable[[DeviceCodeNews], None],
        waiter: Waiter | None = None,
    ) -> None:
        """`tell` is called on the thread of `run`. Raises NoKiosk unless the policy makes this computer a kiosk."""
        if not managed.policy.kiosk:
            raise NoKiosk
        self._wire = wire
        self._oauth = OAuth(wire, clock)
        self._device = device
        self._clock = clock
        self._tell = tell
        self.cancelled: Waiter = waiter or threading.Event()

    def run(self) -> TokenSet:
        """Show codes, one after another, until somebody lets this machine in.

        What cannot be reached is tried again. Raises SignInAbandoned when cancelled, KeptOut, DeviceCodesOff,
        PermanentError kinds.
        """
        while True:
            asked_at = self._clock.monotonic()
            authorized = self.again(self._ask)
            until = asked_at + min(max(authorized.expires_in, 0.0), LONGEST)
            self._show(authorized, until)
            tokens = self._poll(authorized, until)
            if tokens is not None:
                self._tell(CodeTaken())
                return tokens

    def cancel(self) -> None:
        """Stop waiting."""
        self.cancelled.set()

    def again(self, call: Callable[[], Answered]) -> Answered:
        """Make a call until it is answered, however long that takes.

        Raises SignInAbandoned when cancelled, and what is no use trying again.
        """
        answered = self._again(lambda: (call(),), None)
        assert answered is not None
        return answered[0]

    # -- parts --------------------------------------------------------------------------------------------
    def _show(self, authorized: _Authorized, until: float) -> None:
        seconds = max(0.0, until - self._clock.monotonic())
        self._tell(
            CodeShown(
                authorized.user_code,
                authorized.verification_uri,
                _complete(authorized),
                self._clock.now() + timedelta(seconds=seconds),
                seconds,
            )
        )

    def _poll(self, authorized: _Authorized, until: float) -> TokenSet | None:
        """Ask whether somebody let it in; None when the code is over."""
        pace = _paced(authorized.interval)
        while self._clock.monotonic() + pace < until:
            self._pause(pace)
            answer = self._again(lambda: self._question(authorized), until)
            if answer is None or isinstance(answer, TokenSet):
                return answer
            match answer:
                case "authorization_pending":
                    continue
                case "slow_down":
                    pace = _paced(pace + _SLOWER)
                case "expired_token" | "invalid_grant":
                    return None
                case "access_denied":
                    raise KeptOut(code="access_denied")
                case _:
                    raise DeviceCodesOff
        self._pause(max(0.0, until - self._clock.monotonic()))
        return None

    def _ask(self) -> _Authorized:
        form = {"client_id": CLIENT_ID, "device_id": self._device.id, "device_name": self._device.name}
        try:
            authorized = parsed(
                _Authorized, self._wire.call("POST", "/oauth/device_authorization", form=form)
            )
        except NotAllowed:
            raise DeviceCodesOff from None
        # So written that what is no number is refused too.
        long_enough = authorized.expires_in >= _SHORTEST
        if not long_enough or not _may_be_shown(authorized.verification_uri):
            raise BadAnswer
        return authorized

    def _question(self, authorized: _Authorized) -> TokenSet | str:
        """Return the tokens, or the protocol's error; BadAnswer for what is neither, so that it is asked again."""
        form = {"grant_type": _GRANT, "client_id": CLIENT_ID, "device_code": authorized.device_code}
        asked_at = self._clock.now()
        answer = self._wire.call("POST", "/oauth/token", form=form, also=(400, 401))
        if answer.status < 400:
            return self._oauth.granted(answer, asked_at)
        problem = refusal_of(answer)
        if problem is not None:
            raise problem
        error = _error(answer)
        if error not in _ERRORS:
            raise BadAnswer
        return error

    def _again(self, call: Callable[[], Answered], until: float | None) -> Answered | None:
        """Make a call until it is answered, ever less often; None when the time is over before."""
        wait = 2.0
        while True:
            try:
                return call()
            except RetryableError as error:
                asked = error.retry_after if isinstance(error, Busy) else None
                seconds = min(max(asked or 0.0, wait), 15 * _MOST_PACE)
                if until is not None and self._clock.monotonic() + seconds >= until:
                    self._pause(max(0.0, until - self._clock.monotonic()))
                    return None
                self._tell(CodeWaits(error, seconds))
                self._pause(seconds)
                wait = min(wait * 2, _MOST_PACE)

    def _pause(self, seconds: float) -> None:
        if self.cancelled.is_set() or self.cancelled.wait(seconds):
            raise SignInAbandoned(said("The sign-in was not finished."))


def _paced(seconds: float) -> float:
    return min(max(seconds, _LEAST_PACE), _MOST_PACE)


def _error(answer: Answer) -> str:
    try:
        expect_json(answer)
        return _Denied.model_validate_json(answer.body).error
    except ValidationError:
        raise BadAnswer from None


def _may_be_shown(address: str) -> bool:
    """Whether a person may be sent to an address: encrypted, or on this computer, and with nothing hidden in it."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    return bool(parts.hostname) and not parts.username and (parts.scheme == "https" or local)


def _complete(authorized: _Authorized) -> str:
    """Return the address with the code in it: only what lies at the same place as the one that is typed."""
    whole = authorized.verification_uri_complete
    if not whole or not _may_be_shown(whole):
        return ""
    one, other = urlsplit(authorized.verification_uri), urlsplit(whole)
    return whole if (one.scheme, one.netloc) == (other.scheme, other.netloc) else ""
