"""Sums that tell two sets of records apart, whatever the order."""

from __future__ import annotations

from random import Random

from app.contract.canonical import content_hash
from app.contract.digest import BUCKETS, EMPTY, added, bucket_of, buckets, differing, item


def records(count: int) -> list[tuple[str, str]]:
    draw = Random(3)
    made = [(content_hash(f"gid {draw.random()}"), content_hash(f"data {n}")) for n in range(count)]
    return [(f"{a[:8]}-{a[8:12]}-8{a[13:16]}-8{a[17:20]}-{a[20:]}", digest) for a, digest in made]


def test_an_item_says_its_bucket_and_fits_into_sixty_bits() -> None:
    for gid, digest in records(200):
        assert item(gid, digest) & 15 == bucket_of(gid)
        assert 0 <= item(gid, digest) < 1 << 60


def test_a_known_item() -> None:
    gid = "00000000-0000-0000-0000-00000000001f"
    assert item(gid, "0" * 32) == 0x1F
    assert item(gid, "00000000000001" + "f" * 18) == 0x0F


def test_order_does_not_count_and_what_is_taken_away_is_as_if_it_had_never_been() -> None:
    held = records(300)
    assert buckets(held) == buckets(held[::-1])
    more = buckets(held)
    assert added(more, (item(*one) for one in held[100:]), -1) == buckets(held[:100])
    assert added(more, (item(*one) for one in held), -1) == EMPTY


def test_every_single_difference_shows() -> None:
    held = records(100)
    whole = {"deal": buckets(held)}
    for at, (gid, digest) in enumerate(held):
        changed = [*held[:at], (gid, content_hash(digest)), *held[at + 1 :]]
        assert differing(whole, {"deal": buckets(changed)}) == (("deal", bucket_of(gid)),)
        missing = [*held[:at], *held[at + 1 :]]
        assert differing(whole, {"deal": buckets(missing)}) == (("deal", bucket_of(gid)),)
    assert differing(whole, {}) == tuple(("deal", n) for n in range(BUCKETS))


def test_records_that_have_each_others_content_do_not_cancel_out() -> None:
    held = [one for one in records(600) if bucket_of(one[0]) == 7]
    whole = {"deal": buckets(held)}
    for at in range(len(held) - 1):
        (first, one), (second, other) = held[at], held[at + 1]
        swapped = [*held[:at], (first, other), (second, one), *held[at + 2 :]]
        assert differing(whole, {"deal": buckets(swapped)}) == (("deal", 7),)
