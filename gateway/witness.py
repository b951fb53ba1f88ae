"""What identity tells of accounts, sessions and devices, as entries of the audit log."""

from __future__ import annotations

from sqlalchemy import Connection, select

from gateway.audit import Deed, Trail
from gateway.callers import veiled
from gateway.refusals import Refusals
from gateway.tables import account_company

#: What anybody can bring about as often as they like.
_SPARINGLY = frozenset({"sign_in_failed"})


class IdentityWitness:
    """Notes identity's events, in the transaction they happen in.

    A fact `by` names who did it, where that is not the account it is about; `address`, where a call came from, is kept
    as a name that tells nobody where that is.
    """

    def __init__(self, trail: Trail, refusals: Refusals, secret: bytes) -> None:
        self._trail = trail
        self._refusals = refusals
        self._secret = secret

    def note(self, connection: Connection, event: str, *, user: str, device: str, **facts: object) -> None:
        """Note one event. `user`: the account it is about, empty for one nobody has."""
        by = str(facts.pop("by", "") or "")
        if "address" in facts:
            facts["client"] = veiled(str(facts.pop("address") or ""), self._secret)
        if event in _SPARINGLY:
            left_out = self._refusals.admitted(event, str(facts.get("client") or user))
            if left_out is None:
                return
            facts |= {"left_out": left_out} if left_out else {}
        held = select(account_company.c.company).where(account_company.c.user_id == user)
        companies = connection.execute(held).scalars().all() if user else ()
        self._trail.note_many(
            connection, (Deed(event, by or user, device, tuple(companies), "account", user, facts),)
        )
