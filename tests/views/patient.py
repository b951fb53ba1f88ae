"""pytest-qt's robot with more patience."""

from __future__ import annotations

from functools import partialmethod

from pytestqt.qtbot import QtBot

from tests.patience import PATIENCE

_MS = int(PATIENCE * 1000)


class PatientBot(QtBot):
    """pytest-qt's own gives up after five seconds, which is not always enough beside other tests."""

    waitUntil = partialmethod(QtBot.waitUntil, timeout=_MS)  # noqa: N815
    waitSignal = partialmethod(QtBot.waitSignal, timeout=_MS)  # noqa: N815
    waitSignals = partialmethod(QtBot.waitSignals, timeout=_MS)  # noqa: N815
