"""The console's door: tries are counted for all processes together, and told in the audit log."""

from __future__ import annotations

from gateway.core import Gateway
from gateway.identity.tries import Tries, staff_key


class GatewayDoor:
    """Counts who tries to come in, and notes who does."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._database = gateway.ground.database
        self._tries = Tries(gateway.ground.limits)

    def may_try(self, login: str) -> bool:
        """Count a try; tells whether it is allowed."""
        with self._database.write() as connection:
            return not self._tries.take(connection, staff_key(login), self._gateway.ground.clock.now())

    def came_in(self, login: str) -> None:
        """The password was right."""
        with self._database.write() as connection:
            self._tries.forget(connection, staff_key(login))
            self._gateway.audit.note_staff(connection, login, "console_signed_in")

    def was_wrong(self, login: str) -> None:
        """The name or the password was not right."""
        # Not the name itself: people type their password there.
        self._gateway.refusals.tell("console_sign_in_failed", staff_key(login))
