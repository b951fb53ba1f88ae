"""The call by which a kiosk gets the seal of who signed in; what it means stands in `app.contract.sealing`."""

from __future__ import annotations

from app.contract.errors import BadAnswer, NotAllowed, UpdateNeeded
from app.contract.said import said
from app.contract.sealing import Seal
from app.sync.signed import Signed
from app.sync.wire import parsed


def fetch_seal(signed: Signed) -> Seal:
    """Return the seal. Raises UpdateNeeded at a gateway that knows no such call, contract errors."""
    try:
        seal = parsed(Seal, signed.get("/v1/seal"))
        seal.secret()
    except NotAllowed:
        raise UpdateNeeded(
            said("This gateway cannot keep a kiosk’s keys, so nobody was signed in."),
            kept=said("Nothing is kept here."),
            next_step=said("The vendor updates the gateway."),
        ) from None
    except ValueError:
        raise BadAnswer from None
    return seal
