"""What can be done on the page that is shown: the commands of its record, its buttons, its keys.

Usage: ``here(portal, page, place, go, say)`` gives commands for the palette; they do what the page itself would do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication

from app.contract.manifest import Job
from app.services.portal import Portal
from app.services.views_model import RecordView
from app.views.page import DERIVE, NEW, Page, Place, Toast
from app.views.shell.palette_source import Command

_ESCAPE = ("Esc", "Escape")


def here(
    portal: Portal,
    page: Page | None,
    go: Callable[[Place], None],
    say: Callable[[Toast], None],
    *,
    online: bool,
) -> list[Command]:
    """Return what the page offers now: first what concerns the record that is shown, then the page itself."""
    if page is None:
        return []
    place = page.place()
    record = portal.records.get(place.gid) if place is not None and place.gid else None
    found = _of_record(portal, record, go, say, online=online) if record is not None else []
    jobs = {job.label for job in portal.manifest.jobs}
    found += [
        Command(action.text, action.icon or "bolt", action.run, here=True)
        for action in page.head().actions
        if action.text not in jobs and not action.reason
    ]
    taken = {command.text for command in found}
    keys = page.keys()
    found += [
        Command(key.words, "keyboard", key.run, key.keys, here=True)
        for key in keys
        if key.keys not in _ESCAPE and key.words not in taken
    ]
    return found


def place_of(portal: Portal, job: Job, record: RecordView) -> Place | None:
    """Where a job begins with the record that is shown; None where that one does not allow it now."""
    if job.does == "derive" and job in portal.deriving.jobs(record.gid):
        return Place(NEW, entity=job.entity, focus=f"{DERIVE}{job.name}:{record.gid}")
    if job.does == "command" and job.entity == record.entity:
        possible = {command.name for command in portal.records.commands(record.gid)}
        if job.command in possible:
            return Place(record.entity, gid=record.gid, focus=f"command:{job.command}")
    return None


def _of_record(
    portal: Portal,
    record: RecordView,
    go: Callable[[Place], None],
    say: Callable[[Toast], None],
    *,
    online: bool,
) -> list[Command]:
    translate = QCoreApplication.translate
    waits = translate("Palette", "{does} (waits to send)")
    found = []
    jobs = [(job, place) for job in portal.manifest.jobs if (place := place_of(portal, job, record))]
    named = {job.command for job, _ in jobs if job.does == "command"}
    for command in portal.records.commands(record.gid):
        if command.name in named:
            continue
        words = command.label if online else waits.format(does=command.label)
        place = Place(record.entity, gid=record.gid, focus=f"command:{command.name}")
        found.append(Command(words, "bolt", partial(go, place), note=partial(str, record.title), here=True))
    for job, place in jobs:
        words = job.label if online or job.does == "derive" else waits.format(does=job.label)
        note = partial(str, record.title)
        found.append(Command(words, job.icon, partial(go, place), job.shortcut, note=note, here=True))
    link = portal.links.of(record)

    def copy() -> None:
        QGuiApplication.clipboard().setText(link)
        say(Toast(translate("Palette", "Link copied. It opens this where Counterpart is installed.")))

    if link:
        text = translate("Palette", "Copy link")
        found.append(
            Command(
                text,
                "link",
                copy,
                words=translate("Palette", "share url"),
                note=partial(str, record.title),
                here=True,
            )
        )
    return found
