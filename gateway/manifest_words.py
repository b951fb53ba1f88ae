"""Whether a manifest says everything in its other languages: what has no words yet, and words for nothing. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from app.contract.manifest import Manifest
from app.contract.spoken import spoken
from gateway.manifest_flaws import Flaw

#: So many texts without words are told one by one; the others are counted.
_TOLD = 10

_PLACE = re.compile(r"\{\w+\}")


def unsaid(manifest: Manifest, own: Mapping[str, Mapping[str, str]], name: str) -> tuple[Flaw, ...]:
    """Return what is missing in the languages of a manifest, and what is superfluous in its own words.

    `own`: by language, the words beside the manifest itself, without those of what it extends. `name`: how the
    manifest's file is called, without its ending. None of it is serious: what has no words is shown as written.
    """
    texts: dict[str, str] = {}
    for where, text in spoken(manifest):
        texts.setdefault(text, where)
    return tuple(
        flaw
        for language in sorted(manifest.words)
        for flaw in (
            *_missing(texts, manifest.words[language], f"words/{name}.{language}.toml"),
            *_stray(texts, own.get(language, {}), f"words/{name}.{language}.toml"),
        )
    )


def _missing(texts: Mapping[str, str], words: Mapping[str, str], file: str) -> Iterator[Flaw]:
    missing = [(text, where) for text, where in texts.items() if text not in words]
    for text, where in missing[:_TOLD]:
        yield Flaw(
            where, f"{file} does not say \u201c{text}\u201d.", f'Add "{text}" = "\u2026".', serious=False
        )
    if len(missing) > _TOLD:
        cause = f"{len(missing) - _TOLD} more texts are not said."
        yield Flaw(file, cause, "Without words they are shown as they are written.", serious=False)
    for text in texts:
        places = set(_PLACE.findall(text))
        if text in words and set(_PLACE.findall(words[text])) != places:
            cause = f"\u201c{words[text]}\u201d does not name {', '.join(sorted(places)) or 'nothing'}."
            yield Flaw(file, cause, f"Put in what \u201c{text}\u201d has in braces.", serious=False)


def _stray(texts: Mapping[str, str], own: Mapping[str, str], file: str) -> Iterator[Flaw]:
    for text in own:
        if text not in texts:
            near = get_close_matches(text, texts, 1)
            remedy = f"Did you mean \u201c{near[0]}\u201d?" if near else "Leave it out."
            yield Flaw(file, f"Nothing reads \u201c{text}\u201d.", remedy, serious=False)
