"""What `counterpart update` does: looks for a newer version, puts it in place, or goes back to the one before."""

from __future__ import annotations

from typing import Any

from app.composition.report import Report
from app.services.updating import UpdateView, Updating, off_words


def update(updating: Updating, *, check: bool = False, back: bool = False) -> Report:
    """Run it. `check`: look only. `back`: go back. Raises contract errors."""
    if back:
        left = updating.go_back()
        return _went_back(updating.view(), left)
    view = updating.check(take=not check)
    return Report(True, _data(view), _lines(view, updating.source))


def _went_back(view: UpdateView, left: str) -> Report:
    if not left:
        return Report(
            False, _data(view), (f"{view.running} was installed; there is no version before it here.",)
        )
    line = f"Version {left} is left: the next start runs the one before, and {left} is not taken again."
    return Report(True, {**_data(view), "left": left}, (line,))


def _lines(view: UpdateView, by: str) -> tuple[str, ...]:
    lines = [f"Counterpart {view.running}"]
    if view.off is not None:
        return (*lines, off_words(view.off, by))
    lines.append(f"Channel: {view.channel.value}{', set by your organisation' if view.forced else ''}")
    if view.set_back:
        lines.append(f"Version {view.set_back} did not come up and was set back.")
    if view.found:
        lines.append(view.found)
    if view.ready is not None:
        lines.append(f"Version {view.ready.version} is ready; it starts next time.")
        lines += [line for line in view.ready.notes_in("en").splitlines() if line]
    return tuple(lines)


def _data(view: UpdateView) -> dict[str, Any]:
    return {
        "running": view.running,
        "channel": view.channel.value,
        "forced": view.forced,
        "off": view.off.value if view.off else None,
        "checked_at": view.checked_at.isoformat() if view.checked_at else None,
        "ready": view.ready.version if view.ready else None,
        "found": str(view.found),
        "set_back": view.set_back or None,
    }
