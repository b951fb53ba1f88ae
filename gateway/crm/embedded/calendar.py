"""Noticing that another day has begun, for what changes with the day."""

from __future__ import annotations

from datetime import date

from gateway.crm.embedded.crm import EmbeddedCrm


class Calendar:
    """Has the CRM do once a day what is due. Several processes may: what was done is not due any more."""

    def __init__(self, crm: EmbeddedCrm) -> None:
        self._crm = crm
        self._done: date | None = None

    def turn(self) -> None:
        """Do what is due, unless that was done today. May be called as often as one likes."""
        today = self._crm.now().date()
        if today != self._done:
            self._crm.turn_of_day()
            self._done = today
