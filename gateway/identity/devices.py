"""A user's devices: what there are, signing one out, and having it destroy what it holds."""

from __future__ import annotations

import base64

from sqlalchemy import Connection, func, select

from app.contract.colleagues import Devices, DeviceSeen, Wiped
from gateway.clock import Clock, Random
from gateway.database import Database
from gateway.identity.session import Session
from gateway.identity.sessions import Sessions
from gateway.identity.texts import has_controls
from gateway.identity.wipes import give_order, is_waited_for, keep_receipt
from gateway.identity.witness import Witness
from gateway.problems import not_found
from gateway.tables import device, session


class DeviceKeeping:
    """Lists devices, and takes them out of use."""

    def __init__(
        self, database: Database, sessions: Sessions, clock: Clock, random: Random, witness: Witness
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._clock = clock
        self._random = random
        self._witness = witness

    def listed(self, caller: Session) -> Devices:
        """Return the caller's devices, the one seen last first."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(
                    device,
                    func.max(session.c.created_at, type_=session.c.created_at.type).label("signed_in_at"),
                    (func.count(session.c.id) > func.count(session.c.ended_at)).label("signed_in"),
                )
                .outerjoin(
                    session, (session.c.user_id == device.c.user_id) & (session.c.device == device.c.id)
                )
                .where(device.c.user_id == caller.user)
                .group_by(*device.c)
            ).all()
        found = [
            DeviceSeen(
                id=row.id,
                name=row.name,
                signed_in_at=row.signed_in_at or row.created_at,
                last_seen_at=row.last_seen_at,
                this=row.id == caller.device,
                signed_in=bool(row.signed_in),
            )
            for row in rows
        ]
        return Devices(items=tuple(sorted(found, key=_lately, reverse=True)))

    def revoke(self, connection: Connection, user: str, device_id: str, *, wipe: bool, by: str) -> int:
        """End the sessions of one device; returns how many there were. `wipe`: it is to destroy what it holds.

        Raises Problem 404 when the user has no such device.
        """
        known = select(device.c.id).where(device.c.user_id == user, device.c.id == device_id)
        if has_controls(device_id) or connection.execute(known).first() is None:
            raise not_found()
        if wipe:
            order = base64.urlsafe_b64encode(self._random(32)).decode().rstrip("=")
            # Before the sessions end: their tokens have to stay known.
            give_order(connection, order, user, device_id, by, self._clock.now())
            self._witness.note(connection, "wipe_ordered", user=user, device=device_id, by=by)
        self._witness.note(connection, "device_revoked", user=user, device=device_id, by=by)
        return self._sessions.end_device(connection, user, device_id, "the device was revoked")

    def wipe_all(self, connection: Connection, user: str, by: str) -> None:
        """Have every device of a user destroy what it holds."""
        for device_id in (
            connection.execute(select(device.c.id).where(device.c.user_id == user)).scalars().all()
        ):
            self.revoke(connection, user, device_id, wipe=True, by=by)

    def wiped(self, receipt: Wiped) -> None:
        """Keep a device's word that it destroyed what it held; once, however often it comes. Raises Problem 404.

        It is never held up, so what is not kept keeps nobody's write waiting.
        """
        with self._database.read() as connection:
            if not is_waited_for(connection, receipt):
                return
        with self._database.write() as connection:
            kept = keep_receipt(connection, receipt, self._clock.now())
            if kept:
                user, device_id = kept
                facts = {"wiped_at": receipt.wiped_at.isoformat(), "kept_aside": receipt.kept_aside}
                self._witness.note(connection, "wiped", user=user, device=device_id, **facts)


def _lately(item: DeviceSeen) -> tuple[float, str]:
    return (item.last_seen_at or item.signed_in_at).timestamp(), item.id
