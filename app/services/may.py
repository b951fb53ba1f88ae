"""What this user's role may ever do with records of a type; what it may not is not offered, whatever their states.

The manifest a user was served holds no more than that. What can be done with one record now is asked of `Records`.
"""

from __future__ import annotations

from app.contract.rules import editable_fields
from app.services.context import PortalContext

_MESSAGE = "message"


class May:
    """Answers for one entity type at a time; a type that this portal has not may nothing."""

    def __init__(self, context: PortalContext) -> None:
        self._context = context

    def edit(self, entity: str) -> bool:
        """Whether there is a state in which a field can be edited."""
        spec = self._context.manifest.entity(entity)
        if spec is None:
            return False
        states = [state.name for state in spec.lifecycle.states] if spec.lifecycle else [None]
        return any(editable_fields(spec, state) for state in states)

    def decide(self, entity: str) -> bool:
        """Whether there is a command to give."""
        spec = self._context.manifest.entity(entity)
        commands = spec.lifecycle.commands if spec is not None and spec.lifecycle else ()
        return any(command.by == "partner" for command in commands)

    def talk(self, entity: str) -> bool:
        """Whether one can write about such a record."""
        message = self._context.manifest.entity(_MESSAGE)
        return message is not None and message.creatable and entity in message.parents
