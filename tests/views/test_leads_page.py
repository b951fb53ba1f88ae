"""Leads: an offer that runs out, accepting and declining with a reason, and a deal made from one; on line and off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.views.page import DERIVE, NEW, Place
from app.views.records.page import RecordsPage
from app.views.register.page import RegisterPage
from tests.services.conftest import COMPANY
from tests.views.stage import Stage, settle

LEAD = "lead"


def lead(stage: Stage, **changes: Any) -> str:
    data = {
        "number": "LD-0772",
        "company": COMPANY,
        "customer": "Fennimore Dairy",
        "need": "Branch routers with cellular failover at six sites, before the spring season.",
        "country": "IE",
        "website": "fennimore.example",
        "sites": 6,
        "state": "offered",
        "expires_at": "2026-11-25",
        "created_at": "2026-11-15T10:00:00Z",
        "updated_at": "2026-11-21T10:00:00Z",
    }
    return stage.world.put(LEAD, "fennimore", **{**data, **changes})


def opened(stage: Stage, qtbot: QtBot, gid: str) -> RecordsPage:
    page = RecordsPage(stage.context, LEAD)
    qtbot.addWidget(page)
    stage.show(page)
    page.arrive(Place(LEAD, gid=gid))
    QApplication.processEvents()
    return page


def named(page: QWidget, name: str) -> QPushButton:
    settle()
    found = [one for one in page.findChildren(QPushButton, name) if one.isVisibleTo(page)]
    assert found, f"no button {name}"
    return found[0]


def press(page: QWidget, name: str) -> None:
    QTest.mouseClick(named(page, name), Qt.MouseButton.LeftButton)
    settle()


def buttons(page: RecordsPage) -> list[str]:
    settle()
    return [one.text() for one in page.detail.head.findChildren(QPushButton) if one.isVisibleTo(page) and one.text()]


def words(page: QWidget) -> list[str]:
    settle()
    return [one.text() for one in page.findChildren(QLabel) if one.isVisibleTo(page) and one.text()]


def test_an_accepted_lead_becomes_a_deal_in_its_form(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    gid = lead(stage, state="working", contact_name="Aoife Byrne", contact_email="aoife@fennimore.example")
    page = opened(stage, qtbot, gid)
    assert buttons(page)[:2] == ["Register as a deal", "Mark as lost"]
    press(page, "detail.job.convert_lead")
    place = stage.gone[-1]
    assert place == Place(NEW, entity="deal_registration", focus=f"{DERIVE}convert_lead:{gid}")
    form = RegisterPage(stage.context)
    qtbot.addWidget(form)
    stage.show(form)
    form.arrive(place)
    settle()
    form.grab().save("/tmp/deals-derive.png")
    assert "From lead LD-0772 · Fennimore Dairy" in words(form)
