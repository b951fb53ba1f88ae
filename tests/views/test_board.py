"""A list as a board: columns by stage, totals, keys, and a card that is dragged gives the command that leads there."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.services.boards import MOST_CARDS
from app.sync.events import RecordsChanged
from app.views.deals.board import Board, make_board
from app.views.deals.cards import CARD_MIME, CardList, ColumnPane
from app.views.page import Place
from app.views.records.page import RecordsPage
from app.views.widgets.choice_controls import Segment
from tests.services.conftest import MAYA
from tests.views import sample
from tests.views.checks import unnamed
from tests.views.stage import Stage, settle

DEAL = "deal_registration"


def opened(stage: Stage, qtbot: QtBot, entity: str = DEAL, width: int = 1072) -> tuple[RecordsPage, Board]:
    page = RecordsPage(stage.context, entity, ways=(make_board,))
    qtbot.addWidget(page)
    stage.show(page, width)
    segments = page.ways.findChildren(Segment)
    QTest.mouseClick(segments[1], Qt.MouseButton.LeftButton)
    settle()
    board = page.presentations[0]
    assert isinstance(board, Board)
    return page, board


def pane(board: Board, state: str) -> ColumnPane:
    return next(one for one in board.panes if one.state == state)


def titles(cards: CardList) -> list[str]:
    return [card.title for card in cards.cards.cards]


def drop(cards: CardList, gid: str) -> bool:
    """Let go of a card over a column; whether it was taken."""
    data = QMimeData()
    data.setData(CARD_MIME, gid.encode())
    where, action, button = QPointF(20, 20), Qt.DropAction.MoveAction, Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(where.toPoint(), action, data, button, keys)
    QApplication.sendEvent(cards.viewport(), enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(cards.viewport(), QDropEvent(where, action, data, button, keys))
    settle()
    return True


def test_columns_are_the_open_stages_with_their_sums(stage: Stage, qtbot: QtBot) -> None:
    sample.programme(stage.world)
    stage.portal.drafts.start(DEAL, {"customer": "Ledbury Homes", "title": "Sales office Wi-Fi"})
    page, board = opened(stage, qtbot)
    assert [one.state for one in board.panes] == [
        "draft", "submitted", "under_review", "action_required", "pending_approval", "approved", "extension_requested",
    ]  # fmt: skip
    assert pane(board, "approved").list.accessibleName().startswith("Approved, 4, £")
    assert titles(pane(board, "draft").list) == ["Ledbury Homes"]
    first = pane(board, "approved").list.cards.cards[0]
    assert (first.amount[:1], first.due is not None) in {("£", True), ("€", True), ("U", True)}
    assert unnamed(page) == []
    page.search("Sableworks")
    settle()
    assert {title for one in board.panes for title in titles(one.list)} == {"Sableworks"}
    page.search("")
    settle()


def test_arrows_go_from_card_to_card_and_enter_opens(stage: Stage, qtbot: QtBot) -> None:
    world = stage.world
    one = world.deal("1", customer="Aldgate", state="submitted", updated_at="2026-11-20T10:00:02Z")
    world.deal("2", customer="Norvik", state="submitted", updated_at="2026-11-20T10:00:01Z")
    three = world.deal("3", customer="Tessel", state="approved", updated_at="2026-11-20T10:00:00Z")
    page, board = opened(stage, qtbot)
    assert page.detail.gid == one
    page.panes()[0].setFocus()
    here = board.window().focusWidget()
    assert here is pane(board, "submitted").list
    QTest.keyClick(here, Qt.Key.Key_Down)
    assert pane(board, "submitted").list.currentIndex().row() == 1
    QTest.keyClick(here, Qt.Key.Key_Right)
    here = board.window().focusWidget()
    assert here is pane(board, "approved").list, "columns without cards are passed by"
    assert page.detail.gid == one, "moving chooses nothing"
    QTest.keyClick(here, Qt.Key.Key_Return)
    assert page.detail.gid == three
    assert page.detail.reading.isVisibleTo(page)


def test_the_card_of_a_deal_one_comes_to_is_marked(stage: Stage, qtbot: QtBot) -> None:
    stage.world.deal("1", customer="Aldgate", state="submitted", updated_at="2026-11-20T10:00:02Z")
    two = stage.world.deal("2", customer="Tessel", state="approved", updated_at="2026-11-20T10:00:00Z")
    page, board = opened(stage, qtbot)
    page.arrive(Place(DEAL, gid=two))
    marked = {
        one.state: [one.list.gid_at(index.row()) for index in one.list.selectedIndexes()]
        for one in board.panes
    }
    assert {state: gids for state, gids in marked.items() if gids} == {"approved": [two]}
    assert pane(board, "draft").width() < pane(board, "approved").width(), "an empty stage leaves room"


def test_the_marked_card_comes_into_sight_once_and_what_arrives_moves_nothing(
    stage: Stage, qtbot: QtBot
) -> None:
    world = stage.world
    for number in range(20):
        at = f"2026-11-20T10:00:{number:02}Z"
        world.deal(f"a{number}", customer="Aldgate", state="approved", updated_at=at)
    page, board = opened(stage, qtbot, width=900)
    far = world.deal("far", customer="Far down", state="approved", updated_at="2026-11-01T10:00:00Z")
    stage.tell(RecordsChanged(frozenset({DEAL}), frozenset({far})))
    settle()
    cards = pane(board, "approved").list
    bar, down = board.area.horizontalScrollBar(), cards.verticalScrollBar()
    page.arrive(Place(DEAL, gid=far))
    qtbot.waitUntil(lambda: down.value() > 0)
    place = cards.visualRect(cards.cards.index(cards.cards.row_of(far), 0))
    assert cards.viewport().rect().contains(place)
    assert board.area.viewport().rect().contains(cards.mapTo(board.area.viewport(), cards.rect().center()))
    bar.setValue(0)
    down.setValue(0)
    last = world.deal("a0", title="Changed meanwhile")
    stage.tell(RecordsChanged(frozenset({DEAL}), frozenset({last})))
    settle()
    QTest.qWait(20)
    assert (bar.value(), down.value()) == (0, 0)


def test_a_card_is_dragged_where_a_command_leads_and_other_columns_say_why_not(
    stage: Stage, qtbot: QtBot
) -> None:
    gid = stage.world.deal(state="approved")
    page, board = opened(stage, qtbot)
    said = {state: move.words for state, move in stage.portal.boards.moves(gid).items()}
    assert said["extension_requested"] == "Ask to extend"
    board.begin_drag(gid)
    settle()
    assert pane(board, "extension_requested").list.may_drop
    assert not pane(board, "under_review").list.may_drop
    assert not drop(pane(board, "under_review").list, gid)
    assert drop(pane(board, "extension_requested").list, gid)
    assert page.detail.asking.isVisibleTo(page), "what the command asks for is asked, as by its button"
    assert not pane(board, "extension_requested").list.may_drop
    assert stage.world.sent() == []


def test_why_not_is_said_in_words(stage: Stage) -> None:
    words = {
        (state, to): move.words
        for state in ("submitted", "approved")
        for to, move in stage.portal.boards.moves(stage.world.deal(state=state)).items()
    }
    assert words["submitted", "under_review"] == "Halden decides this."
    assert words["approved", "submitted"] == "Only from draft and action required."
    assert words["approved", "pending_approval"] == "Not from approved."
    assert words["approved", "approved"] == "It is here now."


def test_a_long_column_counts_the_rest_and_shows_more(stage: Stage, qtbot: QtBot) -> None:
    day = stage.world.clock.now()
    with stage.world.store.transaction():
        for number in range(MOST_CARDS + 25):
            stage.world.deal(
                f"n{number}", customer=f"Customer {number}", state="submitted", owner=MAYA,
                updated_at=(day - timedelta(minutes=number)).isoformat().replace("+00:00", "Z"),
            )  # fmt: skip
    page, board = opened(stage, qtbot)
    column = pane(board, "submitted")
    assert column.list.cards.rowCount() == MOST_CARDS
    more = column.findChild(QPushButton, "board.more.submitted")
    assert isinstance(more, QPushButton)
    assert more.text() == "and 25 more"
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    settle()
    assert column.list.cards.rowCount() == MOST_CARDS + 25
    assert not more.isVisibleTo(page)


def test_a_list_without_stages_has_no_board(stage: Stage) -> None:
    assert make_board(stage.context, "document") is None
    assert isinstance(make_board(stage.context, "opportunity"), QWidget)
