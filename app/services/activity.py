"""The activity list: what went back and forth, one line each."""

from __future__ import annotations

from collections.abc import Mapping

from app.contract.manifest import Tone
from app.services.captured import doubt
from app.services.context import PortalContext
from app.services.views_model import ActivityLine

#: Icon and tone by the kind of line the engine writes.
_LOOKS: Mapping[str, tuple[str, str]] = {
    "sent": ("arrow-up", Tone.ACCENT),
    "applied": ("arrow-up", Tone.ACCENT),
    "received": ("check", Tone.OK),
    "pulled": ("arrow-down", Tone.NEUTRAL),
    "merged": ("git-merge", Tone.ACCENT),
    "conflict": ("mark-conflict", "clash"),
    "rejected": ("mark-rejected", Tone.BAD),
    "quarantined": ("mark-quarantined", Tone.BAD),
    "gone": ("trash", Tone.NEUTRAL),
    "revoked": ("eye-off", Tone.WARN),
    "offline": ("wifi-off", Tone.WARN),
    "online": ("wifi", Tone.OK),
    "proof": ("circle-check", Tone.OK),
    "repaired": ("refresh", Tone.WARN),
    "removed": ("trash", Tone.WARN),
    "incident": ("alert-triangle", Tone.WARN),
    "download": ("download", Tone.NEUTRAL),
    "upload": ("upload", Tone.ACCENT),
    "sign_in": ("login", Tone.WARN),
    "problem": ("alert-triangle", Tone.BAD),
}


def lines(context: PortalContext, limit: int) -> list[ActivityLine]:
    """Return the latest lines, newest first."""
    found = []
    for line in context.store.activity.recent(limit):
        icon, tone = _LOOKS.get(line.kind, ("info-circle", Tone.NEUTRAL))
        why = doubt(context, line.at, line.clock_off)
        found.append(ActivityLine(line.at, icon, tone, context.tr(line.text), line.gid or "", line.kind, why))
    return found
