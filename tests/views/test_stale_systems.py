"""A system that cannot be reached, on the screen: over its own lists and in the sync centre, and nowhere else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.contract.changes import Source
from app.services.views_model import Mode, Status
from app.sync.events import StatusChanged
from app.views.main_window import MainWindow
from app.views.page import NEW, SYNC_CENTRE, Place
from app.views.sync_centre.page import SyncCentrePage
from app.views.widgets.freshness import Freshness
from app.views.widgets.text import Text
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, settle

WORDS = (
    "Orders: Odoo cannot be reached; as of 09:24 today. What you enter is kept here and sent when it is back."
)


def sources(stage: Stage, *, down: bool = True) -> tuple[Source, ...]:
    now = stage.world.clock.now()
    return (
        Source(system="crm", label="HubSpot", read_at=now, entities=("deal_registration", "request")),
        Source(
            system="erp",
            label="Odoo",
            read_at=now - timedelta(minutes=17),
            stale_reason="Odoo cannot be reached." if down else "",
            entities=("order", "invoice"),
        ),
    )


def tell(stage: Stage, *, mode: Mode = Mode.LIVE, down: bool = True) -> None:
    now = stage.world.clock.now()
    status = Status(mode, as_of=now, since=now, sources=sources(stage, down=down))
    stage.tell(StatusChanged(status))


@pytest.fixture
def window(stage: Stage, qtbot: QtBot) -> MainWindow:
    made = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(made)
    made.show()
    tell(stage)
    return made


def said(window: MainWindow) -> str:
    QApplication.processEvents()
    return window.banner.accessibleName() if window.banner.isVisible() else ""


def test_it_is_said_over_its_own_lists_alone(window: MainWindow) -> None:
    assert said(window) == ""
    window.go(Place("order"))
    assert said(window) == WORDS
    for other in ("deal_registration", "request", "task", SYNC_CENTRE):
        window.go(Place(other))
        assert said(window) == "", other
    assert window.bar.freshness.state is Freshness.PARTLY
    assert window.bar.freshness.text() == "Live · Odoo not reached"


def test_it_goes_when_the_system_is_back_and_comes_where_one_is(stage: Stage, window: MainWindow) -> None:
    window.go(Place("order"))
    tell(stage, down=False)
    assert said(window) == ""
    assert window.bar.freshness.state is Freshness.LIVE
    tell(stage)
    assert said(window) == WORDS


def test_being_offline_is_said_first(stage: Stage, window: MainWindow) -> None:
    window.go(Place("order"))
    tell(stage, mode=Mode.OFFLINE)
    assert said(window).startswith("Offline since")


def test_a_form_of_such_a_record_says_so_too(stage: Stage, window: MainWindow) -> None:
    now = stage.world.clock.now()
    crm = Source(system="crm", label="HubSpot", read_at=now, stale_reason="HubSpot cannot be reached.",
                 entities=("request",))  # fmt: skip
    stage.tell(StatusChanged(Status(Mode.LIVE, as_of=now, since=now, sources=(crm,))))
    window.go(Place(NEW, entity="request"))
    assert said(window).startswith("Requests: HubSpot cannot be reached")


def test_the_sync_centre_has_a_line_a_system(stage: Stage, qtbot: QtBot) -> None:
    page = SyncCentrePage(stage.context)
    qtbot.addWidget(page)
    stage.show(page)
    assert not page.systems.isVisible(), "where there is nothing more to say than the proof does"
    tell(stage)
    settle()
    assert page.systems.isVisible()
    texts = [text.text() for text in page.systems.findChildren(Text)]
    assert texts == [
        "Halden's systems", "1 not reached",
        "Odoo", "Orders and Invoices", "Odoo cannot be reached; as of 09:24 today.",
        "HubSpot", "Deals and Requests", "Last read at 09:41.",
    ]  # fmt: skip
    assert unnamed(page) == []
    assert follows_scheme(page, stage.theme)
    tell(stage, down=False)
    settle()
    assert [text.text() for text in page.systems.findChildren(Text)][1] == "all reached"
