"""The gateway's `/oauth` calls: exchange a code, refresh, revoke. A public client: it holds no secret of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

from app.contract.errors import BadAnswer, CounterpartError, SignInNeeded, WipeOrdered
from app.sync.clock import Clock
from app.sync.wire import WIPE, Answer, Wire, expect_json, parsed_bytes, refusal_of, wipe_or

CLIENT_ID = "counterpart-desktop"


@dataclass(frozen=True, repr=False)
class TokenSet:
    """Access and refresh token; the first holds until `expires_at`. Never printed: `repr` shows the time only."""

    access: str
    refresh: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"TokenSet(expires_at={self.expires_at.isoformat()})"


class _Granted(BaseModel):
    model_config = ConfigDict(extra="ignore")

    access_token: str
    refresh_token: str
    expires_in: FiniteFloat


class _Denied(BaseModel):
    model_config = ConfigDict(extra="ignore")

    error: str
    wipe: str = ""


class OAuth:
    """The token endpoint of one gateway."""

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self._wire = wire
        self._clock = clock

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> TokenSet:
        """Exchange an authorization code. Raises SignInNeeded when it is refused, RetryableError kinds."""
        return self._token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            }
        )

    def refresh(self, refresh_token: str) -> TokenSet:
        """Get the next pair of tokens.

        Raises SignInNeeded when the session has ended, WipeOrdered when this device is to destroy what it holds,
        RetryableError kinds.

        When the answer is lost the same call may be repeated: until the next pair is used the gateway gives it again.
        """
        return self._token({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def revoke(self, refresh_token: str) -> None:
        """End this device's session at the gateway."""
        form = {"token": refresh_token, "token_type_hint": "refresh_token", "client_id": CLIENT_ID}
        self._wire.call("POST", "/oauth/revoke", form=form)

    def _token(self, form: Mapping[str, str]) -> TokenSet:
        asked_at = self._clock.now()
        answer = self._wire.call(
            "POST", "/oauth/token", form={**form, "client_id": CLIENT_ID}, also=(400, 401)
        )
        if answer.status in (400, 401):
            raise _refusal(answer)
        return self.granted(answer, asked_at)

    def granted(self, answer: Answer, asked_at: datetime) -> TokenSet:
        """Return the tokens of an answer to a question made at `asked_at`. Raises BadAnswer."""
        granted = parsed_bytes(_Granted, answer.body)
        return TokenSet(
            granted.access_token,
            granted.refresh_token,
            asked_at + timedelta(seconds=min(max(granted.expires_in, 0.0), 86_400.0)),
        )


def _refusal(answer: Answer) -> CounterpartError:
    """A refusal ends the session only when it is the gateway's: a page put in between is no reason to sign out."""
    problem = refusal_of(answer)
    if isinstance(problem, WipeOrdered):
        return problem
    try:
        expect_json(answer)
        denied = _Denied.model_validate_json(answer.body)
    except BadAnswer as error:
        return error
    except ValidationError:
        return BadAnswer()
    if denied.error not in ("invalid_grant", "unauthorized_client"):
        return BadAnswer()
    return wipe_or(SignInNeeded(), WIPE, denied.wipe)
