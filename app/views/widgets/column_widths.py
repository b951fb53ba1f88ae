"""How the room of a table is shared among its columns: what each needs, then what words want, then the rest.

Pure: widths in pixels in, widths out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Need:
    """`least` a column always has; with `usual` most of its cells show as a whole, with `wanted` all of them.

    Columns of words, which may be cut, have a `share` of all that is left then; the others are content.
    """

    least: int
    usual: int = 0
    wanted: int = 0
    share: int = 0


def shared(needs: Sequence[Need], room: int) -> list[int]:
    """Return the width of each column. Where not even the least fits, the sum is more than the room."""
    widths = [need.least for need in needs]
    words = [n for n, need in enumerate(needs) if need.share]
    others = [n for n, need in enumerate(needs) if not need.share]
    _fill([need.usual for need in needs], widths, words, room - sum(widths))
    for group in (words, others):
        _fill([need.wanted for need in needs], widths, group, room - sum(widths))
    left = room - sum(widths)
    if left > 0 and widths:
        shares = [need.share for need in needs]
        if not words:
            shares[-1] = 1
        _hand_out(widths, shares, left)
    return widths


def _fill(goals: Sequence[int], widths: list[int], group: Sequence[int], left: int) -> None:
    """Let columns grow alike, each until it has reached its goal."""
    growing = [n for n in group if goals[n] > widths[n]]
    while growing and left > 0:
        step = max(1, left // len(growing))
        for n in growing:
            more = min(step, goals[n] - widths[n], left)
            widths[n] += more
            left -= more
        growing = [n for n in growing if goals[n] > widths[n]]


def _hand_out(widths: list[int], shares: Sequence[int], left: int) -> None:
    """Give away all that is left; what cannot be divided goes to the last one that has a share."""
    whole = sum(shares)
    given = 0
    for n, share in enumerate(shares):
        more = left * share // whole
        widths[n] += more
        given += more
    widths[max(n for n, share in enumerate(shares) if share)] += left - given
