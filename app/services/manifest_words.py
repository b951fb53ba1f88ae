"""A portal's own words in the reader's language: labels, helps, notes and steps, wherever the manifest has them.

A manifest is written in English; `Manifest.words` has its texts in other languages. What has no translation stays as it
is written, and what is no text for people (names, states, icons, patterns) is never touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from app.contract.manifest import Manifest
from app.contract.spoken import READ, spoken


def localised(manifest: Manifest, language: str) -> Manifest:
    """Return the manifest with its texts in a language; the same object where it has no words in that one."""
    words = manifest.words.get(language)
    return _said(manifest, words) if words else manifest


def texts(manifest: Manifest) -> Iterator[str]:
    """Yield every text of a manifest that people read, as it is written, some more than once."""
    return (text for _, text in spoken(manifest))


def _said(model: Any, words: Mapping[str, str]) -> Any:
    """A copy of a model whose texts are said in other words; the same object where nothing changes."""
    changes: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        fresh = _value(value, words, read=name in READ)
        if fresh is not value:
            changes[name] = fresh
    if not changes:
        return model
    copy = model.model_copy(update=changes)
    copy.__dict__.pop("by_name", None)
    return copy


def _value(value: Any, words: Mapping[str, str], *, read: bool) -> Any:
    if isinstance(value, str):
        return words.get(value, value) if read and value else value
    if isinstance(value, BaseModel):
        return _said(value, words)
    if isinstance(value, tuple):
        fresh = tuple(_value(one, words, read=read) for one in value)
        return value if all(new is old for new, old in zip(fresh, value, strict=True)) else fresh
    return value
