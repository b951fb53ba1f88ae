"""Waiting for what comes from another thread or process, for as long as a busy machine may take.

A test that passes waits no longer than it has to; only one that fails waits so long.
"""

from __future__ import annotations

from functools import partialmethod

from pytestqt.qtbot import QtBot

#: Milliseconds after which something is taken not to come any more.
PATIENCE = 30_000


class PatientBot(QtBot):
    """pytest-qt's own gives up after five seconds, which is not always enough beside other tests."""

    waitUntil = partialmethod(QtBot.waitUntil, timeout=PATIENCE)  # noqa: N815
    waitSignal = partialmethod(QtBot.waitSignal, timeout=PATIENCE)  # noqa: N815
    waitSignals = partialmethod(QtBot.waitSignals, timeout=PATIENCE)  # noqa: N815
