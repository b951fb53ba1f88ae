"""What the frozen app carries, decided by file name."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, PACKAGING / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


slim = _module("slim")

FILES = [
    ("PySide6/Qt/plugins/platforms/libqoffscreen.so", True),
    ("PySide6/Qt/plugins/platforms/libqeglfs.so", False),
    ("PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so", False),
    ("PySide6/Qt/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so", True),
    ("PySide6\\\\plugins\\\\platforms\\\\qwindows.dll", True),
    ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
    ("PySide6/Qt/plugins/sqldrivers/libqsqlite.so", False),
    ("PySide6/Qt/translations/qtbase_de.qm", True),
    ("PySide6/Qt/translations/qtbase_fr.qm", False),
    ("libQt6Quick.so.6", False),
    ("libQt6Widgets.so.6", True),
    ("QtCharts.abi3.so", False),
    ("resources/fonts/Inter-Regular.ttf", True),
    ("sqlcipher3/_sqlite3.so", True),
]


@pytest.mark.parametrize(("name", "kept"), FILES)
def test_a_file_is_kept_or_left_out(name: str, kept: bool) -> None:
    assert slim.wanted(name.replace("\\\\", "\\")) is kept


def test_nothing_forbidden_is_ever_kept() -> None:
    for word in slim.FORBIDDEN:
        assert not slim.wanted(f"PySide6/Qt/plugins/platforms/qoffscreen_{word}.so")
