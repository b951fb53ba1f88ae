"""Looking at the source systems as they are: whether they answer, and whether their objects fit the mapping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.contract.manifest import Manifest
from gateway.checks.finding import Finding, know, mend
from gateway.checks.fitting import Misfit, misfits, wanted_of
from gateway.crm.budget import Priority, spending
from gateway.crm.port import CrmBusy, CrmError, CrmRefused, CrmUnauthorised, CrmUnavailable, DescribesObjects
from gateway.systems import System

#: What is found where a system could not be asked.
NOT_ASKED = frozenset({"system_unauthorised", "system_unreachable", "system_busy"})


def look_at_system(system: System, manifest: Manifest) -> tuple[list[Finding], list[Misfit]]:
    """Hold a system's mapping against what the system says now. What cannot be found out is a finding, too."""
    port, label = system.port, system.port.label
    if not isinstance(port, DescribesObjects):
        return [], []
    try:
        with spending(Priority.READ):
            schemas = {obj: port.describe(obj) for obj in system.mapping.objects()}
    except CrmUnauthorised as error:
        remedy = f"Correct the credentials of systems.{system.name}, or give them the rights docs/connectors.md names."
        return [mend("system_unauthorised", str(error), remedy)], []
    except CrmBusy as error:
        return [know("system_busy", str(error), "Look again later.")], []
    except CrmError as error:
        cause = str(error) or f"{label} cannot be asked ({type(error).__name__})."
        remedy = (
            "See to it, or to the way there. Partners go on with what is known, and what they send waits."
        )
        return [mend("system_unreachable", cause, remedy)], []
    found = misfits(system.mapping, manifest, schemas)
    return [one.finding for one in found], found


def make_missing(system: System, found: Sequence[Misfit]) -> Iterator[str]:
    """Have a system make what it can of what its mapping misses. Yields what was done, or not, line by line.

    Raises CrmUnavailable.
    """
    port = system.port
    if not isinstance(port, DescribesObjects):
        return
    for obj, wanted in wanted_of(found):
        what = f"{system.name}: {obj}.{wanted.name}"
        choices = f" with {', '.join(wanted.choices)}" if wanted.choices else ""
        try:
            port.add_property(obj, wanted)
        except CrmRefused as error:
            yield f"{what}{choices} was not made: {' '.join(dict.fromkeys((str(error), *error.fields.values())))}"
        except CrmUnavailable:
            raise
        else:
            yield f"{what}{choices} was made."
