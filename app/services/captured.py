"""Times that this computer gave: a clock that is wrong by a day makes them wrong, and each says so where it stands.

A captured time is shown as the clock gave it. The doubt goes with it until the vendor's own time takes its place.
"""

from __future__ import annotations

from datetime import datetime

from app.services.context import PortalContext
from app.services.format import Formats
from app.services.views_model import Doubt
from app.store.conflicts import Conflict
from app.sync.skew import TOLERATED


def doubt(context: PortalContext, at: datetime, minutes: int) -> Doubt | None:
    """Return why a captured time is wrong, None where nothing speaks against it.

    `minutes`: by how much the clock was known to be ahead when it gave `at`; negative: behind.
    """
    tr = context.tr
    if minutes:
        words = tr("clock {span} ahead") if minutes > 0 else tr("clock {span} behind")
        text = (
            tr("By this computer’s clock, which was {span} ahead.")
            if minutes > 0
            else tr("By this computer’s clock, which was {span} behind.")
        )
        long = span(minutes, context.formats)
        return Doubt(words.format(span=long), text.format(span=long))
    if at - context.present() >= TOLERATED:
        # Nothing is entered later than now: it was ahead, though nobody knew at the time.
        return Doubt(tr("clock was ahead"), tr("By this computer’s clock, which was ahead."))
    return None


def doubt_of_mine(context: PortalContext, conflict: Conflict) -> Doubt | None:
    """Return why the time of an edit that clashed is wrong."""
    sent = context.store.outbox.settled(conflict.mutation_id)
    return doubt(context, conflict.mine_at, sent.clock_off if sent is not None else 0)


def span(minutes: int, formats: Formats) -> str:
    """*12 minutes*, *3 hours*, *1 day*: as coarse as one says it. The sign does not count."""
    tr, whole = formats.tr, abs(minutes)
    if whole < 120:
        return tr.plural(whole, "%n minute", "%n minutes")
    if whole < 22 * 60:
        return tr.plural(round(whole / 60), "%n hour", "%n hours")
    return tr.plural(round(whole / (24 * 60)), "%n day", "%n days")
