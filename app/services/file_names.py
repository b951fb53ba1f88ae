"""File names that are safe on every system: nothing in them leads out of a folder or deceives the eye."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from pathvalidate import sanitize_filename

_FALLBACK = "file"
#: Most systems take 255 bytes; room is left for " (2)" and for a temporary suffix.
_MOST_BYTES = 200
_MOST_EXTENSION = 20


def safe_name(name: str) -> str:
    """Return a name without path parts, control and direction characters, reserved names, or undue length.

    `..\\x` becomes `x`, `CON` becomes `CON_`, `a:b` becomes `a_b`, `exe.<RLO>fdp.exe` loses its override.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(c for c in unicodedata.normalize("NFC", last) if not _invisible(c))
    # Shortened before as well: sanitising cuts a long name at its end, extension and all.
    clean = sanitize_filename(_shortened(visible.strip()), replacement_text="_", platform="universal").strip(
        ". "
    )
    return _shortened(clean) or _FALLBACK


def _invisible(character: str) -> bool:
    """Control, format (direction overrides, zero width), private, surrogate and line separators."""
    return unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


def _shortened(name: str) -> str:
    if len(name.encode()) <= _MOST_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension.encode()) > _MOST_EXTENSION:
        stem, extension = name, ""
    tail = f".{extension}" if extension else ""
    cut = stem.encode()[: _MOST_BYTES - len(tail.encode())]
    return cut.decode(errors="ignore").rstrip(". ") + tail


def free_path(folder: Path, name: str) -> Path:
    """Return a path inside `folder` for a file of that name that is not taken: *a.pdf*, *a (2).pdf*.

    The result is always a direct child of `folder`, whatever the name held.
    """
    safe = safe_name(name)
    stem, suffix = Path(safe).stem, Path(safe).suffix
    path, count = folder / safe, 2
    while path.exists():
        path, count = folder / f"{stem} ({count}){suffix}", count + 1
    return path
