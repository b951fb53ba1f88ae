"""The first sync: figures that are true, what is ready opens, and it can be held."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.services.views_model import DocState, FirstSyncProgress, Mode, Status
from app.sync.events import StatusChanged
from app.views.page import Place
from app.views.welcome.first_sync import FirstSyncPage
from app.views.widgets.buttons import Button
from tests.views import sample
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, settle

PART = FirstSyncProgress(
    done=41_280,
    total=64_524,
    rate=3_940.0,
    remaining=5.9,
    by_entity={
        "company": (3, 3),
        "deal_registration": (402, 402),
        "lead": (1, 1),
        "renewal": (96, 96),
        "request": (300, 300),
        "task": (12, 12),
        "order": (4_210, 5_991),
        "invoice": (0, 30),
        "document": (0, 120),
        "message": (36_268, 57_000),
        "file": (0, 611),
    },
)


@pytest.fixture
def page(stage: Stage, qtbot: QtBot) -> FirstSyncPage:
    now = stage.world.clock.now()
    stage.tell(StatusChanged(Status(Mode.FIRST_SYNC, None, now)))
    made = FirstSyncPage(stage.context)
    qtbot.addWidget(made)
    return made


def said(page: FirstSyncPage) -> list[str]:
    settle()
    return [row.accessibleName() for row in page._rows.values()]


def test_before_the_first_answer_nothing_is_made_up(stage: Stage, page: FirstSyncPage) -> None:
    stage.show(page)
    assert page._figure.text() == "Asking Halden what is yours"
    assert page._rate.text() == ""
    assert all(words.endswith("Next") for words in said(page))
    assert not page.keep.isVisibleTo(page), "no document is known yet"


def test_figures_rate_and_what_remains(stage: Stage, page: FirstSyncPage) -> None:
    stage.show(page)
    stage.tell(PART)
    assert page._figure.text() == "41,280  of 64,524 records"
    assert page._rate.text() == "3,940 a second · about 6\u00a0s left"
    assert page._bar.value() == 640


def test_rows_say_what_is_ready_coming_and_next(stage: Stage, page: FirstSyncPage) -> None:
    stage.show(page)
    stage.tell(PART)
    assert said(page) == [
        "Deals, 402 records, Ready",
        "Leads, 1 record, Ready",
        "Renewals, 96 records, Ready",
        "Requests, 300 records, Ready",
        "Tasks, 12 records, Ready",
        "Orders, 4,210 of 5,991, Coming in",
        "Messages, files and more, 36,271 of 57,614, Coming in",
        "Approvals, Next",
        "Co-selling, Next",
        "Documents, 120 to come, Next",
        "Invoices, 30 to come, Next",
    ]


def test_what_is_ready_opens_meanwhile(stage: Stage, page: FirstSyncPage) -> None:
    stage.show(page)
    stage.tell(PART)
    settle()
    link = next(b for b in page.findChildren(Button) if b.text() == "Open leads")
    QTest.mouseClick(link, Qt.MouseButton.LeftButton)
    assert stage.gone == [Place("lead")]
    assert not [b for b in page.findChildren(Button) if b.text() == "Open orders" and b.isVisibleTo(page)]


def test_it_can_be_held_and_goes_on(stage: Stage, page: FirstSyncPage) -> None:
    stage.show(page)
    stage.tell(PART)
    QTest.mouseClick(page._pause, Qt.MouseButton.LeftButton)
    assert stage.loop.paused == [True]
    assert page._pause.text() == "Go on"
    assert page._hint.text().startswith("Paused.")
    assert page._rate.text() == "", "nothing moves, so no rate is told"
    QTest.mouseClick(page._pause, Qt.MouseButton.LeftButton)
    assert stage.loop.paused == [True, False]
    assert page._pause.text() == "Pause"


def test_a_lost_network_is_told_with_what_is_kept(stage: Stage, page: FirstSyncPage) -> None:
    stage.show(page)
    stage.tell(PART)
    now = stage.world.clock.now()
    stage.tell(StatusChanged(Status(Mode.FIRST_SYNC, None, now, cause="The gateway cannot be reached.")))
    assert page._hint.text() == "The gateway cannot be reached. What has come is kept; it goes on from here."


def test_documents_are_kept_on_asking(stage: Stage, page: FirstSyncPage) -> None:
    gid = sample.document(stage.world, "prices", sample.price_list(), here=False)
    stage.show(page)
    assert page.keep.isVisibleTo(page)
    assert "1 file" in page.keep._text.text()
    QTest.mouseClick(page.keep.keep, Qt.MouseButton.LeftButton)
    assert stage.portal.documents.state(gid).state is DocState.QUEUED
    assert page.keep._title.text() == "Documents are kept offline"
    page.refresh()
    assert page.keep._title.text() == "Documents are kept offline", "a refresh does not offer it again"
    QTest.mouseClick(page.keep.choose, Qt.MouseButton.LeftButton)
    assert stage.gone == [Place("document")]


def test_everything_is_named_and_follows_the_scheme(stage: Stage, page: FirstSyncPage) -> None:
    stage.show(page)
    stage.tell(PART)
    settle()
    assert page.head().title == "Welcome, Maya"
    assert unnamed(page) == []
    assert follows_scheme(page, stage.theme)
