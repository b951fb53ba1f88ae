"""The one error the gateway's core raises towards its callers; the HTTP shell writes it as RFC 9457."""

from __future__ import annotations

from collections.abc import Mapping


class Problem(Exception):
    """A call that cannot be answered. `status` is an HTTP status, `detail` a sentence in the user's words."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        fields: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.fields = dict(fields or {})
        self.retry_after = retry_after


def sign_in_needed(detail: str = "Your session has ended. Sign in again.") -> Problem:
    """401."""
    return Problem(401, "sign_in", detail)


def not_found() -> Problem:
    """404, the same for what does not exist and for what is not shared with the caller."""
    return Problem(404, "not_found", "There is nothing here that is shared with you.")


def cursor_expired() -> Problem:
    """410: a snapshot leads on."""
    return Problem(410, "cursor_expired", "This position is not known any more; read everything afresh.")


def unacceptable(detail: str, fields: Mapping[str, str] | None = None) -> Problem:
    """422."""
    return Problem(422, "unacceptable", detail, fields=fields)


def too_busy(detail: str, retry_after: float) -> Problem:
    """503."""
    return Problem(503, "busy", detail, retry_after=retry_after)
