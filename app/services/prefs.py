"""What a user set up for themselves on this computer: theme, widths, the last place. Kept in the account's store."""

from __future__ import annotations

from typing import Any

from app.store.database import Store

_PREFIX = "prefs."

#: Name of the chosen appearance.
THEME = "theme"
#: Name of the chosen language.
LANGUAGE = "language"

#: Names of what the person wants to be told of, whether the app stays when its window is closed, and of less motion.
NOTIFY = "notifications"
STAYS = "window.stays"
MOTION = "motion"

#: Names of what is set when an account opens: the gateway's address, and who holds the key.
GATEWAY = "account.gateway"
KEY_HOLDER = "account.key_holder"


class Prefs:
    """JSON values by name."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value set under `key`, or `default`."""
        value = self._store.settings.get(_PREFIX + key)
        return default if value is None else value

    def set(self, key: str, value: Any) -> None:
        """Set a JSON value; None takes it away."""
        if value is None:
            self._store.settings.remove(_PREFIX + key)
        elif value != self.get(key):
            self._store.settings.put(_PREFIX + key, value)
