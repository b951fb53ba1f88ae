"""What a kiosk is given for one person, so that no key has to lie on a shared machine.

GET    /v1/seal                 Seal             kiosks only; for everybody else there is no such thing (404)
"""

from __future__ import annotations

import base64

from pydantic import BaseModel, ConfigDict, Field

#: Bytes of a seal.
SEAL_SIZE = 32


class Seal(BaseModel):
    """`seal`: 32 bytes in base64url, the same each time for the same person at the same kiosk, and for nobody else.

    `farewell` ends this session at `/oauth/revoke` and can do nothing else, so a kiosk may keep it in plain text.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    seal: str = Field(min_length=43, max_length=44)
    farewell: str = Field(min_length=1, max_length=400)

    def secret(self) -> bytes:
        """Return the bytes. Raises ValueError when they are not 32."""
        try:
            found = base64.b64decode(self.seal.rstrip("=") + "=", altchars=b"-_", validate=True)
        except ValueError as error:
            raise ValueError("a seal is base64url") from error
        if len(found) != SEAL_SIZE:
            raise ValueError("a seal has 32 bytes")
        return found

    def __repr__(self) -> str:
        """Never the secrets."""
        return "Seal()"

    __str__ = __repr__


def sealed_text(secret: bytes) -> str:
    """Return a seal's bytes as they go over the wire."""
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")
