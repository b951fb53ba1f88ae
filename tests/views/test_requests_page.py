"""Requests: reading, writing, waiting, taking back; and what is typed outlives the window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from app.services.portal import Portal
from app.services.views_model import SyncState
from app.store.database import Store
from app.sync.events import RecordsChanged
from app.views.page import Place
from app.views.requests.bubble import MessageBubble
from app.views.requests.page import RequestsPage
from app.views.widgets.buttons import Button
from app.views.widgets.files import FileTile
from app.views.widgets.messages import Divider
from tests.services.conftest import KEY
from tests.views import sample
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, settle


@pytest.fixture
def quote(stage: Stage) -> str:
    return sample.requests(stage.world)


@pytest.fixture
def page(stage: Stage, quote: str, qtbot: QtBot) -> RequestsPage:
    made = RequestsPage(stage.context)
    qtbot.addWidget(made)
    stage.show(made)
    made.arrive(Place("request", gid=quote))
    QApplication.processEvents()
    return made


def bubbles(page: RequestsPage) -> list[MessageBubble]:
    settle()
    return page.conversation.messages.bubbles


def press(widget: QWidget, words: str, qtbot: QtBot) -> None:
    settle()
    found = [one for one in widget.findChildren(Button) if one.text() == words and one.isVisibleTo(widget)]
    assert found, f"no button {words!r}"
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)


def send(page: RequestsPage, text: str, qtbot: QtBot) -> None:
    QTest.keyClicks(page.conversation.composer.words, text)
    QTest.mouseClick(page.conversation.composer.button, Qt.MouseButton.LeftButton)


def test_a_row_opens_its_conversation(page: RequestsPage, qtbot: QtBot) -> None:
    row = page.model.row_of(page.conversation.gid)
    assert row == 0
    assert [b.message.author for b in bubbles(page)] == ["You", "Ingrid Solheim"]
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    assert page.portal.records.title_of(page.conversation.gid) == "VPN drops after firmware 8.4"
    assert bubbles(page) == []


def test_what_is_written_goes_into_the_outbox_and_can_be_taken_back(
    stage: Stage, page: RequestsPage, quote: str, qtbot: QtBot
) -> None:
    send(page, "Delivery by 17 December would suit them.", qtbot)
    (mutation,) = stage.world.sent()
    assert (mutation.entity, mutation.changes["body"], mutation.changes["parent"]) == (
        "message",
        "Delivery by 17 December would suit them.",
        quote,
    )
    assert page.conversation.composer.text == ""
    assert bubbles(page)[-1].message.sync is SyncState.WAITING
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert stage.world.sent() == []
    assert len(bubbles(page)) == 2


def test_control_return_sends(stage: Stage, page: RequestsPage, qtbot: QtBot) -> None:
    QTest.keyClicks(page.conversation.composer.words, "Yes")
    QTest.keyClick(page.conversation.composer.words, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert stage.world.sent() == [], "the words leave the key to the page"
    keys = list(page.keys())
    next(key for key in keys if key.keys == "Ctrl+Return").run()
    assert [m.changes["body"] for m in stage.world.sent()] == ["Yes"]


def test_nothing_written_cannot_be_sent_and_says_why(stage: Stage, page: RequestsPage, qtbot: QtBot) -> None:
    button = page.conversation.composer.button
    assert not button.isEnabled()
    assert button.toolTip() == "Write something, or add a file."
    QTest.keyClicks(page.conversation.composer.words, "   ")
    assert not button.isEnabled()
    page.conversation.send()
    assert stage.world.sent() == []


def test_offline_the_button_says_that_it_waits(stage: Stage, page: RequestsPage) -> None:
    assert page.conversation.composer.button.text() == "Send"
    stage.offline()
    assert page.conversation.composer.button.text() == "Send (waits)"
    stage.online()
    assert page.conversation.composer.button.text() == "Send"


def test_offline_a_message_waits_below_the_moment_one_went_offline(
    stage: Stage, page: RequestsPage, qtbot: QtBot
) -> None:
    stage.offline(minutes=89)
    assert not page.findChildren(Divider), "nothing was written since, so the line would say nothing"
    send(page, "Thank you.", qtbot)
    settle()
    assert [d.accessibleName() for d in page.findChildren(Divider)] == ["You went offline at 08:12"]
    waiting = bubbles(page)[-1]
    words = {child.text() for child in waiting.findChildren(Button)}
    assert words == {"Edit", "Cancel message"}
    assert stage.toasts[-1].text.endswith("Sent when you are back.")


def test_edit_brings_words_and_files_back_to_the_composer(
    stage: Stage, page: RequestsPage, qtbot: QtBot, tmp_path: Path
) -> None:
    stage.offline()
    note = tmp_path / "delivery-address.txt"
    note.write_text("Dublin lab, door 4")
    page.conversation.composer.offered.emit((note,))
    qtbot.waitUntil(lambda: len(page.conversation.composer.files) == 1)
    send(page, "The address is in the file.", qtbot)
    assert [m.entity for m in stage.world.sent()] == ["message", "file"]
    press(bubbles(page)[-1], "Edit", qtbot)
    composer = page.conversation.composer
    assert composer.text == "The address is in the file."
    assert [file.name for file in composer.files] == ["delivery-address.txt"]
    assert stage.world.sent() == []
    QTest.mouseClick(composer.button, Qt.MouseButton.LeftButton)
    assert [m.entity for m in stage.world.sent()] == ["message", "file"]


def test_edit_does_not_throw_away_what_was_begun_meanwhile(
    stage: Stage, page: RequestsPage, qtbot: QtBot
) -> None:
    stage.offline()
    send(page, "First", qtbot)
    QTest.keyClicks(page.conversation.composer.words, "second thought")
    press(bubbles(page)[-1], "Edit", qtbot)
    assert page.conversation.composer.text == "First\n\nsecond thought"


def test_a_cancelled_message_can_be_brought_back(stage: Stage, page: RequestsPage, qtbot: QtBot) -> None:
    stage.offline()
    send(page, "Never mind", qtbot)
    press(bubbles(page)[-1], "Cancel message", qtbot)
    assert stage.world.sent() == []
    assert len(bubbles(page)) == 2
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert [m.changes["body"] for m in stage.world.sent()] == ["Never mind"]


def test_bringing_a_cancelled_message_back_leaves_what_was_begun_since(
    stage: Stage, page: RequestsPage, quote: str, qtbot: QtBot
) -> None:
    stage.offline()
    send(page, "Never mind", qtbot)
    press(bubbles(page)[-1], "Cancel message", qtbot)
    undo = stage.toasts[-1].undo
    assert undo is not None
    QTest.keyClicks(page.conversation.composer.words, "Half a sent")
    page.arrive(Place("request", gid=page.model.gid_at(1)))
    undo()
    assert [m.changes for m in stage.world.sent()] == [{"body": "Never mind", "parent": quote}]
    assert stage.portal.drafts.unfinished(quote)[0] == "Half a sent"


def test_cancelling_a_message_with_files_asks_first(
    stage: Stage, page: RequestsPage, qtbot: QtBot, tmp_path: Path
) -> None:
    stage.offline()
    note = tmp_path / "note.txt"
    note.write_text("something")
    page.conversation.composer.offered.emit((note,))
    qtbot.waitUntil(lambda: len(page.conversation.composer.files) == 1)
    send(page, "With a file", qtbot)
    press(bubbles(page)[-1], "Cancel message", qtbot)
    dialog = page.window().findChildren(QDialog)[-1]
    assert len(stage.world.sent()) == 2, "nothing happens before the answer"
    press(dialog, "Cancel message", qtbot)
    assert stage.world.sent() == []


def test_what_is_being_written_survives_a_kill(
    stage: Stage, page: RequestsPage, quote: str, qtbot: QtBot
) -> None:
    QTest.keyClicks(page.conversation.composer.words, "Half a sent")
    qtbot.waitUntil(lambda: stage.portal.drafts.unfinished(quote)[0] == "Half a sent")
    # Another process: its own store over the same file, nothing said goodbye.
    store = Store.open(stage.world.store.path, KEY)
    other = Portal.open(store, stage.world.clock, stage.world.ids, lambda: None)
    assert other.drafts.unfinished(quote) == ("Half a sent", ())
    store.close()
    page.arrive(Place("request", gid=page.model.gid_at(1)))
    assert page.conversation.composer.text == ""
    page.arrive(Place("request", gid=quote))
    assert page.conversation.composer.text == "Half a sent"


def test_leaving_the_page_keeps_the_last_keys(
    stage: Stage, page: RequestsPage, quote: str, qtbot: QtBot
) -> None:
    QTest.keyClicks(page.conversation.composer.words, "Quick")
    assert page.may_leave()
    assert stage.portal.drafts.unfinished(quote)[0] == "Quick"


def test_a_sent_message_leaves_nothing_in_the_composer_store(
    stage: Stage, page: RequestsPage, quote: str, qtbot: QtBot
) -> None:
    QTest.keyClicks(page.conversation.composer.words, "Done")
    qtbot.waitUntil(lambda: stage.portal.drafts.unfinished(quote)[0] == "Done")
    QTest.mouseClick(page.conversation.composer.button, Qt.MouseButton.LeftButton)
    page.conversation.keep()
    assert stage.portal.drafts.unfinished(quote) == ("", ())


def test_deleted_words_do_not_come_back_after_files_went_alone(
    stage: Stage, page: RequestsPage, quote: str, qtbot: QtBot, tmp_path: Path
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("something")
    composer = page.conversation.composer
    QTest.keyClicks(composer.words, "Hello")
    page.conversation.keep()
    composer.offered.emit((note,))
    qtbot.waitUntil(lambda: len(composer.files) == 1)
    composer.words.selectAll()
    QTest.keyClick(composer.words, Qt.Key.Key_Delete)
    QTest.mouseClick(composer.button, Qt.MouseButton.LeftButton)
    assert [m.entity for m in stage.world.sent()] == ["file"]
    assert stage.portal.drafts.unfinished(quote) == ("", ())


def drop(page: RequestsPage, paths: Sequence[Path]) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    page.conversation.composer.dropEvent(event)


def test_dropped_files_are_taken_in_and_can_be_removed(
    stage: Stage, page: RequestsPage, quote: str, qtbot: QtBot, tmp_path: Path
) -> None:
    survey = tmp_path / "survey.txt"
    survey.write_text("Three offices")
    drop(page, [survey])
    composer = page.conversation.composer
    qtbot.waitUntil(lambda: [f.name for f in composer.files] == ["survey.txt"])
    assert composer.button.isEnabled(), "a file may go on its own"
    survey.unlink()
    assert stage.portal.drafts.unfinished(quote)[1][0].name == "survey.txt"
    remove = next(b for b in composer.findChildren(QWidget) if b.accessibleName() == "Remove survey.txt")
    QTest.mouseClick(remove, Qt.MouseButton.LeftButton)
    assert composer.files == ()
    assert stage.portal.drafts.unfinished(quote) == ("", ())


def test_a_file_that_cannot_be_taken_says_why_and_keeps_the_words(
    page: RequestsPage, qtbot: QtBot, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    QTest.keyClicks(page.conversation.composer.words, "See attached")
    drop(page, [empty])
    problem = page.conversation.composer.problem
    qtbot.waitUntil(lambda: "is empty" in problem.text())
    assert problem.isVisibleTo(page)
    assert page.conversation.composer.text == "See attached"


def test_the_vendors_answer_appears_without_touching_what_is_typed(
    stage: Stage, page: RequestsPage, quote: str, qtbot: QtBot
) -> None:
    QTest.keyClicks(page.conversation.composer.words, "I was about to")
    sample.message(
        stage.world, quote, "m9", "The final quote is attached.", author="ingrid", author_name="Ingrid Solheim",
        side="vendor", sent_at="2026-11-23T09:40:00Z",
    )  # fmt: skip
    stage.tell(RecordsChanged(frozenset({"message"}), None))
    qtbot.waitUntil(lambda: len(bubbles(page)) == 3)
    assert bubbles(page)[-1].message.body == "The final quote is attached."
    assert page.conversation.composer.text == "I was about to"


def test_marking_resolved_is_a_command_that_can_be_undone(
    stage: Stage, page: RequestsPage, qtbot: QtBot
) -> None:
    press(page.conversation, "Mark resolved", qtbot)
    (mutation,) = stage.world.sent()
    assert mutation.command is not None
    assert (mutation.command.name, mutation.command.expected_state) == ("resolve", "waiting_on_vendor")
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert stage.world.sent() == []


def test_a_resolved_request_asks_once_whether_it_helped(
    stage: Stage, page: RequestsPage, qtbot: QtBot
) -> None:
    gid = stage.world.request("serials", subject="Wrong serials", state="resolved", due_at=None)
    page.refresh()
    page.arrive(Place("request", gid=gid))
    strip = page.conversation.resolved
    assert strip.accessibleName().startswith("Did this help?")
    press(strip, "Yes", qtbot)
    assert not strip.isVisibleTo(page)
    assert stage.world.sent() == []
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert strip.isVisibleTo(page)


@pytest.mark.parametrize("online", [True, False])
def test_opening_it_again_takes_words(stage: Stage, page: RequestsPage, qtbot: QtBot, online: bool) -> None:
    if not online:
        stage.offline()
    gid = stage.world.request("serials", subject="Wrong serials", state="resolved", due_at=None)
    page.refresh()
    page.arrive(Place("request", gid=gid))
    press(page.conversation.resolved, "No, open it again", qtbot)
    button = page.conversation.composer.button
    assert button.text() == ("Send and reopen" if online else "Send and reopen (waits)")
    assert not button.isEnabled()
    QTest.keyClicks(page.conversation.composer.words, "Two serials are still wrong.")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    command, message = stage.world.sent()
    assert command.command is not None
    assert command.command.name == "reopen"
    assert message.changes["body"] == "Two serials are still wrong."
    assert page.conversation.head._pill.look.text == "Waiting on Halden"
    assert not page.conversation.resolved.isVisibleTo(page)
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert stage.world.sent() == []


def test_a_closed_request_is_read_and_leads_to_a_new_one(
    stage: Stage, page: RequestsPage, qtbot: QtBot
) -> None:
    gid = stage.world.request("price", subject="Price match", state="closed", due_at=None)
    page.refresh()
    page.arrive(Place("request", gid=gid))
    assert not page.conversation.composer.isVisibleTo(page)
    press(page.conversation.resolved, "Raise a request", qtbot)
    assert stage.gone[-1] == Place("new", entity="request")


def test_whose_turn_it_is_stands_beside_the_conversation(
    stage: Stage, page: RequestsPage, qtbot: QtBot
) -> None:
    side = page.conversation.side
    assert side._turn.text() == "Halden’s turn since Thursday 14:05"
    gid = page.model.gid_at(1)
    sample.message(stage.world, gid, "q1", "Which firmware?", side="vendor", sent_at="2026-11-23T08:06:00Z")
    page.arrive(Place("request", gid=gid))
    page.refresh()
    assert side._turn.text() == "Your turn since 08:06"
    assert side._paused.text() == "The time Halden has stands still."
    send(page, "8.4.1", qtbot)
    assert side._turn.text() == "You have answered"


def test_a_request_that_is_no_longer_shared_says_so(stage: Stage, page: RequestsPage, quote: str) -> None:
    stage.world.store.mirror.remove(quote, "revoked")
    stage.tell(RecordsChanged(frozenset({"request"}), None))
    page.refresh()
    assert page.conversation.nothing.isVisibleTo(page) or page.conversation.gid != quote
    assert stage.portal.records.get(quote) is None


def test_a_refused_message_stays_with_the_vendors_reason(
    stage: Stage, page: RequestsPage, qtbot: QtBot
) -> None:
    send(page, "Too late", qtbot)
    (mutation,) = stage.world.sent()
    stage.world.store.outbox.quarantine(
        mutation.mutation_id, {"kind": "rejected", "message": "This request is closed.", "fields": {}}
    )
    page.refresh()
    refused = bubbles(page)[-1]
    assert refused.message.sync is SyncState.REJECTED
    assert refused.message.problem == "This request is closed."
    press(refused, "Discard", qtbot)
    press(page.window().findChildren(QDialog)[-1], "Discard message", qtbot)
    assert stage.world.sent() == []
    assert len(bubbles(page)) == 2


def test_a_file_opens_in_the_place_of_the_conversation_and_escape_leads_back(
    page: RequestsPage, qtbot: QtBot
) -> None:
    tile = next(t for t in page.findChildren(FileTile) if t.look.name == "oriel-lab-plan.pdf")
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    viewer = page.attachment.viewer
    qtbot.waitUntil(lambda: viewer.pages.count == 1)
    assert page.attachment.isVisibleTo(page)
    QTest.keyClick(page.attachment, Qt.Key.Key_Escape)
    assert page.conversation.isVisibleTo(page)
    assert viewer.pages.count == 0


def test_a_file_that_is_not_here_offers_to_pull_it(stage: Stage, page: RequestsPage, qtbot: QtBot) -> None:
    stage.offline()
    tile = next(t for t in page.findChildren(FileTile) if t.look.name == "Q-10482-draft.pdf")
    assert tile.look.size == "240\u00a0KB · not pulled"
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    press(page.attachment, "Queue the pull", qtbot)
    assert [d.name for d in stage.portal.documents.downloads()] == ["Q-10482-draft.pdf"]
    press(page.attachment, "Cancel", qtbot)
    assert stage.portal.documents.downloads() == []


def test_what_matches_nothing_says_so_and_leads_back(page: RequestsPage, qtbot: QtBot) -> None:
    page.search("zirconium")
    assert page.empty.accessibleName() == "No request matches “zirconium”"
    press(page.empty, "Show all", qtbot)
    assert page.model.rowCount() == 8


def test_what_was_written_in_a_conversation_finds_its_request(page: RequestsPage, quote: str) -> None:
    page.search("before Christmas")
    assert [page.model.gid_at(row) for row in range(page.model.rowCount())] == [quote]
    page.search("oriel-lab-plan")
    assert [page.model.gid_at(row) for row in range(page.model.rowCount())] == [quote]


def test_a_long_conversation_opens_at_its_end_and_earlier_messages_come_on_asking(
    stage: Stage, page: RequestsPage, quote: str, qtbot: QtBot
) -> None:
    for number in range(60):
        sample.message(
            stage.world, quote, f"x{number}", f"Line {number}", sent_at=f"2026-11-20T10:{number:02}:00Z"
        )
    page.refresh()
    assert len(bubbles(page)) == 25
    assert bubbles(page)[-1].message.author == "Ingrid Solheim"
    before = bubbles(page)[-1]
    press(page.conversation.messages, "Show 37 earlier messages", qtbot)
    assert len(bubbles(page)) == 62
    assert bubbles(page)[0].message.body.startswith("Oriel want two Edge 440")
    sample.message(stage.world, quote, "last", "One more", sent_at="2026-11-23T09:00:00Z")
    page.refresh()
    assert bubbles(page)[-1].message.body == "One more"
    assert before is not None


def test_a_new_message_leaves_the_others_alone(stage: Stage, page: RequestsPage, quote: str) -> None:
    before = bubbles(page)
    sample.message(stage.world, quote, "last", "One more", sent_at="2026-11-23T09:00:00Z")
    page.refresh()
    assert bubbles(page)[: len(before)] == before
    assert len(bubbles(page)) == len(before) + 1


def test_a_refresh_keeps_the_choice_and_the_place(stage: Stage, page: RequestsPage, qtbot: QtBot) -> None:
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    chosen = page.conversation.gid
    stage.world.request("vpn", subject="VPN drops after firmware 8.4", number="REQ-3318", priority="urgent",
                        last_message_at="2026-11-23T09:30:00Z", state="waiting_on_partner")  # fmt: skip
    page.on_records(frozenset({"request"}), None)
    assert page.conversation.gid == chosen
    assert page.list.chosen_row() == page.model.row_of(chosen)


def test_an_empty_list_says_what_belongs_here_and_raises_the_first(stage: Stage, qtbot: QtBot) -> None:
    page = RequestsPage(stage.context)
    qtbot.addWidget(page)
    stage.show(page)
    assert page.empty.accessibleName().startswith("Questions and requests stand here")
    press(page.empty, "Raise a request", qtbot)
    assert stage.gone == [Place("new", entity="request")]


def test_a_draft_leads_back_to_its_form(stage: Stage, page: RequestsPage, qtbot: QtBot) -> None:
    gid = stage.portal.drafts.start("request", {"subject": "A question about Care"})
    page.refresh()
    page.arrive(Place("request", gid=gid))
    assert "A question about Care" in page.conversation.nothing.accessibleName()
    press(page.conversation.nothing, "Go on writing", qtbot)
    assert stage.gone == [Place("new", entity="request", gid=gid)]


def test_the_deal_beside_a_conversation_opens(stage: Stage, page: RequestsPage, qtbot: QtBot) -> None:
    press(page.conversation.side, "HA pair, Dublin lab", qtbot)
    assert [stage.portal.records.title_of(gid) for gid in stage.opened] == ["Oriel Biotech"]


def test_what_is_due_says_by_whom_and_when(page: RequestsPage) -> None:
    side = page.conversation.side
    assert side._figure.text() == "4\u00a0h\u00a055\u00a0m left"
    assert side._who.text() == "Halden answers by 14:36"
    page.arrive(Place("request", gid=page.model.gid_at(1)))
    assert side._figure.text() == "2\u00a0h\u00a025\u00a0m left"
    assert side._who.text() == "You answer by 12:06"
    page.arrive(Place("request", gid=page.model.gid_at(2)))
    assert side._who.text() == "Halden answers by Tue 24 Nov"


def test_what_is_overdue_says_who_was_to_answer(stage: Stage, page: RequestsPage) -> None:
    stage.world.clock.go(hours=6)
    page.refresh()
    side = page.conversation.side
    assert side._figure.text() == "1\u00a0h\u00a05\u00a0m over"
    assert side._who.text() == "Halden was to answer by 14:36"
    assert side._bar.value() == side._bar.maximum()


def test_everything_is_named_and_follows_the_scheme(stage: Stage, page: RequestsPage) -> None:
    assert unnamed(page) == []
    assert follows_scheme(page, stage.theme)


def test_where_it_is_narrow_the_conversation_comes_first(page: RequestsPage) -> None:
    assert page.conversation.side.isVisibleTo(page)
    page.resize(700, 600)
    QApplication.processEvents()
    assert not page.conversation.side.isVisibleTo(page)
    assert page.conversation.composer.isVisibleTo(page)
