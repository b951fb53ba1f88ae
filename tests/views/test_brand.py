"""A vendor's brand in the window: name, mark and colour come from the manifest, and nothing else does."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from app.contract.manifest import Brand
from app.views.main_window import MainWindow
from app.views.theme.brand_mark import mark_drawing, paint_tile
from app.views.theme.fonts import Role
from app.views.theme.theme import SchemeChoice, Theme
from tests.manifests import shipped
from tests.views.stage import Stage

GROUND, INK = "#2952C4", "#FFFFFF"


def tile(theme: Theme, mark: str, initial: str = "H") -> QImage:
    image = QImage(64, 64, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    brand = Brand.model_construct(vendor="Halden", initial=initial, mark=mark)
    paint_tile(painter, 64, brand, GROUND, INK, theme.font(Role.STRONG))
    painter.end()
    return image


def inked(image: QImage) -> float:
    """The share of a tile that is painted in the ink."""
    points = [(x, y) for x in range(0, 64, 2) for y in range(0, 64, 2)]
    return sum(image.pixelColor(x, y).lightness() > 200 for x, y in points) / len(points)


@pytest.mark.parametrize("name", ["partner", "customer", "client", "member"])
def test_a_mark_is_painted_in_white_on_the_accent_and_fills_its_tile(theme: Theme, name: str) -> None:
    image = tile(theme, shipped(name).brand.mark)
    assert image.pixelColor(32, 2) == QColor(GROUND)
    assert image.pixelColor(0, 0).alpha() == 0  # the corner is round
    assert 0.10 < inked(image) < 0.5


@pytest.mark.parametrize(
    "mark", ["", "   ", 'M0 0h24v24z"/><image href="file:///etc/passwd', "M0 0<g>", "&amp;", "M0 0'"]
)
def test_what_is_no_path_is_not_painted_and_the_initial_stands_there(theme: Theme, mark: str) -> None:
    assert mark_drawing(mark, INK) is None
    assert tile(theme, mark) == tile(theme, "")
    assert 0.01 < inked(tile(theme, mark)) < 0.15


def test_the_window_bears_the_vendors_name_mark_and_colour(stage: Stage, qtbot: QtBot) -> None:
    window = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(window)
    before = window.windowIcon().pixmap(32, 32).toImage()
    assert window.windowTitle() == "Halden Systems \u00b7 Counterpart"
    manifest = shipped("client", "manager")
    stage.world.store.adopt_manifest(manifest.model_dump_json(), "client")
    stage.portal.reload()
    stage.bridge.manifestChanged.emit()
    assert window.windowTitle() == "Ardent Studio \u00b7 Counterpart"
    icon = window.windowIcon()
    assert {size.width() for size in icon.availableSizes()} >= {16, 32, 48, 256}
    assert icon.pixmap(32, 32).toImage() != before
    assert stage.theme.tokens.accent_fill == manifest.brand.accent
    stage.theme.choose(SchemeChoice.DARK)
    assert stage.theme.tokens.accent != manifest.brand.accent  # lightened until it reads
    assert window.nav.head.accessibleName().startswith("Ardent Studio")
