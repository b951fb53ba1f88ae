"""Orders to a device to destroy what it holds, and the receipts that it did.

An order stands until its receipt comes. As long as it does, whatever token of that device is shown is answered with the
order, however old the token is and whether or not the account is still open; a new sign-in on that device leads no
further than to the order. After the receipt the device is like any other, and signing in on it starts anew.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, insert, select, update

from app.contract.colleagues import Wiped
from gateway.identity.texts import has_controls
from gateway.problems import Problem, not_found, sign_in_needed
from gateway.tables import access_token, refresh_token, session, wipe

_DEVICE = (wipe.c.user_id == session.c.user_id) & (wipe.c.device == session.c.device)


def give_order(connection: Connection, order: str, user: str, device: str, by: str, now: datetime) -> str:
    """Order a device to wipe itself; returns the order that stands, which may be an earlier one."""
    standing = outstanding(connection, user, device)
    if standing:
        return standing
    connection.execute(
        insert(wipe).values(order=order, user_id=user, device=device, ordered_at=now, ordered_by=by)
    )
    return order


def outstanding(connection: Connection, user: str, device: str) -> str:
    """Return the order a device has not carried out yet, empty when there is none."""
    mine = (wipe.c.user_id == user) & (wipe.c.device == device)
    return connection.execute(select(wipe.c.order).where(mine, wipe.c.wiped_at.is_(None))).scalar() or ""


def order_for_refresh(connection: Connection, token_hash: str) -> str:
    """Return the outstanding order of the device a refresh token was given to, empty when there is none."""
    return str(connection.execute(_ordered(refresh_token, token_hash)).scalar() or "")


def refusal(connection: Connection, token_hash: str) -> Problem:
    """Return why an access token is refused: 401 `wipe` with the order, or 401 `sign_in`."""
    row = connection.execute(_ordered(access_token, token_hash)).first()
    return wipe_ordered(row.order, row.user_id) if row else sign_in_needed()


def wipe_ordered(order: str, user: str) -> Problem:
    """401: this device is to destroy what it holds of a user."""
    words = "This device was told to erase what it holds. Ask your administrator."
    return Problem(401, "wipe", words, fields={"order": order, "user": user})


def is_waited_for(connection: Connection, receipt: Wiped) -> bool:
    """Tell whether a device's word is still to be kept. Raises Problem 404 for an order that was never given."""
    found = select(wipe.c.wiped_at).where(wipe.c.order == receipt.order)
    row = None if has_controls(receipt.order) else connection.execute(found).first()
    if row is None:
        raise not_found()
    return row.wiped_at is None


def keep_receipt(connection: Connection, receipt: Wiped, now: datetime) -> tuple[str, str] | None:
    """Keep a device's word that it wiped itself; returns user and device, None when it was kept before.

    Raises Problem 404 for an order that was never given.
    """
    if not is_waited_for(connection, receipt):
        return None
    row = connection.execute(select(wipe).where(wipe.c.order == receipt.order)).one()
    told = {"wiped_at": receipt.wiped_at, "reported_at": now, "kept_aside": receipt.kept_aside}
    connection.execute(update(wipe).where(wipe.c.order == receipt.order).values(**told))
    return row.user_id, row.device


def sessions_under_order() -> Select[Any]:
    """Select the sessions whose tokens must stay known, so that the order is still told."""
    return select(session.c.id).join(wipe, _DEVICE).where(wipe.c.wiped_at.is_(None))


def _ordered(tokens: Table, token_hash: str) -> Select[Any]:
    given = session.join(tokens, tokens.c.session == session.c.id)
    found = select(wipe.c.order, wipe.c.user_id).select_from(given.join(wipe, _DEVICE))
    return found.where(tokens.c.hash == token_hash, wipe.c.wiped_at.is_(None))
