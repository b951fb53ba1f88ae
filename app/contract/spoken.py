"""Which attributes of a manifest are words for people; everything else are names, patterns and the like."""

from __future__ import annotations

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
        "promise",
        "steps",
    }
)
