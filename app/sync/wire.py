"""HTTP with bounds: the one place where foreign errors of the network become errors of the contract.

    no connection, time-out, cut, proxy or network sign-in      Unreachable
    certificate not trusted                                     CertificateRefused
    408, 423, 425, 429, 5xx                                     Busy, with `retry_after` when it was named
    401, as a problem document                                  SignInNeeded; WipeOrdered with code "wipe"
    403, 404, as problem documents                              NotAllowed
    410, as a problem document                                  CursorExpired
    426, or code "update_needed"                                UpdateNeeded
    other 4xx, as problem documents, and 413                    Refused
    redirects, other types than JSON, malformed or cut JSON     BadAnswer
    a body above its bound                                      HostileAnswer

A 4xx that is not a problem document did not come from the gateway but from something in between (a proxy, a hotel's
sign-in page); believing it would end a session that holds, or set work aside that nobody refused.
"""

from __future__ import annotations

import ssl
import threading
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx
import truststore
from pydantic import BaseModel, ValidationError

from app.contract.changes import ProblemDocument
from app.contract.errors import (
    BadAnswer,
    Busy,
    CertificateRefused,
    CounterpartError,
    CursorExpired,
    HostileAnswer,
    NotAllowed,
    Refused,
    SignInNeeded,
    Unreachable,
    UpdateNeeded,
    WipeOrdered,
)
from app.contract.said import said
from app.contract.version import RELEASE
from app.sync.clock import Clock
from app.sync.pauses import Pauses
from app.sync.proxies import SYSTEM, ByProxy

#: Largest answer read into memory, unpacked. The gateway ends a page at two million characters, which is far below.
MAX_ANSWER = 32 * 1024 * 1024

#: Largest problem document read.
MAX_PROBLEM = 256 * 1024

#: An answer that is packed has at most this part of the bound on the wire, if it is not very small: text that packs
#: badly is still packed to less.
_PACKED = 2
_LEAST = 64 * 1024

#: The code of a refusal that tells a device to destroy what it holds, the field with the order, and the longest one.
WIPE = "wipe"
_ORDER = "order"
_USER = "user"
_LONGEST_ORDER = 400

#: Seconds in which an answer has to begin: what announces one can go on for ever, and each piece of it is in time.
LONGEST_HEAD = 60.0

TIMEOUTS = httpx.Timeout(connect=10.0, read=30.0, write=30.0, pool=10.0)

Parsed = TypeVar("Parsed", bound=BaseModel)

#: Told of each call: its method and path, and the error it ended in, None when it was answered.
Heard = Callable[[str, str, CounterpartError | None], None]


def nobody_hears(method: str, path: str, error: CounterpartError | None) -> None:
    """Where nobody wants to know how calls go."""


