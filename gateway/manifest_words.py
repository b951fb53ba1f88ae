"""Whether a manifest says everything in its other languages: what has no words yet, and words for nothing. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

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


def borrowed(manifest: Manifest, brands: Mapping[str, Mapping[str, Any]]) -> tuple[Flaw, ...]:
    """Return where a manifest still says who the vendor of one is that it extends.

    `brands`: what the files it extends say of their brand, by name. A vendor is known by the first word of the name.
    """
    return tuple(_borrowed(manifest, brands))


def _borrowed(manifest: Manifest, brands: Mapping[str, Mapping[str, Any]]) -> Iterator[Flaw]:
    own = manifest.brand.vendor
    others = {name: brand for name, brand in brands.items() if brand.get("vendor", own) != own}
    for name, brand in others.items():
        if manifest.brand.mark and manifest.brand.mark == brand.get("mark"):
            cause = f"It is the logo of {brand['vendor']}, of {name}."
            yield Flaw(
                "brand.mark", cause, 'Draw your own, or write mark = "" for the initial.', serious=False
            )
        word = re.compile(rf"\b{re.escape(str(brand['vendor']).split()[0])}\b")
        found = {text: where for where, text in spoken(manifest) if word.search(text)}
        for text, where in [*found.items()][:_TOLD]:
            cause = f"\u201c{text}\u201d names the vendor of {name}."
            yield Flaw(where, cause, f'Say it under [say]: "{text}" = "\u2026".', serious=False)
        if len(found) > _TOLD:
            cause = f"{len(found) - _TOLD} more texts name the vendor of {name}."
            yield Flaw("say", cause, "They are told once these are said.", serious=False)
