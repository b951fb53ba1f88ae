"""Bodies of mutations, read once: the same text is the same mutation, however often its row is looked at."""

from __future__ import annotations

from app.contract.mutations import Mutation

#: Bodies that are remembered, a few megabytes; beyond that the oldest go.
_MOST = 1_000


class Bodies:
    """Reads bodies. Belongs to the thread of its store."""

    def __init__(self) -> None:
        self._known: dict[str, Mutation] = {}

    def read(self, text: str) -> Mutation:
        """Return the mutation. Raises ValueError for a text that is none."""
        found = self._known.get(text)
        if found is None:
            found = Mutation.model_validate_json(text)
            if len(self._known) >= _MOST:
                for old in [*self._known][: _MOST // 2]:
                    del self._known[old]
            self._known[text] = found
        return found
