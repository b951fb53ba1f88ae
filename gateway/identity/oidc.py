"""An OpenID Connect issuer, such as Entra or Keycloak: where to send a browser, and what is believed afterwards.

What it says about itself is asked once an hour. Nothing of it is believed but what is signed with one of its keys by
an algorithm named here, for this gateway, for this sign-in, and has not run out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

import httpx
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from gateway.clock import Clock
from gateway.identity.options import OidcOptions
from gateway.identity.texts import has_controls, without_controls
from gateway.problems import Problem

log = structlog.get_logger(__name__)

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
_KEY_TYPES = ("RSA", "EC")
_SECONDS = 10.0
_MOST_BYTES = 512 * 1024
#: Seconds for which what an issuer says of itself holds, and after which an unknown key may be asked for.
_HOLDS = 3600.0
_ASK_AGAIN = 60.0
#: Seconds by which two clocks may differ.
_LEEWAY = 60


@dataclass(frozen=True)
class Claims:
    """Who the issuer says has signed in. `email` is empty when it names none."""

    subject: str
    email: str
    email_verified: bool


@dataclass(frozen=True)
class _Endpoints:
    authorization: str
    token: str
    keys: str
    in_body: bool
    asked_at: float


@dataclass(frozen=True)
class _Keys:
    found: KeySet
    asked_at: float


class Issuer:
    """One issuer over the network. What is remembered of it could be asked again at any time."""

    def __init__(self, options: OidcOptions, clock: Clock) -> None:
        self.options = options
        self._clock = clock
        self._endpoints: _Endpoints | None = None
        self._keys: _Keys | None = None

    def sign_in_address(self, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Return where the browser goes to sign in. Raises Problem 502, 503."""
        address: str = prepare_grant_uri(
            self._discovered().authorization,
            client_id=self.options.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope="openid email profile",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),  # type: ignore[no-untyped-call]
            code_challenge_method="S256",
        )
        return address

    def redeem(self, code: str, redirect_uri: str, verifier: str, nonce: str) -> Claims:
        """Return who signed in, by the code the browser brought. Raises Problem 403 (not believed), 502, 503."""
        endpoints = self._discovered()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers = {"Accept": "application/json"}
        if endpoints.in_body or not self.options.client_secret:
            form["client_id"] = self.options.client_id
            if self.options.client_secret:
                form["client_secret"] = self.options.client_secret
        else:
            # RFC 6749, 2.3.1: both are encoded like a form before they are put together.
            both = f"{quote(self.options.client_id, safe='')}:{quote(self.options.client_secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(both.encode()).decode()
        answer = self._call("POST", endpoints.token, headers=headers, data=form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            _unbelievable("it gave no id_token")
        return self._claims(token, nonce)

    # ------------------------------------------------------------------------------------------------- believing

    def _claims(self, token: str, nonce: str) -> Claims:
        registry = jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": self.options.issuer},
            aud={"essential": True, "value": self.options.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = self._verified(token)
            registry.validate(claims)
        except (JoseError, ValueError) as error:
            _unbelievable(f"its id_token is not good: {type(error).__name__} {error}")
        audience = claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if (several or "azp" in claims) and claims.get("azp") != self.options.client_id:
            _unbelievable("its id_token was made for somebody else as well")
        if not claims["sub"] or len(claims["sub"]) > 255 or has_controls(claims["sub"]):
            _unbelievable("it does not say who it is")
        email = claims.get("email")
        return Claims(
            claims["sub"],
            without_controls(email).strip().lower() if isinstance(email, str) else "",
            claims.get("email_verified") is True,
        )

    def _verified(self, token: str) -> dict[str, Any]:
        """Return the claims of a token whose signature is right. Raises JoseError, ValueError."""
        try:
            return jwt.decode(token, self._key_set(), algorithms=_ALGORITHMS).claims
        except InvalidKeyIdError:
            # The issuer may have begun to use another key since it was asked.
            return jwt.decode(token, self._key_set(afresh=True), algorithms=_ALGORITHMS).claims

    # --------------------------------------------------------------------------------------------------- asking

    def _discovered(self) -> _Endpoints:
        now = self._clock.monotonic()
        if self._endpoints is None or now - self._endpoints.asked_at > _HOLDS:
            issuer = self.options.issuer
            found = self._call("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != issuer:
                _unbelievable("it calls itself by another name")
            methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
            self._endpoints = _Endpoints(
                self._endpoint(found, "authorization_endpoint"),
                self._endpoint(found, "token_endpoint"),
                self._endpoint(found, "jwks_uri"),
                in_body="client_secret_basic" not in methods,
                asked_at=now,
            )
        return self._endpoints

    def _endpoint(self, found: Mapping[str, Any], name: str) -> str:
        address = found.get(name)
        if not isinstance(address, str) or not is_safe(address, self.options.issuer):
            _unbelievable(f"its {name} is not an address that may be called")
        return address

    def _key_set(self, *, afresh: bool = False) -> KeySet:
        now = self._clock.monotonic()
        known = self._keys
        old = known is None or now - known.asked_at > (_ASK_AGAIN if afresh else _HOLDS)
        if known is None or old:
            data = self._call("GET", self._discovered().keys)
            listed = data.get("keys")
            usable = [
                key
                for key in (listed if isinstance(listed, list) else [])
                if isinstance(key, dict) and key.get("kty") in _KEY_TYPES and key.get("use") != "enc"
            ]
            known = self._keys = _Keys(KeySet.import_key_set({"keys": usable}), now)
        return known.found

    def _call(self, method: str, address: str, **members: Any) -> dict[str, Any]:
        """Return a JSON object. Raises Problem 502 when it is something else, 503 when there is no answer."""
        try:
            with (
                httpx.Client(transport=self.options.transport, timeout=_SECONDS) as client,
                client.stream(method, address, **members) as answer,
            ):
                body = b""
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > _MOST_BYTES:
                        _unbelievable("it says too much")
                status = answer.status_code
        except httpx.HTTPError as error:
            log.warning("issuer unreachable", problem=type(error).__name__)
            raise Problem(
                503, "issuer", f"{self.options.label} cannot be reached right now. Try again.", retry_after=30
            ) from error
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        if status != 200 or not isinstance(found, dict):
            said = found.get("error") if isinstance(found, dict) else ""
            _unbelievable(f"it answered {status} {said or ''}".strip())
        return found


def is_safe(address: str, issuer: str) -> bool:
    """Tell whether an issuer's endpoint may be called: https; or this very machine, where the issuer is here too."""
    try:
        parts = urlsplit(address)
        host = urlsplit(issuer).hostname
    except ValueError:
        return False
    here = ("127.0.0.1", "::1", "localhost")
    if parts.username is not None or parts.password is not None or parts.fragment:
        return False
    if parts.hostname in here or host in here:
        return parts.hostname in here and host in here and parts.scheme in ("http", "https")
    return parts.scheme == "https" and bool(parts.hostname)


def _unbelievable(why: str) -> NoReturn:
    """Refuse what an issuer said. The log says why, the page does not: it is nothing its reader could mend."""
    log.warning("issuer not believed", problem=why)
    raise Problem(
        502, "issuer", "The answer of your sign-in service cannot be used. Tell your administrator."
    )
