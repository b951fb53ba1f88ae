"""HubSpot's error bodies."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Wrong:
    """What is wrong with one property."""

    name: str
    code: str
    message: str


class Problem(Exception):
    """An answer that is not the one that was hoped for."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        context: Mapping[str, Sequence[str]] | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.category = category
        self.message = message
        self.context = dict(context or {})
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.more = more

    def body(self) -> dict[str, Any]:
        """The body of an answer of its own."""
        body: dict[str, Any] = {
            "status": "error",
            "message": self.message,
            "correlationId": str(uuid.uuid4()),
            "category": self.category,
        }
        if self.errors:
            body["errors"] = self.errors
        if self.context:
            body["context"] = self.context
        return body | self.more

    def part(self) -> dict[str, Any]:
        """The same as one of the errors of a batch."""
        return {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "context": self.context,
            "errors": self.errors,
            "links": {},
        }


def invalid(wrong: Sequence[Wrong]) -> Problem:
    """Values that are not accepted, each with its property."""
    listed = [
        {
            "isValid": False,
            "message": one.message,
            "error": one.code,
            "name": one.name,
            "localizedErrorMessage": one.message,
            "portalId": 4711,
        }
        for one in wrong
    ]
    errors = [
        {"message": one.message, "code": one.code, "context": {"propertyName": [one.name]}} for one in wrong
    ]
    return Problem(
        400, "VALIDATION_ERROR", f"Property values were not valid: {json.dumps(listed)}", errors=errors
    )


def bad_request(message: str) -> Problem:
    """A request that cannot be understood or asks for too much."""
    return Problem(400, "VALIDATION_ERROR", message)


def missing(kind: str, ids: Sequence[str]) -> Problem:
    """Records that are not there."""
    return Problem(
        404,
        "OBJECT_NOT_FOUND",
        f"Could not get some {kind} objects, they may be deleted or not exist. Check that ids are valid.",
        context={"ids": list(ids)},
    )


def too_many(policy: str, words: str, retry_after: int | None = None) -> Problem:
    """More calls than are taken."""
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    return Problem(
        429,
        "RATE_LIMITS",
        f"You have reached your {words} limit.",
        headers=headers,
        errorType="RATE_LIMIT",
        policyName=policy,
    )
