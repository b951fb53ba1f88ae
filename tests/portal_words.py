"""What a manifest says to people, for tests that hold words of other languages against it."""

from __future__ import annotations

import re

from app.contract.manifest import Manifest
from app.services.manifest_words import texts


def spoken(manifest: Manifest) -> list[str]:
    """Every text of a manifest that people read, once."""
    return list(dict.fromkeys(texts(manifest)))


def placeholders(text: str) -> set[str]:
    """The named places in a text."""
    return set(re.findall(r"\{\w+\}", text))
