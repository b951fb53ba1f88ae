"""Sign-ins that fail are counted, in the database, so that all processes count together.

A try is counted before its password is looked at and taken back when it was right: many at once get no further than
many one after the other. An address nobody has is counted like one that somebody has, so that waiting tells nothing.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from gateway.limits import Limits
from gateway.tables import sign_in_try

#: After this long without another one, failed tries are forgotten.
_FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True)
class Count:
    """Tries since a time; none is allowed before `until`."""

    count: int
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Rule:
    """After `most` tries within a time there is a wait."""

    most: int
    within: timedelta
    wait: timedelta


def counted(found: Count | None, rule: Rule, now: datetime) -> Count:
    """Return the count after one more try. The last that is allowed sets the wait."""
    over = found is not None and found.until is not None and found.until <= now
    fresh = found is None or over or now - found.since > rule.within
    count, since = (1, now) if fresh or found is None else (found.count + 1, found.since)
    return Count(count, since, now + rule.wait if count >= rule.most else None)


def taken_back(found: Count, rule: Rule) -> Count:
    """Return the count without the try that was right."""
    count = max(0, found.count - 1)
    return Count(count, found.since, found.until if count >= rule.most else None)


def email_key(email: str) -> str:
    """Return under which name tries for an e-mail address are counted: whoever tried, the address is not kept."""
    return "who:" + hashlib.sha256(email.encode()).hexdigest()


def staff_key(login: str) -> str:
    """Return under which name tries of a member of staff at the console are counted."""
    return "staff:" + hashlib.sha256(login.encode()).hexdigest()


def address_key(address: str) -> str:
    """Return under which name tries from a network address are counted. IPv6: its /64, which one customer holds."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "from:" + hashlib.sha256(address.encode()).hexdigest()
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return f"from:{parsed.ipv4_mapped}"
        return f"from:{ipaddress.ip_network((parsed, 64), strict=False)}"
    return f"from:{parsed}"


class Tries:
    """Counts tries in the caller's transaction."""

    def __init__(self, limits: Limits) -> None:
        self._rules = {
            "who": Rule(limits.password_tries, _FORGOTTEN, limits.password_wait),
            "staff": Rule(limits.staff_tries, _FORGOTTEN, limits.password_wait),
            "from": Rule(limits.address_tries, limits.address_wait, limits.address_wait),
        }

    def take(self, connection: Connection, key: str, now: datetime) -> float:
        """Count one more try; returns the seconds to wait instead, 0 when it is allowed."""
        found = _read(connection, key)
        if found and found.until and found.until > now:
            return (found.until - now).total_seconds()
        _write(connection, key, found, counted(found, self._rule(key), now))
        return 0.0

    def give_back(self, connection: Connection, key: str) -> None:
        """Take back a try that was right."""
        found = _read(connection, key)
        if found:
            _write(connection, key, found, taken_back(found, self._rule(key)))

    def forget(self, connection: Connection, key: str) -> None:
        """Begin anew."""
        connection.execute(delete(sign_in_try).where(sign_in_try.c.who == key))

    def waits(self, connection: Connection, key: str, now: datetime) -> bool:
        """Tell whether the next try has to wait."""
        found = _read(connection, key)
        return bool(found and found.until and found.until > now)

    def _rule(self, key: str) -> Rule:
        return self._rules[key.partition(":")[0]]


def forget_old_tries(connection: Connection, now: datetime) -> None:
    """Throw away counts that do not count any more."""
    connection.execute(delete(sign_in_try).where(sign_in_try.c.since < now - _FORGOTTEN))


def _read(connection: Connection, key: str) -> Count | None:
    row = connection.execute(select(sign_in_try).where(sign_in_try.c.who == key)).first()
    return None if row is None else Count(row.tries, row.since, row.until)


def _write(connection: Connection, key: str, found: Count | None, count: Count) -> None:
    values = {"tries": count.count, "since": count.since, "until": count.until}
    if found is None:
        connection.execute(insert(sign_in_try).values(who=key, **values))
    else:
        connection.execute(update(sign_in_try).where(sign_in_try.c.who == key).values(**values))