@dataclass(frozen=True)
class Answer:
    """A whole answer of status 2xx or 304; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def system_client(base_url: str, proxy: str = SYSTEM) -> httpx.Client:
    """Return a client that trusts what this computer trusts and goes through the proxies it is set to.

    `proxy`: `none`, or the address of one that is used instead. Certificate checks cannot be turned off. Redirects
    are not followed: a token must not travel to another place.
    """
    return httpx.Client(
        base_url=base_url,
        transport=ByProxy(truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT), proxy),
        trust_env=False,  # that way is taken above, with the exceptions that httpx does not know
        timeout=TIMEOUTS,
        follow_redirects=False,
        headers={"User-Agent": f"Counterpart/{RELEASE}", "Accept": "application/json"},
    )


class Wire:
    """Calls to one gateway. Safe to use from several threads."""

    def __init__(self, client: httpx.Client, clock: Clock, heard: Heard = nobody_hears) -> None:
        self._client = client
        self._heard = heard
        self._clock = clock
        self._streams: weakref.WeakSet[Any] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._aborted = False
        self._pauses = Pauses(clock)
        self._ahead: timedelta | None = None

    @property
    def clock(self) -> Clock:
        """This computer's clock."""
        return self._clock

    @property
    def ahead(self) -> timedelta | None:
        """How far this computer's clock was ahead of the gateway's at the last answer; None before there was one."""
        return self._ahead

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        form: Mapping[str, str] | None = None,
        also: Collection[int] = (),
        limit: int = MAX_ANSWER,
    ) -> Answer:
        """Make one call and read its whole answer, at most `limit` bytes unpacked. Raises contract errors only.

        `also` names statuses besides 2xx and 304 that are answers to the caller rather than errors.
        """
        with self.stream(
            method, path, params=params, headers=headers, content=content, form=form, also=also
        ) as response:
            return Answer(response.status_code, response.headers, bounded(response, limit))

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        form: Mapping[str, str] | None = None,
        also: Collection[int] = (),
        timeout: httpx.Timeout = TIMEOUTS,
    ) -> Iterator[httpx.Response]:
        """Make one call and hand out the answer unread. Raises contract errors only, also while it is read.

        While a pause lasts that the gateway asked for, nothing is sent and Busy is raised.
        """
        self._pauses.check(path)
        late = threading.Timer(LONGEST_HEAD, self.cut)
        with (
            self._told(method, path),
            self._translated(),
            _running(late),
            self._client.stream(
                method,
                path,
                params=dict(params or {}),
                headers=dict(headers or {}),
                content=content,
                data=dict(form) if form is not None else None,
                timeout=timeout,
                extensions={"trace": self._trace},
            ) as response,
        ):
            late.cancel()
            self._compare_clocks(response.headers)
            if not (response.is_success or response.status_code in (304, *also)):
                error = self.problem(response)
                if response.status_code == httpx.codes.TOO_MANY_REQUESTS and isinstance(error, Busy):
                    self._pauses.note(path, error)
                raise error
            yield response

    def cut(self) -> None:
        """Cut every connection now, whatever thread waits on it; further calls open new ones."""
        with self._lock:
            streams = list(self._streams)
        for stream in streams:
            _cut(stream)

    def abort(self) -> None:
        """Cut every connection now and for good; further calls fail at once."""
        with self._lock:
            self._aborted = True
        self.cut()

    def close(self) -> None:
        """Give up all connections."""
        self.abort()
        self._client.close()

    def _trace(self, name: str, info: Mapping[str, Any]) -> None:
        """Remember each connection as it comes up, so that `abort` can reach it from another thread."""
        if name in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._lock:
                self._streams.add(info["return_value"])
                aborted = self._aborted
            if aborted:
                _cut(info["return_value"])

    @contextmanager
    def _told(self, method: str, path: str) -> Iterator[None]:
        """Tell how a call ended; one that somebody else broke off has not failed."""
        try:
            yield
        except CounterpartError as error:
            if not self._aborted:
                self._heard(method, path, error)
            raise
        self._heard(method, path, None)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        if self._aborted:
            raise Unreachable("The connection was closed.")
        try:
            yield
        except httpx.HTTPError as error:
            raise translated(error) from error
        except (httpx.InvalidURL, httpx.CookieConflict) as error:
            raise Unreachable(said("The gateway's address is not usable: {why}", why=str(error))) from error
        except (OSError, httpx.StreamError, AttributeError) as error:
            # A connection cut by `abort` under a waiting read ends in one of these, depending on where it stood.
            if isinstance(error, OSError) or self._aborted:
                raise Unreachable("The connection was cut.") from error
            raise

    def _compare_clocks(self, headers: Mapping[str, str]) -> None:
        """Only the gateway's own word counts: what is in between may have a clock of its own."""
        try:
            at = datetime.fromisoformat(headers.get("counterpart-time", ""))
        except ValueError:
            return
        if at.tzinfo is not None:
            self._ahead = self._clock.now() - at

    def problem(self, response: httpx.Response) -> CounterpartError:
        """Return the error that an answer of status 3xx to 5xx stands for."""
        document = _document(response)
        asked = _retry_after(response, document, self._clock.now())
        return error_of(response.status_code, document, asked)


@contextmanager
def _running(timer: threading.Timer) -> Iterator[None]:
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(stream: Any) -> None:
    raw = stream.get_extra_info("socket")
    if raw is not None:
        try:
            raw.shutdown(2)
        except OSError:
            return


def translated(error: httpx.HTTPError) -> CounterpartError:
    """Return the contract error for one of httpx's."""
    cause = _ssl_cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return CertificateRefused()
    if isinstance(error, httpx.DecodingError):
        return BadAnswer("The gateway's answer could not be unpacked and was not used.")
    if isinstance(error, httpx.TimeoutException):
        return Unreachable("The gateway did not answer in time.")
    if isinstance(error, httpx.ProxyError):
        return Unreachable(_proxy_words(error) if cause is None else said("The gateway cannot be reached."))
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        return Unreachable("The connection to the gateway was cut.")
    if isinstance(error, httpx.ConnectError):
        return Unreachable(_connect_words(error))
    return Unreachable()


def _proxy_words(error: BaseException) -> str:
    text = str(error)
    if text.startswith("407"):
        return said("The proxy of this network wants a name and a password, or refused those it was given.")
    if text.startswith("unusable"):
        return said("The proxy this computer is set to is of a kind that cannot be used.")
    if text.startswith("unreachable"):
        return said("The proxy this computer is set to cannot be reached.")
    return said("The proxy of this network did not let the connection through.")


def _connect_words(error: BaseException) -> str:
    text = str(error).lower()
    if any(sign in text for sign in ("name or service", "getaddrinfo", "nodename", "temporary failure")):
        return said("No network on this computer, or the gateway's name is not known here.")
    if "refused" in text:
        return said("The gateway is not running at its address.")
    return said("The gateway cannot be reached.")


