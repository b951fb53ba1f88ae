"""What a decision has to say for itself above its content: decided, waiting, superseded, refused."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.services.deciding import Waiting
from app.services.format import moment_of
from app.services.portal import Portal
from app.services.views_model import RecordView
from app.views.records.record.notices import Told, told_of
from app.views.theme.tokens import Tone

NEWER, TAKE_BACK = "newer", "take_back"
_ICONS = {Tone.OK: "circle-check", Tone.BAD: "circle-x", Tone.ACCENT: "arrow-back-up"}


def decision_told(portal: Portal, record: RecordView, waiting: Waiting | None) -> list[Told]:
    """Return the cards of a record, the most pressing first."""
    found = told_of(portal, record)
    if portal.standing.verdict(record) is not None:
        # What was decided is told below, with who decided it.
        found = found[1:]
    if waiting is not None:
        return [*found, _waiting(portal, waiting)]
    if record.state == "superseded":
        return [*found, _superseded(portal, record)]
    decided = any(record.data.get(name) for name in ("decided_by", "decided_at", "reason"))
    if decided and record.state_label and not _mine_to_decide(portal, record):
        found.append(_decided(portal, record))
    elif record.data.get("reason") and record.state_label:
        before = _tr("What was said about the one before")
        found.append(Told("history", Tone.NEUTRAL, before, str(record.data["reason"])))
    return found


def _waiting(portal: Portal, waiting: Waiting) -> Told:
    back = ((TAKE_BACK, _tr("Take it back")),)
    if waiting.fits:
        title = _tr("{decision}, waits to send").format(decision=waiting.words)
        text = _tr("It counts only if nothing here changes before {vendor} has it.")
        return Told("clock", Tone.WARN, title, text.format(vendor=portal.vendor), (), back)
    title = _tr("What you decided on has changed since")
    text = _tr("Your decision will not count. Take it back, read what stands here now, and decide again.")
    return Told("arrows-diff", Tone.BAD, title, text, (), back)


def _mine_to_decide(portal: Portal, record: RecordView) -> bool:
    """Whether a new decision is asked for, so that an earlier one is history."""
    return any(command.binds for command in portal.records.commands(record.gid))


def _superseded(portal: Portal, record: RecordView) -> Told:
    newer = portal.records.get(str(record.data.get("superseded_by") or ""))
    actions = ((NEWER, _tr("Open the newer one")),) if newer is not None else ()
    lines = (f"{newer.number} · {newer.title}",) if newer is not None else ()
    return Told("history", Tone.NEUTRAL, record.state_label, state_explained(portal, record), lines, actions)


def state_explained(portal: Portal, record: RecordView) -> str:
    """Return what the manifest says about the state a record is in."""
    entity = portal.entity(record.entity)
    state = entity.lifecycle.state(record.state) if entity.lifecycle else None
    return state.explain if state else ""


def _decided(portal: Portal, record: RecordView) -> Told:
    by, at = str(record.data.get("decided_by") or ""), moment_of(record.data.get("decided_at"))
    you = by in (portal.me.name, portal.me.user)
    when = portal.formats.moment(at) if at else ""
    if by:
        title = _tr("{state} by {name}").format(state=record.state_label, name=_tr("you") if you else by)
    else:
        title = record.state_label
    tone = Tone(record.tone)
    reason = str(record.data.get("reason") or "")
    return Told(_ICONS.get(tone, "info-circle"), tone, title, when, (reason,) if reason else ())


def _tr(words: str) -> str:
    return QCoreApplication.translate("Decision", words)
