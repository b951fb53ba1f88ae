"""Documents: where their bytes are, what they say of themselves, and copies that stay where they belong."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from app.contract.errors import NotAllowed, Refused
from app.services import mark_of_the_web
from app.services.pdf import PdfFile, page_count
from app.services.portal import Portal
from app.services.views_model import DocState
from app.services.whole_file import write_whole
from tests.services.conftest import World, before_each_transaction


def pdf(*pages: str) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    for text in pages:
        canvas.drawString(72, 720, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


PRICES = pdf("Edge 220 costs 1,890 pounds", "Second page with zirconium")


def document(world: World, name: str = "prices", data: bytes = PRICES, **changes: object) -> str:
    return world.put(
        "document", name,
        **{"code": "PL-1", "title": "EMEA price list 2026.4", "category": "prices", "version": "2026.4",
           "sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "media_type": "application/pdf",
           "file_name": "emea-price-list.pdf", "state": "current", "valid_until": "2027-11-30", **changes},
    )  # fmt: skip


def arrive(world: World, gid: str, data: bytes = PRICES) -> str:
    sha256 = world.portal.documents.state(gid).sha256
    world.store.blobs.append(sha256, 0, data)
    assert world.store.blobs.finish(sha256, world.clock.now())
    return sha256


def test_a_pull_goes_from_absent_over_queued_to_here(world: World) -> None:
    gid = document(world)
    documents = world.portal.documents
    assert documents.state(gid).state is DocState.ABSENT
    with pytest.raises(Refused, match="not on this computer yet"):
        documents.bytes(gid)
    documents.pull(gid)
    assert documents.state(gid).state is DocState.QUEUED
    assert [download.name for download in documents.downloads()] == ["emea-price-list.pdf"]
    assert world.wakes
    arrive(world, gid)
    state = documents.state(gid)
    assert (state.state, state.have, state.kept) == (DocState.HERE, len(PRICES), False)
    assert documents.bytes(gid) == PRICES
    assert documents.check(gid)
    assert documents.downloads() == []


def test_a_document_that_makes_room_at_this_moment_is_told_as_absent(world: World, other: Portal) -> None:
    gid = document(world)
    world.portal.documents.pull(gid)
    arrive(world, gid)
    before_each_transaction(world.store, other.documents.clear_space)
    with pytest.raises(Refused, match="not on this computer yet"):
        world.portal.documents.check(gid)


def test_a_failed_pull_says_why_and_can_be_asked_for_again(world: World) -> None:
    gid = document(world)
    world.portal.documents.pull(gid)
    world.store.blobs.fail(world.portal.documents.state(gid).sha256, "The vendor's file is missing.")
    state = world.portal.documents.state(gid)
    assert (state.state, state.error) == (DocState.FAILED, "The vendor's file is missing.")
    world.portal.documents.pull(gid)
    assert world.portal.documents.state(gid).state is DocState.QUEUED
    world.portal.documents.cancel(gid)
    assert world.portal.documents.state(gid).state is DocState.ABSENT


def test_keeping_pulls_and_survives_clearing(world: World) -> None:
    kept, passing = document(world), document(world, "other", pdf("Other"), title="Other", category="guide")
    world.portal.documents.keep(kept, on=True)
    arrive(world, kept)
    world.portal.documents.pull(passing)
    assert (
        world.portal.documents.summary()
        == f"2 documents · 1 kept offline, {world.portal.formats.size(len(PRICES))}"
    )
    world.portal.documents.clear_space()
    assert world.portal.documents.state(kept).state is DocState.HERE
    world.portal.documents.keep(kept, on=False)
    assert world.portal.documents.clear_space() == len(PRICES)
    assert world.portal.documents.state(kept).state is DocState.ABSENT
    assert world.portal.records.count("document", "kept") == 0


def test_a_limit_is_obeyed_at_once_and_remembered(world: World, survey: Path) -> None:
    documents = world.portal.documents
    assert documents.limit == 1_000_000_000
    gids = []
    for name in ("oldest", "older", "kept"):
        data = pdf(name)
        gid = document(world, name, data, title=name)
        documents.pull(gid)
        arrive(world, gid, data)
        world.clock.at += timedelta(minutes=1)
        gids.append(gid)
    documents.keep(gids[2], on=True)
    world.portal.intents.attach(world.request(), survey)
    sizes = [documents.state(gid).size for gid in gids]
    assert documents.set_limit(sum(sizes)) == 0
    assert documents.set_limit(sum(sizes) - 1) == sizes[0], "the least recently used goes first"
    assert documents.state(gids[1]).state is DocState.HERE
    assert documents.set_limit(0) == sizes[1], "what is kept and what is unsent stays"
    assert documents.state(gids[2]).state is DocState.HERE
    assert documents.storage().unsent == survey.stat().st_size
    again = Portal.open(world.store, world.clock, world.ids, lambda: None)
    assert again.documents.storage().limit == 0
    again.documents.set_limit(None)
    assert again.documents.limit is None
    assert documents.storage().limit is None


def test_clearing_never_touches_what_is_unsent(world: World, survey: Path) -> None:
    request = world.request()
    world.portal.intents.attach(request, survey)
    assert world.portal.documents.clear_space() == 0
    assert world.portal.documents.storage().unsent == survey.stat().st_size
    (upload,) = world.portal.documents.downloads()
    assert (upload.upload, upload.name) == (True, "ledbury-site-survey.txt")


def test_what_is_worth_keeping_at_once(world: World) -> None:
    prices = document(world)
    document(world, "old", title="Old", state="superseded")
    document(world, "guide", title="Guide", category="guide")
    assert world.portal.documents.recommended() == ([prices], len(PRICES))
    world.portal.documents.keep_many([prices])
    assert world.portal.documents.state(prices).kept


@pytest.mark.parametrize(
    ("changes", "label", "icon"),
    [
        ({}, "Current", "check"),
        ({"valid_until": None}, "Current", "check"),
        ({"valid_until": "2026-11-30"}, "Ends in 7 days", "hourglass"),
        ({"valid_until": "2026-11-23"}, "Ends today", "hourglass"),
        ({"valid_until": "2026-11-22"}, "Expired", "clock"),
        ({"state": "superseded"}, "Superseded", "history"),
        ({"state": "expired"}, "Expired", "clock"),
    ],
)
def test_the_standing_of_a_document(world: World, changes: dict[str, str], label: str, icon: str) -> None:
    record = world.portal.records.get(document(world, "one", PRICES, **changes))
    assert record is not None
    mark = world.portal.documents.mark(record)
    assert (mark.label, mark.icon) == (label, icon)


def test_text_inside_is_found_after_the_pull(world: World) -> None:
    gid = document(world)
    assert world.portal.search.query("zirconium") == []
    world.portal.documents.pull(gid)
    arrive(world, gid)
    assert world.portal.documents.index_missing() == 1
    assert world.portal.documents.index_missing() == 0
    (hit,) = world.portal.search.query("zirconium")
    assert (hit.gid, hit.title) == (gid, "EMEA price list 2026.4")
    assert "zirconium" in hit.detail
    assert world.portal.search.covers().words.endswith("the text of 1 document")


def test_a_damaged_pdf_is_kept_but_has_no_text(world: World) -> None:
    broken = b"%PDF-1.7 not really"
    gid = document(world, "broken", broken)
    world.portal.documents.pull(gid)
    arrive(world, gid, broken)
    assert world.portal.documents.index_missing() == 1
    assert world.portal.documents.bytes(gid) == broken
    with pytest.raises(Refused, match="damaged or needs a password"):
        PdfFile(broken)
    assert page_count(broken) is None


@pytest.mark.parametrize("name", ["..\\..\\evil.pdf", "../../evil.pdf", "/etc/evil.pdf", "C:\\evil.pdf"])
def test_a_copy_cannot_leave_its_folder(world: World, tmp_path: Path, name: str) -> None:
    gid = document(world, file_name=name)
    world.portal.documents.pull(gid)
    arrive(world, gid)
    folder = tmp_path / "downloads"
    folder.mkdir()
    saved = world.portal.documents.save_as(gid, folder)
    assert saved.path == folder / "evil.pdf"
    assert saved.path.read_bytes() == PRICES
    assert world.portal.documents.save_as(gid, folder).path == folder / "evil (2).pdf"
    assert sorted(path.name for path in folder.iterdir()) == ["evil (2).pdf", "evil.pdf"]
    assert world.portal.documents.suggested_name(gid) == "evil.pdf"


def test_a_place_that_cannot_be_written_to(world: World, tmp_path: Path) -> None:
    gid = document(world)
    world.portal.documents.pull(gid)
    arrive(world, gid)
    with pytest.raises(Refused, match="could not be saved there"):
        world.portal.documents.save_as(gid, tmp_path / "missing" / "list.pdf")


def test_a_copy_takes_its_place_whole_or_not_at_all(world: World, tmp_path: Path) -> None:
    gid = document(world)
    world.portal.documents.pull(gid)
    sha256 = arrive(world, gid)
    target, own = tmp_path / "list.pdf", tmp_path / "list.pdf.part"
    target.write_bytes(b"what was there before")
    own.write_bytes(b"the user's own file")
    assert world.portal.documents.save_as(gid, target).path == target
    assert target.read_bytes() == PRICES
    assert own.read_bytes() == b"the user's own file"
    world.store.connection.run(
        "UPDATE blob_chunk SET data = zeroblob(length(data)) WHERE sha256 = ?", (sha256,)
    )
    with pytest.raises(Refused, match="was damaged, so nothing was saved"):
        world.portal.documents.save_as(gid, target)
    assert target.read_bytes() == PRICES, "what was there stays"
    assert sorted(path.name for path in tmp_path.glob("list*")) == ["list.pdf", "list.pdf.part"]
    assert list(tmp_path.glob(".*")) == []
    state = world.portal.documents.state(gid)
    assert (state.state, state.error) == (DocState.FAILED, "The copy on this computer was damaged.")


def test_what_a_disk_does_not_give_back_is_not_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "list.pdf"
    target.write_bytes(b"before")
    synced: list[int] = []

    def loses(descriptor: int) -> None:
        synced.append(descriptor)
        os.truncate(descriptor, 3)

    monkeypatch.setattr(os, "fsync", loses)
    with pytest.raises(Refused, match="came back damaged"):
        write_whole(target, PRICES, kept="It is kept.")
    assert synced
    assert target.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["list.pdf"]


def test_the_mark_of_the_web_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = tmp_path / "list.pdf"
    saved.write_bytes(PRICES)
    if sys.platform == "linux":
        assert not mark_of_the_web.mark(saved)
    monkeypatch.setattr(sys, "platform", "win32")
    assert mark_of_the_web.mark(saved)
    if sys.platform == "win32" and not (tmp_path / "list.pdf:Zone.Identifier").exists():
        return
    assert "ZoneId=3" in (tmp_path / "list.pdf:Zone.Identifier").read_text()


def test_what_left_cannot_be_opened(world: World) -> None:
    gid = document(world)
    world.store.mirror.remove(gid, "revoked")
    with pytest.raises(NotAllowed):
        world.portal.documents.pull(gid)
