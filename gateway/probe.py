"""Asking the gateway on this machine how it is: for whoever starts it and has no tool to ask with."""

from __future__ import annotations

import http.client
import ssl

from gateway.checks.serving import is_loopback
from gateway.settings import Settings

_SECONDS = 5.0


def probe(settings: Settings, path: str) -> tuple[bool, str]:
    """Return whether the gateway these settings describe answers well at a path, and what it says, in a line.

    It is asked at its own port on this machine; its certificate is for the name it has outside, and not looked at.
    """
    host = settings.host if is_loopback(settings.host) else "127.0.0.1"
    if settings.tls_cert:
        # Whoever could answer in its place on this machine's own address has this machine already.
        unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unchecked.check_hostname = False
        unchecked.verify_mode = ssl.CERT_NONE
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, settings.port, timeout=_SECONDS, context=unchecked
        )
    else:
        connection = http.client.HTTPConnection(host, settings.port, timeout=_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        said = answer.read(2_000).decode("utf-8", "replace").strip()
    except (OSError, http.client.HTTPException) as error:
        return False, f"The gateway does not answer: {error}."
    finally:
        connection.close()
    return answer.status == http.HTTPStatus.OK, f"{answer.status} {said}"
