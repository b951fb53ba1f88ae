"""The console's door: tries are counted for all processes together, and told in the audit log."""

from __future__ import annotations

from gateway.core import Gateway
from gateway.identity.tries import Tries, address_key, staff_key


class GatewayDoor:
    """Counts who tries to come in, and notes who does."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._database = gateway.ground.database
        self._tries = Tries(gateway.ground.limits)

    def may_try(self, login: str, address: str) -> bool:
        """Count a try from a network address; tells whether it is allowed.

        The address counts as at the partners' door: who tries name after name waits as well, before a password is
        worked on.
        """
        now = self._gateway.ground.clock.now()
        keys = ([address_key(address)] if address else []) + [staff_key(login)]
        with self._database.write() as connection:
            return not any(self._tries.take(connection, key, now) for key in keys)

    def came_in(self, login: str, address: str) -> None:
        """The password was right."""
        with self._database.write() as connection:
            self._tries.forget(connection, staff_key(login))
            if address:
                self._tries.give_back(connection, address_key(address))
            self._gateway.audit.note_staff(connection, login, "console_signed_in")

    def was_wrong(self, login: str) -> None:
        """The name or the password was not right."""
        # Not the name itself: people type their password there.
        self._gateway.refusals.tell("console_sign_in_failed", staff_key(login))
