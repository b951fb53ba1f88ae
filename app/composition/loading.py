"""What holds while the program is loaded, and is set before anything else is imported: a start has a second."""

from __future__ import annotations

import gc
import os


def load_quickly() -> None:
    """Let the collector wait, and pydantic look for no plugins.

    What is made while modules are loaded stays, and looking for waste among it is a tenth of a start. Plugins of
    pydantic would be any package's on this computer that says it is one.
    """
    gc.disable()
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"


def loaded() -> None:
    """From now on Python collects as it does by itself."""
    gc.enable()
