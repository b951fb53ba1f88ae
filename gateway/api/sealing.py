"""The seal of a kiosk's session: what its keys come from."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.contract.sealing import Seal
from gateway.api.caller import Caller, TheGateway
from gateway.api.described import problems

router = APIRouter(prefix="/v1", tags=["kiosks"])


@router.get("/seal", responses=problems(404))
def seal(gateway: TheGateway, session: Caller, response: Response) -> Seal:
    """A secret of the caller at this kiosk, and a text that ends this session and nothing else. Kiosks only."""
    response.headers["Cache-Control"] = "no-store"
    return gateway.identity.seals.seal(session)
