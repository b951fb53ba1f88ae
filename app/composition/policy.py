"""The command that says what an organisation set for this computer, and where that stands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from app.composition.report import Report
from app.session.policy.here import managed_here, places_here
from app.session.policy.schema import Managed
from app.session.policy.settings import SETTINGS

_BUILT_IN = "built in"


def policy_command(
    as_json: Annotated[bool, typer.Option("--json", help="Answer with one JSON value.")] = False,
) -> None:
    """Say what an organisation set for this computer, where that stands, and what of it is not understood."""
    report = policy_report(managed_here(), places_here())
    typer.echo(json.dumps(report.data, ensure_ascii=False) if as_json else "\n".join(report.lines))
    raise typer.Exit(0 if report.ok else 1)


def policy_report(managed: Managed, looked_at: Sequence[str] = ()) -> Report:
    """Return each value, where it comes from, and problems; it is well when there are none.

    `looked_at`: the places there are. Where none of them says anything, IT may have written to another.
    """
    values = {setting.key: _entry(managed, setting.name) for setting in SETTINGS}
    lines = [f"Set by: {managed.source}" if managed.source else "Nobody manages this computer."]
    if looked_at and not managed.source:
        lines.append(f"Looked at: {'; '.join(looked_at)}")
    lines += [_line(key, entry) for key, entry in values.items()]
    lines += [f"Not understood: {problem}" for problem in managed.problems]
    if managed.blocking:
        lines.append(
            "Counterpart stays closed until that is mended, since it may restrict what can be done here."
        )
    data = {
        "source": managed.source,
        "looked_at": [*looked_at],
        "values": values,
        "problems": [str(problem) for problem in managed.problems],
        "blocking": [str(problem) for problem in managed.blocking],
    }
    return Report(not managed.problems, data, tuple(lines))


def _entry(managed: Managed, name: str) -> dict[str, Any]:
    value = getattr(managed.policy, name)
    if name == "proxy":
        from app.sync.proxies import without_password  # noqa: PLC0415  # with all of HTTP; this is read at every start

        value = without_password(value)
    said_by = (
        "forced" if managed.forces(name) else "recommended" if name in managed.recommended else _BUILT_IN
    )
    return {
        "value": list(value) if isinstance(value, tuple) else value,
        "from": said_by,
        "place": managed.places.get(name, ""),
    }


def _line(key: str, entry: dict[str, Any]) -> str:
    value = json.dumps(entry["value"], ensure_ascii=False)
    place = f", {entry['place']}" if entry["place"] else ""
    return f"{key:20} {value}   ({entry['from']}{place})"
