"""Names and kinds of files as callers give them: what deceives the eye, or leads elsewhere, is refused."""

from __future__ import annotations

import re
import unicodedata

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_WORD = r"[A-Za-z0-9!#$&^_.+-]{1,100}"
_MEDIA_TYPE = re.compile(rf'{_WORD}/{_WORD}( *; *{_WORD}=({_WORD}|"[ !#-\[\]-~]*"))*')

_MOST_NAME, _MOST_TYPE = 255, 200


def name_problem(name: str) -> str:
    """Return what is wrong with a file's name, or an empty string."""
    if len(name) > _MOST_NAME:
        return f"A file name has {_MOST_NAME} characters at most."
    if any(sign in "/\\" or unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in name):
        return "A file name has no slashes and no control characters."
    if any(unicodedata.bidirectional(sign) in _TURNING for sign in name):
        return "A file name has no signs that turn the direction of writing."
    if not name.strip(". ") or _RESERVED.fullmatch(name.strip()):
        return "This name cannot be had by a file on every system."
    return ""


#: Embeddings, overrides and isolates: what is read then is not what is written.
_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def media_type_problem(media_type: str) -> str:
    """Return what is wrong with a media type (RFC 9110, section 8.3.1), or an empty string."""
    fits = len(media_type) <= _MOST_TYPE and _MEDIA_TYPE.fullmatch(media_type)
    return "" if fits else "Not a media type, such as application/pdf."
