"""What holds while the program is loaded, and is set before anything else is imported: a start has a second."""

from __future__ import annotations

import gc
import os

_USUAL = gc.get_threshold()

#: So many objects are made between two collections while the program is loaded, where Python would make 700.
_WHILE_LOADING = 100_000


def load_quickly() -> None:
    """Let the collector wait, and pydantic look for no plugins.

    What is made while modules are loaded stays, and looking for waste among it is a tenth of a start. Plugins of
    pydantic would be any package's on this computer that says it is one. A command that ends soon leaves it so.
    """
    gc.set_threshold(_WHILE_LOADING, *_USUAL[1:])
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"


def collect_as_usual() -> None:
    """The first window stands: from now on Python collects as it does by itself."""
    gc.set_threshold(*_USUAL)
