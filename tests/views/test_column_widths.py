"""Columns are as wide as what they hold needs, in every list of every portal; the rest goes to the words."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.bridge.models import RecordListModel
from app.contract.manifest import Column, FieldType, effective
from app.contract.mutations import Kind
from app.views.delegates.roles import cells_of
from app.views.records.halves import LIST_WIDTH
from app.views.records.listing.columns import ListColumns
from app.views.records.page import RecordsPage
from app.views.theme.theme import Theme
from app.views.widgets.column_widths import Need, shared
from app.views.widgets.record_table import RecordTable
from gateway.portals import PORTALS, load_portal, shipped
from tests.views.bad_days import Content, fill
from tests.views.stage import Stage, open_stage

NAME, WORDS = Need(96, 160, 190, share=3), Need(96, 130, 300, share=1)


@pytest.mark.parametrize(
    ("needs", "room", "expected"),
    [
        pytest.param((NAME, Need(80), WORDS), 250, [96, 80, 96], id="too little for the least"),
        pytest.param((NAME, Need(80), WORDS), 312, [116, 80, 116], id="words grow alike"),
        pytest.param((NAME, Need(80), WORDS), 370, [160, 80, 130], id="until most of them fit"),
        pytest.param((NAME, Need(80), WORDS), 470, [190, 80, 200], id="then until all do"),
        pytest.param((NAME, Need(80, wanted=100), WORDS), 590, [190, 100, 300], id="then figures"),
        pytest.param((NAME, Need(80), WORDS), 650, [250, 80, 320], id="and words share the rest"),
        pytest.param((Need(80), Need(60)), 200, [80, 120], id="or the last one has it"),
        pytest.param((), 200, [], id="no columns"),
    ],
)
def test_room_is_shared(needs: tuple[Need, ...], room: int, expected: list[int]) -> None:
    assert shared(needs, room) == expected


def may_be_cut(stage: Stage, entity: str, column: Column) -> bool:
    spec = stage.portal.entity(entity).field(column.field)
    short = (FieldType.INTEGER, FieldType.BOOLEAN, FieldType.CURRENCY)
    return column.show in ("name", "file") or (
        column.show == "text" and (spec is None or spec.type not in short)
    )


@pytest.mark.parametrize("name", PORTALS)
def test_in_no_list_is_a_figure_a_day_or_a_state_cut(
    name: str, theme: Theme, tmp_path: Path, qtbot: QtBot
) -> None:
    manifest = load_portal(shipped(name))
    role = next(one.name for one in manifest.roles if one.side == "partner")
    stage = open_stage(tmp_path, theme, role=role, manifest=effective(manifest, role))
    try:
        fill(stage.world, stage.portal.manifest, Content(grim=True, states=True))
        for entity in stage.portal.manifest.entities:
            if not entity.nav or not entity.list.columns:
                continue
            model = RecordListModel(stage.portal, entity.name)
            table = RecordTable(theme, entity.plural)
            qtbot.addWidget(table)
            table.setModel(model)
            columns = ListColumns(theme, stage.portal, entity.name, model, table)
            table.resize(LIST_WIDTH, 400)
            table.show()
            model.set_view()
            columns.apply()
            assert model.rowCount(), entity.name
            assert table.head.length() <= table.viewport().width(), entity.name
            for at, column in enumerate(model.columns):
                head = table.head.natural_width(
                    column.label, first=at == 0, last=at == len(model.columns) - 1
                )
                assert table.columnWidth(at) >= head, (entity.name, column.label)
                if may_be_cut(stage, entity.name, column):
                    continue
                for row in range(model.rowCount()):
                    cell = cells_of(model.index(row, 0))[at]
                    assert table.columnWidth(at) >= table.cells.natural_width(cell, at), (entity.name, cell)
    finally:
        stage.close()


def test_a_column_grows_with_what_comes_and_stays_where_it_was_drawn(stage: Stage, qtbot: QtBot) -> None:
    deal = stage.world.deal(customer="Kestrel Foods", title="Branch edge")
    page = RecordsPage(stage.context, "deal_registration")
    qtbot.addWidget(page)
    stage.show(page)
    sync = page.model.columnCount() - 1
    before = page.table.columnWidth(0)
    stage.world.deal("long", customer="Donaumonarchie Schifffahrtsgesellschaft", title="x" * 60)
    page.refresh()
    assert page.table.columnWidth(0) > before
    page.table.column_drawn.emit(0, 150)
    page.tools.columns._keep_widths()
    page.tools.columns.apply()
    assert page.table.columnWidth(0) == 150
    stage.portal.intents.command(deal, "ask_extension", {"until": "2027-03-31", "note": "Late site."})
    page.refresh()
    assert stage.world.sent()[0].kind is Kind.COMMAND
    waits = cells_of(page.model.index(page.model.row_of(deal), 0))[sync]
    assert waits.text == "Waiting to send"
    assert page.table.columnWidth(sync) >= page.table.cells.natural_width(waits, sync)
    assert page.table.columnWidth(0) == 150


def test_figures_of_the_last_column_end_where_their_head_does(stage: Stage, qtbot: QtBot) -> None:
    stage.world.deal()
    page = RecordsPage(stage.context, "deal_registration")
    qtbot.addWidget(page)
    stage.show(page)
    for name in ("state", ":sync", "protected_until"):
        QTest.keyClick(page.table, Qt.Key.Key_Home)
        columns = page.tools.columns
        columns.panel.toggled.emit(name, False)
    last = (0, 500)
    assert page.model.columns[-1].show == "money"
    assert page.table._before_corner(last) == (0, 500 - (page.table.head.corner - 8))
