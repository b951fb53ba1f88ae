"""What a kiosk is given for who is signed in on it, so that a shared machine keeps no key: out of the gateway's secret.

Nothing is stored. A seal is the same for the same user at the same machine as long as `secret.key` is the same one;
what a kiosk keeps under it cannot be opened with another `secret.key`.
"""

from __future__ import annotations

import hmac

from itsdangerous import BadSignature, URLSafeSerializer

from app.contract.sealing import Seal, sealed_text
from gateway.identity.options import Options
from gateway.identity.session import Session
from gateway.problems import not_found

_LABEL = b"counterpart seal 1"


class Seals:
    """Makes seals, and the farewells that go with them."""

    def __init__(self, secret: bytes, options: Options) -> None:
        self._secret = secret
        self._options = options
        self._farewells = URLSafeSerializer(secret, salt="farewell")

    def seal(self, session: Session) -> Seal:
        """Return the seal of a kiosk's session. Raises Problem 404 for every other one, and where kiosks are off."""
        if not (self._options.device_code and session.kiosk and session.machine):
            raise not_found()
        parts = (_LABEL, session.user.encode(), session.machine.encode())
        bound = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        secret = hmac.digest(self._secret, bound, "sha256")
        return Seal(seal=sealed_text(secret), farewell=str(self._farewells.dumps(session.id)))

    def session_of(self, farewell: str) -> str:
        """Return the session a farewell ends, empty for what is none."""
        try:
            found = self._farewells.loads(farewell)
        except BadSignature:
            return ""
        return found if isinstance(found, str) else ""
