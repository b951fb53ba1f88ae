"""What was found, as lines for a person on the phone with support, and as JSON that stays of one shape."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from app.contract.said import said
from app.contract.version import RELEASE
from app.services.doctor.finding import NAMES, Finding, State
from app.services.words import Words
from app.session.logbook.redacting import Redactor

#: Goes up when a field changes its meaning; new fields may come at any time.
FORM = 1

_MARKS = {State.OK: "ok", State.WARN: "LOOK", State.BAD: "BAD", State.UNKNOWN: "?"}
_WIDTH = 5
_WELL = said("Nothing has to be mended.")


def is_well(findings: Sequence[Finding]) -> bool:
    """Whether nothing keeps Counterpart from working."""
    return all(finding.state is not State.BAD for finding in findings)


def as_json(findings: Sequence[Finding], now: datetime, redactor: Redactor) -> dict[str, Any]:
    """Return `form`, `release`, `at`, `ok` and `findings`; each with `name`, `state`, `about`, `what`, `mend`, `facts`.

    The words are English, whatever the reader speaks.
    """
    found: dict[str, Any] = {
        "form": FORM,
        "release": RELEASE,
        "at": now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "ok": is_well(findings),
        "findings": [
            {
                "name": one.name.value,
                "state": one.state.value,
                "about": one.about,
                "what": str(one.what),
                "mend": str(one.mend),
                "facts": dict(one.facts),
            }
            for one in findings
        ],
    }
    redacted: dict[str, Any] = redactor.value(found)
    return redacted


def as_lines(findings: Sequence[Finding], words: Words, redactor: Redactor) -> list[str]:
    """Return one or two lines for each: how it stands, what is so, and how to mend it."""
    lines: list[str] = []
    for one in findings:
        name = words(NAMES[one.name])
        about = f" ({one.about})" if one.about else ""
        lines.append(f"{_MARKS[one.state]:{_WIDTH}} {name}{about}: {redactor.text(words(one.what))}")
        if one.mend:
            lines.append(f"{'':{_WIDTH}} → {redactor.text(words(one.mend))}")
    return [*lines, "", summed_up(findings, words)]


def summed_up(findings: Sequence[Finding], words: Words) -> str:
    """Return what it comes to, in a sentence."""
    bad = sum(one.state is State.BAD for one in findings)
    look = sum(one.state is State.WARN for one in findings)
    if bad:
        return words.plural(bad, "%n thing has to be mended.", "%n things have to be mended.")
    if look:
        return words.plural(look, "It works; look at %n thing.", "It works; look at %n things.")
    return words(_WELL)
