"""Three-way merge of text by lines: a small diff3 on difflib."""

from __future__ import annotations

from difflib import SequenceMatcher


def merge_text(base: str, theirs: str, mine: str) -> str | None:
    """Return the merged text, or None when both sides changed the same lines or lines that touch.

    Adjacent changes count as a clash: two people who edit neighbouring lines should look at the result.
    """
    base_lines = base.splitlines(keepends=True)
    edits_theirs = _edits(base_lines, theirs.splitlines(keepends=True))
    edits_mine = _edits(base_lines, mine.splitlines(keepends=True))
    merged: list[_Edit] = []
    for edit in sorted({*edits_theirs, *edits_mine}):
        if merged and edit.start <= merged[-1].end:
            return None
        merged.append(edit)
    result: list[str] = []
    position = 0
    for edit in merged:
        result.extend(base_lines[position : edit.start])
        result.extend(edit.lines)
        position = edit.end
    result.extend(base_lines[position:])
    return "".join(result)


class _Edit(tuple[int, int, tuple[str, ...]]):
    """Replace base lines `start:end` by `lines`."""

    __slots__ = ()

    @property
    def start(self) -> int:
        return self[0]

    @property
    def end(self) -> int:
        return self[1]

    @property
    def lines(self) -> tuple[str, ...]:
        return self[2]


def _edits(base: list[str], side: list[str]) -> list[_Edit]:
    matcher = SequenceMatcher(a=base, b=side, autojunk=False)
    return [
        _Edit((a1, a2, tuple(side[b1:b2]))) for tag, a1, a2, b1, b2 in matcher.get_opcodes() if tag != "equal"
    ]
