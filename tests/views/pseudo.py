"""A language nobody speaks: each text in ⟦brackets⟧, accented, and a third longer.

What stands on the screen without brackets was never given to a translator; what is cut would be cut in German too.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QObject, QTranslator

from app.contract.manifest import Manifest
from app.services.manifest_words import texts

_ACCENTED = str.maketrans("aceilnorstuyzACEILNORSUYZ", "áçéíłñóřśţúýžÁÇÉÍŁÑÓŘŚÚÝŽ")
_HEBREW = str.maketrans("abcdefghijklmnopqrstuvwxyz", "אבגדהוזחטיכלמנסעפצקרשתםןףץ")
_PLACES = re.compile(r"(\{\w*\}|%n)")

#: How much longer a text becomes, as German does.
_LONGER = 0.35


def pseudo(text: str, count: int | None = None) -> str:
    """Say a text in the language nobody speaks; places for values stay."""
    if not text.strip():
        return text
    parts = _PLACES.split(text)
    said = "".join(part if _PLACES.fullmatch(part) else part.translate(_ACCENTED) for part in parts)
    more = "~" * round(_LONGER * len(_PLACES.sub("", text)))
    return f"⟦{said}{more}⟧"


def mirrored(text: str, count: int | None = None) -> str:
    """Say a text in letters that run from right to left, in brackets that mirror."""
    if not text.strip():
        return text
    parts = _PLACES.split(text)
    said = (part if _PLACES.fullmatch(part) else part.casefold().translate(_HEBREW) for part in parts)
    return f"⟦{''.join(said)}⟧"


def pseudo_manifest(manifest: Manifest, say: Callable[[str], str] = pseudo) -> Manifest:
    """A portal that says its own words in it, in place of English."""
    return manifest.changed(words={"en": {text: say(text) for text in texts(manifest)}})


class PseudoTranslator(QTranslator):
    """Translates all that Qt is asked for."""

    def __init__(self, say: Callable[[str], str] = pseudo, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._say = say

    def isEmpty(self) -> bool:
        return False

    def translate(
        self,
        context: str | bytes,
        sourceText: str | bytes,  # noqa: N803
        disambiguation: str | bytes | None = None,
        n: int = -1,
    ) -> str:
        text = sourceText.decode() if isinstance(sourceText, bytes) else sourceText
        name = context.decode() if isinstance(context, bytes) else context
        # Qt's own dialogs and keys have their own translations.
        return text if name.startswith("Q") else self._say(text)


def unsaid(text: str) -> str:
    """What of a text stands outside all brackets."""
    while (left := re.sub(r"⟦[^⟦⟧]*⟧", "", text)) != text:
        text = left
    return text
