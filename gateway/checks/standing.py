"""How database, source systems and audit log stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.audit_walk import Verdict
from gateway.checks.finding import Finding, know, mend
from gateway.report import Report

#: How far two clocks may be apart before it is spoken of, and before it must be mended.
SKEW_KNOWN = timedelta(seconds=5)
SKEW_MOST = timedelta(seconds=60)

#: Mutations that may be open; more than that are not being finished.
OPEN_MOST = 1_000


@dataclass(frozen=True)
class Stored:
    """A database as it is found. `wrong`: why it cannot be read; `revision`: None where there are no tables."""

    where: str
    exists: bool = True
    wrong: str = ""
    revision: str | None = None
    behind: bool = False
    ahead: bool = False
    version: str = ""
    skew: timedelta = timedelta(0)


def check_stored(found: Stored) -> list[Finding]:
    """Check a database."""
    if not found.exists:
        cause, remedy = f"There is no database {found.where}.", "Start the gateway once; it makes it."
        return [mend("database_missing", cause, remedy)]
    if found.wrong:
        cause = f"The database {found.where} cannot be used: {found.wrong}"
        remedy = "Correct the setting database, start the server, or let this user in."
        return [mend("database_unreachable", cause, remedy)]
    findings = []
    if found.behind:
        cause = f"The database {found.where} stands at {found.revision or 'nothing'}, and lacks migrations."
        findings.append(mend("database_behind", cause, "Start the gateway; it brings the database up."))
    if found.ahead:
        cause = f"The database {found.where} stands at {found.revision}, which this version does not know."
        findings.append(know("database_ahead", cause, "Bring this process up to the others' version."))
    return [*findings, *check_skew("database", found.where, found.skew)]


def check_skew(what: str, name: str, skew: timedelta) -> list[Finding]:
    """Check how far another clock is from this machine's."""
    if abs(skew) < SKEW_KNOWN:
        return []
    say = mend if abs(skew) >= SKEW_MOST else know
    cause = f"The clock of {name} is {skew.total_seconds():+.0f} s off this machine's."
    return [say(f"clock_{what}", cause, "Have both set by NTP (chrony, systemd-timesyncd).")]


def check_report(found: Report) -> list[Finding]:
    """Check what the gateway says of itself and its systems."""
    findings = []
    for system in found.systems:
        if not system.reachable:
            cause, remedy = f"{system.label}: {system.problem}", "Look at its address, key and limits."
            findings.append(mend("system_unreachable", cause, remedy))
        elif system.late:
            when = system.read_at or "never"
            cause = f"{system.label} was read completely {f'at {when}' if system.read_at else when}."
            remedy = "See whether the gateway runs, and its log for what holds the lanes up."
            findings.append(mend("lane_late", cause, remedy))
        for obj, (missing, live) in system.held.items():
            cause = f"{missing} of {live} {obj} rows are missing in {system.label}, and are kept for now."
            named = f" --system {system.system}" if len(found.systems) > 1 else ""
            remedy = f"If that is right: counterpart-gateway sweep {obj}{named} --yes"
            findings.append(mend("sweep_held", cause, remedy))
    for line in found.set_aside:
        remedy = "Correct the row at its source, or the mapping; then: counterpart-gateway retry"
        findings.append(mend("dead_letter", f"Not understood: {line}", remedy))
    if found.open_mutations > OPEN_MOST:
        cause = f"{found.open_mutations} mutations are received and not done."
        findings.append(mend("ledger_open", cause, "See the log for what keeps them from being done."))
    return findings


def check_audit(found: Verdict) -> list[Finding]:
    """Check the audit log."""
    if found.broken is None:
        return []
    cause = f"The audit log is broken at entry {found.broken}: {found.why}"
    remedy = "Keep this database as it is, find out who had access, and see docs/security-gateway.md."
    return [mend("audit_broken", cause, remedy)]


def since_for_tail(now: datetime) -> datetime:
    """Return from when on the audit log is checked each time: its tail. All of it: `audit verify`."""
    return now - timedelta(days=1)
