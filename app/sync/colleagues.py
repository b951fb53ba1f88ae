"""The calls about colleagues and devices as they go over HTTP; what they mean stands in `app.contract.colleagues`."""

from __future__ import annotations

from urllib.parse import quote

from app.contract.colleagues import Colleague, Colleagues, Devices, Invited, NewColleague, NewRole
from app.sync.signed import Signed
from app.sync.wire import parsed

_JSON = {"Content-Type": "application/json"}


class ColleagueCalls:
    """Administration, only ever at a person's wish. Every method raises contract errors only."""

    def __init__(self, signed: Signed) -> None:
        self._signed = signed

    def colleagues(self) -> Colleagues:
        """Return everybody of the caller's companies. Raises NotAllowed unless the caller's role keeps them."""
        return parsed(Colleagues, self._signed.get("/v1/colleagues"))

    def invite(self, colleague: NewColleague) -> Invited:
        """Invite somebody. Raises Refused, with code *exists* for an address that is known already."""
        return parsed(Invited, self._signed.post("/v1/colleagues", colleague.model_dump_json().encode()))

    def link(self, colleague: str) -> Invited:
        """Make another link; the one before is not good any more."""
        return parsed(Invited, self._signed.post(f"/v1/colleagues/{_part(colleague)}/link", b"{}"))

    def change_role(self, colleague: str, role: NewRole) -> Colleague:
        """Give a colleague another role."""
        path, body = f"/v1/colleagues/{_part(colleague)}", role.model_dump_json().encode()
        return parsed(Colleague, self._signed.call("PATCH", path, headers=_JSON, content=body))

    def remove(self, colleague: str) -> None:
        """End a colleague's access."""
        self._signed.call("DELETE", f"/v1/colleagues/{_part(colleague)}")

    def devices(self) -> Devices:
        """Return the caller's own devices."""
        return parsed(Devices, self._signed.get("/v1/devices"))

    def sign_out_device(self, device: str, *, wipe: bool) -> None:
        """Sign a device out; `wipe`: it is to destroy what it holds."""
        params = {"wipe": "true"} if wipe else None
        self._signed.call("DELETE", f"/v1/devices/{_part(device)}", params=params)


def _part(text: str) -> str:
    """An id as one part of a path: what it holds must not lead elsewhere."""
    return quote(text, safe="")
