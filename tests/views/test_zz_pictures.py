from PySide6.QtWidgets import QApplication
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from app.views.main_window import MainWindow
from app.views.page import Place
from app.views.theme.theme import SchemeChoice
from app.contract.manifest import Filter
from app.services.columns import Chosen
from app.services.going import Going
from tests.views import sample
from tests.views.stage import Stage, settle

DEAL = "deal_registration"
OUT = "/tmp/lists_pics/"


def test_pictures(stage: Stage, qtbot):
    sample.programme(stage.world)
    w = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(w)
    w.resize(1280, 800)
    w.show()
    w.go(Place(DEAL))
    settle()
    page = w.current
    w.grab().save(OUT + "deals.png")
    page.table.choose_row(1)
    QTest.keyClick(page.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(page.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(page.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    page.marking.look()
    settle()
    w.grab().save(OUT + "marked.png")
    stage.theme.choose(SchemeChoice.DARK)
    settle()
    w.grab().save(OUT + "marked-dark.png")
    stage.theme.choose(SchemeChoice.LIGHT)
    settle()
    going = Going(100000)
    going.done = 12400
    page.tools.watch.start(going, "Exported {done} of {total}", stage.portal.formats.number)
    page.tools.watch._look()
    settle()
    w.grab().save(OUT + "progress.png")
    page.tools.watch.end()
    page.marking.clear()
    page.tools.columns.open_panel()
    settle()
    page.tools.columns.panel.grab().save(OUT + "columns.png")
    page.tools.columns.panel.hide()
    page.tools.filters.open()
    settle()
    row = page.tools.filters.panel.conditions[0]
    row.show_condition(Filter(op="in", field="state", values=("approved", "submitted")))
    page.tools.filters.panel._add(Filter(op="within_days", field="protected_until", days=30))
    page.tools.filters.panel._on_edited()
    page.tools.filters._count()
    page.tools.filters.panel.show_below(page.tools.filters.button)
    settle()
    page.tools.filters.panel.grab().save(OUT + "filter.png")
    stage.theme.choose(SchemeChoice.DARK)
    settle()
    page.tools.filters.panel.grab().save(OUT + "filter-dark.png")
    stage.theme.choose(SchemeChoice.LIGHT)
    settle()
    page.tools.filters.panel._save()
    settle()
    stage.portal.columns.choose(
        DEAL,
        [
            Chosen("customer"),
            Chosen("title"),
            Chosen("amount"),
            Chosen("country"),
            Chosen("updated_at"),
            Chosen("target_close"),
            Chosen("type"),
            Chosen(":sync"),
        ],
    )
    page.model.read_columns()
    page.tools.columns.apply()
    page.refresh()
    settle()
    w.grab().save(OUT + "own.png")
    page.table.choose_row(0)
    QTest.keyClick(page.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    page.marking.look()
    settle()
    from app.services.bulk import Offer

    offers = [o for o in stage.portal.bulk.offers(DEAL, page.marking.ids()) if o.command.args]
    if offers:
        page.marking.run(offers[0])
        settle()
        w.grab().save(OUT + "form.png")
        page.marking._end_form()
    w.resize(1000, 700)
    settle()
    w.grab().save(OUT + "narrow.png")
