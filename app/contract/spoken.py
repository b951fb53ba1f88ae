"""Which attributes of a manifest are words for people, and what they say; everything else are names and the like."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

#: Attributes whose text people read, whatever they belong to.
READ = frozenset(
    {
        "label",
        "plural",
        "heading",
        "action",
        "help",
        "about",
        "placeholder",
        "explain",
        "done",
        "title",
        "note",
        "after",
        "empty",
        "empty_hint",
        "message",
        "portal",
        "steps",
        "names",
    }
)


def spoken(model: BaseModel, where: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a manifest, or of a part of one, that people read: where it stands, and what it says.

    Some are there more than once. Where: *entities.lead.fields.need.label*.
    """
    for name in type(model).model_fields:
        # What holds a field's rules together is no step of a path that an author would know.
        at = where if name == "items" else f"{where}.{name}".lstrip(".")
        yield from _spoken(getattr(model, name), at, read=name in READ)


def _spoken(value: object, where: str, *, read: bool) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if read and value:
            yield where, value
    elif isinstance(value, BaseModel):
        yield from spoken(value, where)
    elif isinstance(value, tuple):
        for number, one in enumerate(value):
            name = getattr(one, "name", "") or getattr(one, "value", "") or getattr(one, "title", "")
            at = f"{where}.{name or number}"
            yield from _spoken(one, at, read=read)