def _ssl_cause(error: BaseException) -> ssl.SSLError | None:
    """The TLS error behind another one. Chains may be circular, so each link is looked at once."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        if isinstance(link, ssl.SSLError):
            return link
        seen.add(id(link))
        link = link.__cause__ or link.__context__
    return None


class _Counted(httpx.SyncByteStream):
    """A body as it comes over the wire, up to `limit` bytes: what is packed may unpack to nothing for ever."""

    def __init__(self, response: httpx.Response, limit: int) -> None:
        self._response = response
        self._limit = limit

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for part in self._response.iter_raw():
            size += len(part)
            if size > self._limit:
                raise _too_large()
            yield part


def bounded(response: httpx.Response, limit: int) -> bytes:
    """Read a whole body, unpacked. Raises HostileAnswer above `limit` bytes, packed or not."""
    parts: list[bytes] = []
    size = 0
    packed = "content-encoding" in response.headers
    counted = httpx.Response(
        200,
        headers=response.headers,
        stream=_Counted(response, max(limit // _PACKED, _LEAST) if packed else limit),
    )
    for part in counted.iter_bytes():
        size += len(part)
        if size > limit:
            raise _too_large()
        parts.append(part)
    return b"".join(parts)


def _too_large() -> HostileAnswer:
    return HostileAnswer("The gateway's answer was larger than any that makes sense, and was refused.")


def parsed(model: type[Parsed], answer: Answer) -> Parsed:
    """Parse a JSON answer. Raises BadAnswer when it is not JSON, cut off, or of another shape."""
    expect_json(answer)
    return parsed_bytes(model, answer.body)


def parsed_bytes(model: type[Parsed], body: bytes) -> Parsed:
    """Parse JSON bytes. Raises BadAnswer when they are cut off or of another shape."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise BadAnswer from error


def expect_json(answer: Answer) -> None:
    """Raise BadAnswer unless the answer says that it is JSON."""
    expect_type(answer.headers, "application/json")


def expect_type(headers: Mapping[str, str], media_type: str) -> None:
    """Raise BadAnswer unless an answer's headers say that it is of this media type."""
    if _media_type(headers) != media_type:
        raise BadAnswer(
            "Something other than the gateway answered, such as a network's sign-in page.",
            next_step="Sign in to the network; the rest goes on by itself.",
        )


def _media_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _document(response: httpx.Response) -> ProblemDocument | None:
    if not _is_problem(response.headers):
        return None
    return _parsed_document(bounded(response, MAX_PROBLEM))


def _is_problem(headers: Mapping[str, str]) -> bool:
    return _media_type(headers) == "application/problem+json"


def _parsed_document(body: bytes) -> ProblemDocument | None:
    try:
        return ProblemDocument.model_validate_json(body)
    except ValidationError:
        return None


def refusal_of(answer: Answer) -> CounterpartError | None:
    """Return the error that an answer with a problem document stands for, None for an answer without one."""
    document = _parsed_document(answer.body) if _is_problem(answer.headers) else None
    return error_of(answer.status, document, None) if document is not None else None


def _retry_after(response: httpx.Response, document: ProblemDocument | None, now: datetime) -> float | None:
    if document is not None and document.retry_after is not None:
        return document.retry_after
    text = response.headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isdecimal():
        return float(text)
    try:
        at = parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, OverflowError):  # no date; or the last day there is, somewhere else on earth
        return None
    return max(0.0, (at - now).total_seconds())


def wipe_or(otherwise: CounterpartError, code: str, order: str, user: str = "") -> CounterpartError:
    """Return WipeOrdered for a refusal with that code and an order that can be confirmed; `otherwise` for all others.

    What cannot be confirmed is not obeyed: nobody would ever learn that it was done.
    """
    return WipeOrdered(order, user=user) if code == WIPE and 0 < len(order) <= _LONGEST_ORDER else otherwise


_PERMANENT: Mapping[int, Callable[[str], CounterpartError]] = {
    403: NotAllowed,
    404: NotAllowed,
    410: CursorExpired,
}


def error_of(status: int, document: ProblemDocument | None, retry_after: float | None) -> CounterpartError:
    """Translate a refusing answer: its status, its problem document if it had one, how long to stay away."""
    detail = document.detail if document else ""
    if status == 426 or (document is not None and document.code == "update_needed"):
        return UpdateNeeded(kept="What is on this computer stays readable, and what you entered is kept.")
    if status in (407, 511):
        return Unreachable("This network asks you to sign in to it first.")
    if status in (408, 423, 425, 429) or status >= 500:
        return Busy(detail, retry_after=retry_after)
    if status == 413 and document is None:
        return Refused("This is larger than the gateway accepts.", code="too_large")
    if document is None:
        return BadAnswer("Something between this computer and the gateway answered instead of it.")
    if status == 401:
        order, user = document.fields.get(_ORDER, ""), document.fields.get(_USER, "")
        return wipe_or(SignInNeeded(), document.code, order, user)
    if status in _PERMANENT:
        return _PERMANENT[status](detail)
    return Refused(detail or document.title, code=document.code or "refused", fields=dict(document.fields))
