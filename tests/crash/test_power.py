"""The power goes: what was said to be saved is there, a page is whole; and without its syncs it would not be."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from tests.crash.cuts import Outcome, cut, play
from tests.crash.power import Disk, Loss, Sync, Write

_CUTS = 120


def outcomes(synchronous: str = "") -> list[Outcome]:
    """Cut the power of one session again and again."""
    return [*cut(play(synchronous), _CUTS, seed=1)]


def told(found: Sequence[Outcome]) -> set[str]:
    """The kinds of violations."""
    return {text.partition(":")[0] for one in found for text in one.violations}


def test_what_was_said_to_be_saved_and_every_page_survive_a_power_cut() -> None:
    found = outcomes()
    assert [one for one in found if one.violations] == []
    assert {one.loss for one in found} == {*Loss}


def test_without_full_syncs_pages_stay_whole_and_what_was_said_is_lost() -> None:
    """NORMAL syncs the log only before it is folded into the file: this is why the store has FULL."""
    assert told(outcomes("NORMAL")) == {"promise 7"}


def test_without_any_syncs_the_cuts_do_harm() -> None:
    assert told(outcomes("OFF")) >= {"promise 7", "the store cannot be opened"}


@pytest.mark.parametrize("loss", [*Loss])
def test_a_cut_takes_nothing_that_was_synced(loss: Loss) -> None:
    disk = Disk()
    for op in (Write("a", 0, b"1" * 2048), Sync("a"), Write("a", 0, b"2" * 2048), Sync("b")):
        disk.do(op)
    assert disk.files["a"] == b"2" * 2048
    left = {bytes(disk.after_cut(4, loss, random.Random(seed)).files["a"]) for seed in range(40)}
    match loss:
        case Loss.NONE:
            assert left == {b"2" * 2048}
        case Loss.ALL:
            assert left == {b"1" * 2048}
        case Loss.SOME:
            assert left == {b"1" * 2048, b"2" * 2048}
        case Loss.TORN:
            assert {len({*one}) for one in left} == {1, 2}, "sectors of both"
    assert disk.after_cut(2, loss, random.Random(0)).files["a"] == b"1" * 2048
