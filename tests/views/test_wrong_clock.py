"""A time that a wrong clock gave is marked where it stands, and the mark says why, to the eye and to the ear."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.bridge.outbox_model import OutboxModel
from app.bridge.roles import DataRole
from app.sync.events import ActivityAdded
from app.views.page import NEW, Place
from app.views.records.page import RecordsPage
from app.views.register.page import RegisterPage
from app.views.requests.page import RequestsPage
from app.views.sync_centre.page import SyncCentrePage
from app.views.widgets.doubt import DoubtMark
from app.views.widgets.messages import Comment
from app.views.widgets.timeline import EventRow
from tests.services.conftest import MAYA
from tests.services.test_captured import set_right, set_wrong
from tests.views.stage import Stage, settle

WHY = "By this computer’s clock, which was 1 day ahead."


def marks(widget: QWidget) -> list[tuple[str, str, str]]:
    """Tip, name and description of every mark that is there."""
    settle()
    return [
        (one.toolTip(), one.accessibleName(), one.accessibleDescription())
        for one in widget.findChildren(DoubtMark)
        if one.isVisibleTo(widget)
    ]


class Told:
    """Takes the place of the tip, which the platform without a screen cannot raise."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def showText(self, _at: QPoint, text: str, _of: QWidget) -> None:
        self.said.append(text)


@pytest.fixture
def wrong(stage: Stage) -> Stage:
    """The clock is a day ahead, and known to be."""
    stage.world.request()
    set_wrong(stage.world, 1)
    return stage


def test_a_message_bears_its_mark_until_the_vendors_time_is_there(wrong: Stage, qtbot: QtBot) -> None:
    gid = wrong.portal.records.rows(wrong.portal.records.ids("request")[:1])[0].gid
    done = wrong.portal.intents.message(gid, "On its way.")
    page = RequestsPage(wrong.context)
    qtbot.addWidget(page)
    wrong.show(page)
    page.arrive(Place("request", gid=gid))
    thread = page.conversation.messages
    assert marks(thread) == [(WHY, "clock 1 day ahead", WHY)]
    assert [one.accessibleDescription() for one in thread.bubbles][-1] == WHY
    set_right(wrong.world, 1)
    page.refresh()
    assert marks(thread) == [(WHY, "clock 1 day ahead", WHY)], "that time is as wrong as it was"
    message = thread.bubbles[-1].message.gid
    wrong.world.settle(done.mutation_id)
    wrong.world.put_at(
        message, "message", parent=gid, author=MAYA, body="On its way.", sent_at="2026-11-23T09:42:00Z"
    )
    page.refresh()
    assert marks(thread) == []
    assert [one.accessibleDescription() for one in thread.bubbles][-1] == ""


def test_comments_and_the_timeline_bear_it(
    wrong: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    monkeypatch.setattr("app.views.widgets.timeline.QToolTip", told)
    gid = wrong.world.deal()
    wrong.portal.intents.message(gid, "On its way.")
    wrong.portal.intents.edit(gid, {"next_steps": "Call"})
    page = RecordsPage(wrong.context, "deal_registration")
    qtbot.addWidget(page)
    wrong.show(page)
    page.arrive(Place("deal_registration", gid=gid))
    assert marks(page.detail) == [(WHY, "clock 1 day ahead", WHY)]
    assert [one.accessibleDescription() for one in page.detail.findChildren(Comment)] == [WHY]
    (row,) = [one for one in page.detail.findChildren(EventRow) if one.accessibleDescription()]
    assert row.accessibleDescription() == WHY
    where = QPoint(3, 3)
    QApplication.sendEvent(row, QHelpEvent(QEvent.Type.ToolTip, where, row.mapToGlobal(where)))
    assert told.said[-1].endswith(WHY)


def test_a_row_of_the_timeline_paints_it(wrong: Stage, qtbot: QtBot) -> None:
    wrong.world.store.activity.add(wrong.world.clock.now(), "offline", "Offline.")
    page = SyncCentrePage(wrong.context)
    qtbot.addWidget(page)
    wrong.show(page)
    (row,) = page.findChildren(EventRow)
    with_mark = row.grab().toImage()
    assert row.accessibleDescription() == WHY
    set_right(wrong.world, 1)
    wrong.world.store.activity.purge(wrong.world.clock.now().replace(year=2027))
    wrong.world.clock.go(days=1)
    wrong.world.store.activity.add(wrong.world.clock.now(), "offline", "Offline.")
    wrong.world.clock.go(days=-1)
    wrong.tell(ActivityAdded())
    page.refresh()
    assert "ahead" in row.accessibleDescription(), "nothing happens later than now"
    wrong.world.clock.go(days=1)
    page.refresh()
    assert row.accessibleDescription() == ""
    assert row.grab().toImage() != with_mark


def test_a_row_of_the_outbox_says_it(wrong: Stage) -> None:
    gid = wrong.world.deal()
    wrong.portal.intents.edit(gid, {"next_steps": "Call"})
    model = OutboxModel(wrong.portal)
    index = model.index(0)
    assert index.data(DataRole.DOUBT) == WHY
    assert index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == WHY
    set_right(wrong.world, 1)
    wrong.portal.intents.edit(gid, {"next_steps": "Write"})
    model.refresh()
    assert model.index(0).data(DataRole.DOUBT) is None


def test_a_form_says_so_of_when_it_was_saved(wrong: Stage, qtbot: QtBot) -> None:
    gid = wrong.portal.drafts.start("deal_registration", {"customer": "Kestrel"})
    page = RegisterPage(wrong.context)
    qtbot.addWidget(page)
    wrong.show(page)
    page.arrive(Place(NEW, entity="deal_registration", gid=gid))
    assert marks(page) == [(WHY, "clock 1 day ahead", WHY)]
    set_right(wrong.world, 1)
    page._save()
    assert marks(page) == []
