"""The calls of OAuth 2 that carry no page, on Authlib's server: RFC 6749 with PKCE, RFC 7009, RFC 8628.

Authlib reads a call, checks the client, the grant, redirect address and code verifier, and words the errors. What is
decided about codes, tokens and sessions is in `sessions`, `codes` and `device_codes`. A server is made for one call,
over the transaction of that call; what a refusal did (a replayed code ends its session) is committed with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidGrantError, TokenMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCodeGrant, DeviceCredentialMixin
from sqlalchemy import Connection

from gateway.identity.clients import CLIENTS, PublicClient, client
from gateway.identity.codes import AuthCode, Codes
from gateway.identity.device_codes import DeviceCodes, Waiting
from gateway.identity.sessions import Refused, Sessions, Tokens, session_of

_PUBLIC = ("none",)


@dataclass(frozen=True)
class Said:
    """The answer of a protocol call: an HTTP status and the members of its JSON body."""

    status: int
    body: Mapping[str, Any]


class _Call(OAuth2Request):
    """A form that was posted. Whether it came encrypted is seen to by whoever listens, so its address is no matter."""

    def __init__(self, form: Mapping[str, str]) -> None:
        super().__init__("POST", "https://gateway.invalid/oauth")
        # A member that was left empty was not given (RFC 6749, 3.2).
        self._given = {name: value for name, value in form.items() if value}
        self.payload = BasicOAuth2Payload(self._given)

    @property
    def form(self) -> dict[str, str]:
        """What was posted."""
        return self._given


class _Denied(InvalidGrantError):
    """A refusal of ours, with the order to wipe where there is one."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.because)
        self._wipe = refused.wipe

    def get_body(self) -> list[Any]:
        return [*super().get_body(), *([("wipe", self._wipe)] if self._wipe else [])]


class OAuthServer(AuthorizationServer):
    """The server of one call."""

    def __init__(
        self,
        connection: Connection,
        sessions: Sessions,
        codes: Codes,
        device_codes: DeviceCodes | None,
        verification_uri: str = "",
    ) -> None:
        super().__init__()
        self.connection = connection
        self.sessions = sessions
        self.codes = codes
        self.device_codes = device_codes
        self.verification_uri = verification_uri
        self.register_grant(_CodeGrant, [CodeChallenge(required=True)])
        self.register_grant(_RefreshGrant)
        self.register_endpoint(_Revocation)
        if device_codes is not None:
            self.register_grant(_DeviceGrant)
            self.register_endpoint(_DeviceAuthorization)  # type: ignore[arg-type]  # Authlib takes it as it is

    def token(self, form: Mapping[str, str]) -> Said:
        """Answer `POST /oauth/token`."""
        return self._said(self.create_token_response(_Call(form)))

    def revoke(self, form: Mapping[str, str]) -> Said:
        """Answer `POST /oauth/revoke`."""
        # Whoever holds a token may end it, whether or not they say which client they are; what kind it is, is seen.
        return self._endpoint("revocation", {"client_id": CLIENTS[0], **form})

    def device_authorization(self, form: Mapping[str, str]) -> Said:
        """Answer `POST /oauth/device_authorization`."""
        return self._endpoint("device_authorization", form)

    def _endpoint(self, name: str, form: Mapping[str, str]) -> Said:
        return self._said(self.create_endpoint_response(name, _Call(form)))  # type: ignore[no-untyped-call]

    def _said(self, answer: object) -> Said:
        assert isinstance(answer, Said)
        return answer

    # ------------------------------------------------------------------------------------ what Authlib asks of us

    def query_client(self, client_id: str) -> PublicClient:
        """Return a client; Authlib takes none as an answer although it does not say so."""
        return client(client_id)  # type: ignore[return-value]

    def create_oauth2_request(self, request: Any) -> OAuth2Request:
        """Return a call as it is."""
        assert isinstance(request, _Call)
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Said:
        """Return the answer. RFC 6749 lets an unknown client be told by 401, and the desktop expects that."""
        members = dict(body) if body else {}
        return Said(401 if members.get("error") == "invalid_client" else status, members)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens here."""

    def grant(self, answer: Tokens | Refused) -> tuple[int, Any, list[tuple[str, str]]]:
        """Return tokens as Authlib passes them on. Raises OAuth2Error when they were refused."""
        if isinstance(answer, Refused):
            raise _Denied(answer)
        body = {
            "access_token": answer.access,
            "token_type": "Bearer",
            "expires_in": answer.expires_in,
            "refresh_token": answer.refresh,
        }
        return 200, body, []


class _CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = _PUBLIC
    server: OAuthServer

    def query_authorization_code(self, code: str, client: Any) -> AuthCode | None:
        found = self.server.codes.find(self.server.connection, code)
        return found if found and found.client_id == client.client_id else None

    def create_token_response(self) -> tuple[int, Any, list[tuple[str, str]]]:
        code = self.request.authorization_code
        assert isinstance(code, AuthCode)
        return self.server.grant(self.server.codes.exchange(self.server.connection, code))


class _Given(TokenMixin):
    """A refresh token as it was shown. Whether it is good is decided where it is exchanged."""

    def __init__(self, text: str) -> None:
        self.text = text

    def check_client(self, client: Any) -> bool:
        return True

    def get_scope(self) -> str:
        return ""


class _RefreshGrant(RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = _PUBLIC
    server: OAuthServer

    def authenticate_refresh_token(self, refresh_token: str) -> TokenMixin:
        return _Given(refresh_token)

    def create_token_response(self) -> tuple[int, Any, list[tuple[str, str]]]:
        given = self.request.refresh_token
        assert isinstance(given, _Given)
        return self.server.grant(self.server.sessions.renew(self.server.connection, given.text))


class _Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = _PUBLIC

    def query_token(self, token_string: str, token_type_hint: str | None) -> TokenMixin | None:
        return _Given(token_string)

    def revoke_token(self, token: _Given, request: OAuth2Request) -> None:
        found = session_of(self.server.connection, token.text)
        if found:
            self.server.sessions.end_in(self.server.connection, found, "signed out")


class _Credential(DeviceCredentialMixin):
    """A kiosk's request as Authlib reads it."""

    def __init__(self, waiting: Waiting, *, expired: bool) -> None:
        self.waiting = waiting
        self._expired = expired

    def get_client_id(self) -> str:
        return self.waiting.client_id

    def get_scope(self) -> str:
        return ""

    def get_user_code(self) -> str:
        return self.waiting.hash

    def is_expired(self) -> bool:
        return self._expired


