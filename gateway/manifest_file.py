"""A portal's manifest as its files say it: the portal itself, and beside it its words in other languages.

`partner.toml` is the portal, in English; `words/partner.de.toml` has under `[words]` each of its texts in German.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from app.contract.manifest import Manifest, parse_manifest


def read_manifest(path: Path) -> Manifest:
    """Read a manifest with all its words. Raises OSError, ValueError or UpdateNeeded."""
    data = tomllib.loads(path.read_text("utf-8"))
    # What the portal's own file says of its words holds over the files beside it.
    data["words"] = {**words_beside(path), **data.get("words", {})}
    return parse_manifest(data)


def words_beside(path: Path) -> dict[str, dict[str, str]]:
    """Return the words of the files beside a manifest, by language. Raises OSError, ValueError."""
    found = sorted((path.parent / "words").glob(f"{path.stem}.*.toml"))
    return {file.suffixes[-2][1:]: _words(file) for file in found if len(file.suffixes) >= 2}


def _words(file: Path) -> dict[str, str]:
    words = tomllib.loads(file.read_text("utf-8")).get("words", {})
    if not isinstance(words, dict) or not all(isinstance(said, str) for said in words.values()):
        raise ValueError(f"{file.name} holds under [words] a text for each text, and nothing else.")
    return words
