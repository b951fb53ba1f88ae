"""The OAuth clients there are, and where a code may be sent."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin

#: The clients there are. They are public: nothing they could keep secret would stay so on a partner's computer.
CLIENTS = ("counterpart-desktop",)


class PublicClient(ClientMixin):
    """One of our clients as the protocol's server sees it. It has no secret and no scopes."""

    def __init__(self, client_id: str) -> None:
        self.client_id = client_id

    def get_client_id(self) -> str:
        """Return its id."""
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        """There is none: it must always say where it listens."""
        return ""

    def get_allowed_scope(self, scope: Collection[str] | str) -> str:
        """What a user may do follows from their role alone."""
        return ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Only its own machine."""
        return is_loopback(redirect_uri)

    def check_client_secret(self, client_secret: str) -> bool:
        """It has none."""
        return False

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """A public client names itself, and proves nothing."""
        return method == "none"

    def check_response_type(self, response_type: str) -> bool:
        """Only a code."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Every grant the server knows."""
        return True


def client(client_id: str) -> PublicClient | None:
    """Return the client of that id."""
    return PublicClient(client_id) if client_id in CLIENTS else None


def is_loopback(uri: str) -> bool:
    """Tell whether an address is http on this machine with a port, and nothing else (RFC 8252)."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return False
    plain = (
        uri.isascii()
        and uri.isprintable()
        and parts.username is None
        and parts.password is None
        and not parts.fragment
    )
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1") and bool(port) and plain
