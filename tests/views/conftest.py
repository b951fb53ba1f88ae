"""What every page test is given: the theme over the application, and a stage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.views.shell.traces import destructible_windows
from app.views.theme.theme import Theme
from tests.themed import themed
from tests.views.patient import PatientBot
from tests.views.stage import Stage, open_stage


@pytest.fixture(autouse=True)
def _emptied() -> Iterator[None]:
    """A test's windows go with it: what is left is styled, laid out and drawn again by every test that follows."""
    yield
    if QApplication.instance() is None:
        return
    for left in destructible_windows():
        left.deleteLater()
    # Only an event loop would carry them out by itself, and few tests run one.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> PatientBot:
    return PatientBot(request)


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    with themed(qapp) as made:
        yield made


@pytest.fixture
def stage(tmp_path: Path, theme: Theme) -> Iterator[Stage]:
    made = open_stage(tmp_path, theme)
    yield made
    made.close()


@pytest.fixture(scope="session", autouse=True)
def _collected() -> Iterator[None]:
    """A window that opens has the collector pass over what is there; what tests left behind is collected at the end."""
    yield
    if QGuiApplication.instance() is not None:
        QGuiApplication.clipboard().clear()  # what Python made for it cannot outlive Python
    gc.unfreeze()
    gc.collect()