class _DeviceGrant(DeviceCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = _PUBLIC
    server: OAuthServer

    @property
    def _codes(self) -> DeviceCodes:
        assert self.server.device_codes is not None
        return self.server.device_codes

    def query_device_credential(self, device_code: str) -> _Credential | None:
        found = self._codes.find(self.server.connection, device_code)
        return _Credential(found, expired=self._codes.is_late(found)) if found else None

    def query_user_grant(self, user_code: str) -> tuple[str, bool] | None:
        found = self._codes.by_hash(self.server.connection, user_code)
        if found.denied:
            return "nobody", False
        return (found.user, True) if found.user else None

    def should_slow_down(self, credential: _Credential) -> bool:
        return self._codes.asked_too_soon(self.server.connection, credential.waiting)

    def create_token_response(self) -> tuple[int, Any, list[tuple[str, str]]]:
        credential = self.request.credential
        assert isinstance(credential, _Credential)
        return self.server.grant(self._codes.exchange(self.server.connection, credential.waiting))


class _DeviceAuthorization(DeviceAuthorizationEndpoint):
    CLIENT_AUTH_METHODS = _PUBLIC
    server: OAuthServer

    def __init__(self, server: OAuthServer) -> None:
        super().__init__(server)
        assert server.device_codes is not None
        self._codes = server.device_codes
        self.EXPIRES_IN = self._codes.good_for
        self.INTERVAL = self._codes.pace
        self._form: Mapping[str, str] = {}

    def create_endpoint_response(self, request: OAuth2Request) -> Any:
        self._form = request.form
        return super().create_endpoint_response(request)  # type: ignore[no-untyped-call]

    def generate_device_code(self) -> str:
        return self._codes.new_device_code()

    def generate_user_code(self) -> str:
        return self._codes.new_user_code()

    def get_verification_uri(self) -> str:
        return self.server.verification_uri

    def save_device_credential(self, client_id: str, scope: str | None, data: dict[str, Any]) -> None:
        self._codes.ask(self.server.connection, client_id, data["device_code"], data["user_code"], self._form)


__all__ = ["OAuth2Error", "OAuthServer", "Said"]
