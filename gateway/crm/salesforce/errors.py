"""What Salesforce, simple-salesforce and requests say when something fails, as the port's own errors: all in here.

Salesforce names its errors by codes in the body, not by statuses: a limit that is used up is 403, a locked row 400.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import unescape
from typing import Any

import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError

from gateway.crm.port import (
    CrmBusy,
    CrmConflict,
    CrmError,
    CrmMissing,
    CrmRefused,
    CrmUnauthorised,
    CrmUnavailable,
)

#: The daily limit is of any 24 hours that lie behind: calls become free again by and by, so it is worth asking again.
_LIMIT_WAIT = 900.0
#: The limit of calls that run at once for long is over as soon as one of them ends.
_CONCURRENT_WAIT = 10.0
_LOCKED_WAIT = 2.0
_DOWN_WAIT = 5.0
#: What only a person can put right is not asked for all the time.
_CONFIGURED_WAIT = 60.0
_WORDS = 500

_TAGS = re.compile(r"<[^>]{0,200}>")
_IDS = re.compile(r"\b(?=[a-zA-Z]{0,2}\d)[a-zA-Z0-9]{15}(?:[A-Z0-5]{3})?\b")
_CODE = re.compile(r"^[A-Z]+(_[A-Z]+)+:\s*")


@dataclass(frozen=True)
class Said:
    """One error as it stands in a body."""

    code: str
    message: str
    fields: Sequence[str] = ()


class CrmUnreadable(CrmUnavailable):
    """What was asked for is not there to be seen: there is no such object or field, or it is hidden from us."""


class SessionEnded(Exception):
    """The session is not valid any more; what was asked for was not looked at."""


def said(body: Any) -> Said:
    """Return the first error of a body: a list, one result of a collection, or anything else."""
    if isinstance(body, Mapping) and isinstance(body.get("errors"), list):
        body = body["errors"]
    one = body[0] if isinstance(body, list) and body else body
    if not isinstance(one, Mapping):
        return Said("", "")
    code = str(one.get("errorCode") or one.get("statusCode") or one.get("error") or "")
    fields = one.get("fields")
    names = [str(name) for name in fields] if isinstance(fields, list) else []
    return Said(code, str(one.get("message") or one.get("error_description") or ""), names)


def clean(text: str) -> str:
    """Return words of the system as a partner may read them: one line, no markup, no ids of rows, no codes."""
    text = " ".join(_IDS.sub("another record", _TAGS.sub(" ", unescape(text))).split())
    text = _CODE.sub("", text)
    return text if len(text) <= _WORDS else text[: _WORDS - 1] + "…"


def judged(status: int, body: Any, label: str, retry_after: float | None = None) -> CrmError:
    """Return what an answer that is no success comes to. Raises SessionEnded."""
    one = said(body)
    match one.code:
        case "INVALID_SESSION_ID":
            raise SessionEnded
        case "REQUEST_LIMIT_EXCEEDED" if "concurrent" in one.message.lower():
            return CrmBusy(f"{label} takes no more calls for now.", retry_after or _CONCURRENT_WAIT)
        case "REQUEST_LIMIT_EXCEEDED":
            return CrmBusy(f"The calls {label} takes in 24 hours are used up.", retry_after or _LIMIT_WAIT)
        case "UNABLE_TO_LOCK_ROW":
            # Somebody else is writing this very row: nothing was written, and in a moment it works.
            return CrmUnavailable(
                f"{label} has locked what was asked for.", max(_LOCKED_WAIT, retry_after or 0.0)
            )
        case "ENTITY_IS_DELETED" | "NOT_FOUND" if not one.fields:
            return CrmMissing("The record is not there any more.")
        case "API_DISABLED_FOR_ORG" | "API_CURRENTLY_DISABLED" | "INVALID_LOGIN" | "INACTIVE_OWNER_OR_USER":
            return CrmUnauthorised(
                f"{label} does not let the gateway in ({one.code}): look at the app's user."
            )
        case "PROCESSING_HALTED":
            return CrmUnavailable(f"{label} has taken everything back.", _LOCKED_WAIT)
        case _:
            return _by_status(status, one, label, retry_after)


def _by_status(status: int, one: Said, label: str, retry_after: float | None) -> CrmError:
    match status:
        case 412:
            return CrmConflict("The record was changed meanwhile.")
        case 401:
            raise SessionEnded
        case 404:
            return CrmMissing("The record is not there any more.")
        case 429:
            return CrmBusy(f"{label} takes no more calls for now.", retry_after or _CONCURRENT_WAIT)
        case 403 if not one.code.startswith(("INSUFFICIENT", "CANNOT", "FIELD")):
            return CrmUnauthorised(
                f"{label} does not allow this ({one.code or 403}): look at the permission set."
            )
        case _ if 400 <= status < 500 and one.code:
            return refused(one, label)
        case _:
            return CrmUnavailable(
                f"{label} does not answer as it should ({status}).", retry_after or _DOWN_WAIT
            )


def refused(one: Said, label: str) -> CrmRefused:
    """Return a refusal in the system's own words, on its own fields."""
    words = clean(one.message) or f"{label} refuses this ({one.code})."
    return CrmRefused(words, dict.fromkeys(one.fields, words))


def unreadable(error: CrmError, label: str) -> CrmError:
    """Return what a refusal of a mere question comes to: what the mapping names is not there to be seen."""
    if isinstance(error, CrmRefused):
        return CrmUnreadable(
            f"{label} cannot be asked for what the mapping names; `counterpart-gateway check` says what is missing or "
            f"hidden. {error}",
            _CONFIGURED_WAIT,
        )
    return error


def translated(call: Callable[[], Any], label: str, retry_after: Callable[[], float | None]) -> Any:
    """Make a call. Raises the port's errors, and SessionEnded; nothing of what was asked is told."""
    try:
        return call()
    except SalesforceAuthenticationFailed as error:
        raise _not_signed_in(error, label) from None
    except SalesforceError as error:
        raise judged(error.status, error.content, label, retry_after()) from None
    except requests.RequestException as error:
        raise CrmUnavailable(f"{label} cannot be reached ({type(error).__name__}).") from None


def _not_signed_in(error: SalesforceAuthenticationFailed, label: str) -> CrmUnavailable:
    code = str(error.code)
    with suppress(ValueError):
        if int(code) >= 500:
            return CrmUnavailable(f"{label} cannot be signed in to for now ({code}).", _DOWN_WAIT)
    hints = {
        "invalid_client_id": "the client id (consumer key) is not known",
        "invalid_client": "the client secret is not the one of this app",
        "invalid_grant": "the flow is not enabled for the app, or it runs as no user who may sign in",
        "unsupported_grant_type": "the flow is not enabled for the app",
        "INVALID_LOGIN": "user name, password or security token are wrong",
    }
    hint = hints.get(code, "look at the connected app and its user")
    return CrmUnauthorised(f"{label} does not accept the credentials it was given ({code}): {hint}.")
