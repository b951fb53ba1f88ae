"""What is not at the vendor is taken out of one store and put into another: all of it, in order, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.contract.errors import LocalError
from app.contract.mutations import Kind
from app.store import unsent
from app.store.database import Store
from app.store.states import ItemState
from app.store.unsent import BEGUN, Row, put_in, take_out
from app.views.approvals import asking
from app.views.records.record import editing
from tests.store import world
from tests.store.test_salvage import EVIDENCE, SHA256, fill
from tests.store.world import NOW, gid, mutation, patch, puts, row, shown


@pytest.fixture
def other(tmp_path: Path) -> Any:
    """Another store of the same user: it knows the portal, and nothing of the records yet."""
    with Store.open(tmp_path / "other.db", world.KEY) as opened:
        opened.adopt_manifest(world.manifest_text(), "m")
        yield opened


def dump(store: Store, name: str = "d1") -> list[Row]:
    return [*take_out(store, name)]


def test_everything_that_is_not_sent_goes_over(store: Store, other: Store) -> None:
    fill(store)
    store.settings.put(BEGUN[0], {gid(5): {"title": "begun"}, gid(6): {"title": "too"}})
    assert unsent.count(store) == 6  # two items, a draft, a conflict, two edits that were begun
    found = put_in(other, dump(store))
    assert (found.things, found.apart) == (6, ())
    assert unsent.count(other) == 6
    assert [item.mutation.mutation_id for item in other.outbox.open_items()] == ["sent", "c"]
    sent, before = other.outbox.get("sent"), store.outbox.get("sent")
    assert sent is not None
    assert before is not None
    assert (sent.mutation, sent.frozen, sent.attempts, sent.state) == (
        before.mutation,
        True,
        1,
        ItemState.QUEUED,
    ), "the same body under the same id: it may have arrived"
    draft = other.drafts.load(gid(900))
    assert draft == store.drafts.load(gid(900))
    assert other.blobs.content(SHA256) == EVIDENCE
    assert other.conflicts.all() == store.conflicts.all()
    assert other.settings.get(BEGUN[0]) == {gid(5): {"title": "begun"}, gid(6): {"title": "too"}}
    assert shown(other, 902) == {"title": "new", "state": "draft"}


def test_nothing_of_the_vendor_goes_over(store: Store) -> None:
    fill(store)
    rows = dump(store)
    text = str(rows)
    assert "title 7" not in text, "records come from the gateway again"
    assert "secret" not in text, "and so do tokens"
    assert all(row.get("mutation_id") != "old" for row in rows), "what was settled is at the vendor"


def test_what_was_put_in_lies_over_the_mirror_once_that_comes(store: Store, other: Store) -> None:
    fill(store)
    put_in(other, dump(store))
    other.mirror.apply_puts(puts([row(1, title="title 1"), row(3, title="title 3")]), world.manifest())
    edited, disputed = shown(other, 1), shown(other, 3)
    assert edited is not None
    assert disputed is not None
    assert (edited["title"], disputed["title"]) == ("mine", "three")


def test_it_is_put_in_once(store: Store, other: Store) -> None:
    fill(store)
    rows = dump(store)
    put_in(other, rows)
    other.outbox.cancel("c", NOW)
    other.drafts.discard(gid(900))
    assert put_in(other, rows).things == 0
    assert other.outbox.get("c") is None
    assert other.drafts.load(gid(900)) is None
    assert put_in(store, rows).things == 0, "nor into the store it came from"


def test_a_store_that_has_some_of_it_keeps_its_own(store: Store, other: Store) -> None:
    fill(store)
    rows = dump(store)
    other.outbox.enqueue(patch("later", 9, {"title": "a"}, {"title": "b"}), "Edit")
    other.outbox.enqueue(mutation("c", 902, Kind.CREATE, changes={"title": "newer"}), "Create")
    assert put_in(other, rows).things == 3
    assert [item.mutation.mutation_id for item in other.outbox.open_items()] == ["later", "c", "sent"]
    assert other.outbox.get("c").mutation.changes == {"title": "newer"}  # type: ignore[union-attr]


def test_what_items_follow_goes_with_them(store: Store, other: Store) -> None:
    store.outbox.enqueue(mutation("a", 1, Kind.CREATE, changes={"title": "a"}), "Create")
    store.outbox.enqueue(mutation("b", 2, Kind.CREATE, changes={"title": "b"}), "Create")
    store.outbox.enqueue(mutation("f", 3, Kind.CREATE, changes={"title": "f"}, depends_on=("a",)), "Create")
    for name in ("a", "b"):
        store.outbox.mark_sending([name])
        store.outbox.settle(name, "applied", NOW)
    put_in(other, dump(store))
    settled = other.outbox.settled("a")
    assert settled is not None
    assert settled.status == "applied"
    assert other.outbox.settled("b") is None


def test_what_goes_together_is_one_thing(store: Store) -> None:
    for name, kind in (("a", Kind.CREATE), ("b", Kind.COMMAND)):
        more: dict[str, Any] = (
            {"command": {"name": "submit", "expected_state": "draft"}} if name == "b" else {}
        )
        store.outbox.enqueue(mutation(name, 7, kind, **more), name, draft=gid(7))
    assert unsent.count(store) == 1


def test_a_row_that_cannot_be_taken_up_is_set_apart_and_costs_no_other(store: Store, other: Store) -> None:
    fill(store)
    rows = [dict(one) for one in dump(store)]
    broken = next(one for one in rows if one.get("mutation_id") == "c")
    broken["body"] = "{}"
    rows.append({"part": "hologram", "gid": gid(1)})
    found = put_in(other, rows)
    assert (found.things, len(found.apart)) == (3, 2)
    # It goes along with what is unsent then, and is found again, also by the store that has the rest.
    later = [*take_out(other, "d2", found.apart)]
    assert put_in(other, later).apart == found.apart
    broken["body"] = rows[[one.get("mutation_id") for one in rows].index("sent")]["body"]
    broken["mutation_id"] = "mended"
    third = put_in(store, [{"part": "head", "version": 1, "dump": "d3"}, {"part": "apart", "row": broken}])
    assert (third.things, third.apart) == (1, ())


def test_a_dump_of_another_kind_is_refused_whole(store: Store, other: Store) -> None:
    fill(store)
    for rows in ([], dump(store)[1:], [{"part": "head", "version": 2, "dump": "x"}]):
        with pytest.raises(ValueError, match="not a dump"):
            put_in(other, rows)
    assert unsent.count(other) == 0


def test_a_dump_that_breaks_off_leaves_nothing(store: Store, other: Store) -> None:
    fill(store)

    def broken() -> Any:
        yield from dump(store)
        raise LocalError

    with pytest.raises(LocalError):
        put_in(other, broken())
    assert unsent.count(other) == 0
    assert put_in(other, dump(store, "d2")).things == 4


def test_the_windows_keep_what_is_begun_where_it_is_looked_for() -> None:
    assert {f"prefs.{editing._UNSAVED}", f"prefs.{asking._UNSAVED}"} == {*BEGUN}
