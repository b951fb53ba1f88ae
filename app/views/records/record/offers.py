"""What can be done with a record now, in the order of its buttons: commands, and records made from it."""

from __future__ import annotations

from dataclasses import dataclass

from app.services.portal import Portal

COMMAND, JOB = "command", "job"


@dataclass(frozen=True)
class Offer:
    """One thing to do. `kind` COMMAND gives the command `name`; JOB opens the form of the manifest's job `name`."""

    kind: str
    name: str
    label: str
    icon: str = ""
    tip: str = ""
    primary: bool = False

    @property
    def key(self) -> str:
        """Its object name: *detail.command.withdraw*."""
        return f"detail.{self.kind}.{self.name}"


def offers_of(portal: Portal, gid: str) -> tuple[Offer, ...]:
    """Return what fits a record: the next step first, then what else there is."""
    commands = [
        Offer(COMMAND, one.name, one.label, tip=one.explain, primary=one.primary)
        for one in portal.records.commands(gid)
    ]
    jobs = portal.deriving.jobs(gid)
    moving = [Offer(JOB, one.name, one.label, one.icon, primary=True) for one in jobs if one.then]
    making = [Offer(JOB, one.name, one.label, one.icon) for one in jobs if not one.then]
    first = [one for one in commands if one.primary]
    rest = [one for one in commands if not one.primary]
    return (*first, *moving, *rest, *making)
