"""What no call may bring, whatever it is about: JSON that is read in two ways, or that would break what reads it.

Numbers that are none, or have more than 64 bits; a name that stands twice; lists in lists in lists; and NUL, which
no text in a database may hold. Each is refused before anything looks at the call, with where it stands.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.answers import problem_answer
from gateway.problems import Problem

#: Lists and objects that may stand in one another. A mutation's lines of a table are six deep.
DEEPEST = 32

#: Bytes from which a body is looked through on another thread.
_LARGE = 64 * 1024

_FORM = "application/x-www-form-urlencoded"


class WellFormed:
    """Refuses such calls. `elsewhere`: beginnings of paths that look after themselves."""

    def __init__(self, app: ASGIApp, elsewhere: tuple[str, ...] = ()) -> None:
        self._app = app
        self._elsewhere = elsewhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(self._elsewhere):
            await self._app(scope, receive, send)
            return
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            where = "path" if "\0" in scope["path"] else "query"
            await _refusal({where: "No NUL may stand in it."})(scope, receive, send)
            return
        kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
        if kind != _FORM and not kind.endswith(("/json", "+json")):
            await self._app(scope, receive, send)
            return
        try:
            body = await _whole(receive)
        except HTTPException as error:  # of whoever counts the bytes
            await problem_answer(Problem(error.status_code, "too_large", error.detail))(scope, receive, send)
            return
        if body is None:
            return
        look = wrong_in_form if kind == _FORM else wrong_in_json
        wrong = await run_in_threadpool(look, body) if len(body) > _LARGE else look(body)
        if wrong:
            await _refusal(wrong)(scope, receive, send)
            return
        await self._app(scope, _again(body, receive), send)


def _refusal(wrong: dict[str, str]) -> Any:
    return problem_answer(Problem(400, "malformed", "The request is not as it should be.", fields=wrong))


async def _whole(receive: Receive) -> bytes | None:
    """The body, or None when the caller has gone before its end."""
    pieces, more = [], True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return None
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(pieces)


def _again(body: bytes, receive: Receive) -> Receive:
    told = False

    async def given() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return given


def wrong_in_form(body: bytes) -> dict[str, str]:
    """Return what is wrong with a form, by field."""
    fields = (part.partition(b"=") for part in body.split(b"&"))
    return {
        name.decode("ascii", "replace")[:60]: "No NUL may stand in it."
        for name, _, value in fields
        if b"\0" in value or b"%00" in value
    }


@dataclass(frozen=True)
class _Wrong:
    """Stands where a value was that is refused."""

    why: str


def wrong_in_json(body: bytes) -> dict[str, str]:
    """Return the first thing that is wrong with JSON, by where it stands; what is no JSON at all is left to others."""
    try:
        value = json.loads(
            body, object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
        )
    except RecursionError:
        return {"body": _TOO_DEEP}
    except UnicodeDecodeError:
        return {"body": "It is not UTF-8."}
    except ValueError:
        return {}
    return next(({".".join(path) or "body": why} for path, why in _walk(value)), {})


_TOO_DEEP = f"At most {DEEPEST} lists and objects may stand in one another."


def _object(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if not all(name.isascii() or _whole_characters(name) for name in found):
        broken = next(name for name in found if not _whole_characters(name))
        return {broken: _Wrong("Its name has half a character.")}
    if len(found) < len(pairs):
        # In one go: looking for each name among all others takes hours for an object that fills a body.
        times = Counter(name for name, _ in pairs)
        twice = next(name for name in times if times[name] > 1)
        return {twice: _Wrong("It stands twice in one object.")}
    return found


def _whole_characters(name: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in name)


def _integer(text: str) -> Any:
    # Longer texts are not even turned into numbers: that takes the square of their length.
    fits = len(text) < 20 and -(2**63) <= int(text) < 2**63
    return int(text) if fits else _Wrong("It has more than 64 bits.")


def _float(text: str) -> Any:
    value = float(text)
    return value if math.isfinite(value) else _Wrong("It is too large a number.")


def _constant(text: str) -> Any:
    return _Wrong(f"{text} is no number in JSON.")


def _walk(value: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield where something wrong stands, without going deeper on the stack the deeper it is."""
    open_ones: list[tuple[tuple[str, ...], Any]] = [((), value)]
    while open_ones:
        path, item = open_ones.pop()
        if isinstance(item, _Wrong):
            yield path, item.why
        elif isinstance(item, (dict, list)):
            if len(path) >= DEEPEST:
                yield path[:6], _TOO_DEEP
                return
            members = item.items() if isinstance(item, dict) else enumerate(item)
            open_ones += [((*path, _named(name)), one) for name, one in members if not _plain(one)]


def _plain(value: Any) -> bool:
    return not isinstance(value, (dict, list, _Wrong))


def _named(name: object) -> str:
    """A member's name as it may be told again: half characters have no form in an answer."""
    return str(name)[:60].encode("utf-8", "backslashreplace").decode()
