"""Whether the portal that is served says what it should: its manifest, what that extends, and its words."""

from __future__ import annotations

from pathlib import Path

from app.contract.errors import CounterpartError
from gateway.checks.finding import Finding, know, mend
from gateway.manifest_shape import ManifestProblem
from gateway.portals import examine


def check_manifest(path: Path) -> list[Finding]:
    """Look at a manifest. What keeps it from being served has the id *manifest*."""
    try:
        _, flaws = examine(path)
    except ManifestProblem as problem:
        return [
            mend("manifest", f"{problem.file}, {flaw.where}: {flaw.cause}", flaw.remedy)
            for flaw in problem.flaws
        ]
    except (OSError, ValueError, CounterpartError) as error:
        cause = f"The manifest {path} cannot be used: {str(error).splitlines()[0]}"
        return [mend("manifest", cause, "Correct it, or name another one (manifest).")]
    serious = [
        mend("manifest", f"{path.name}, {flaw.where}: {flaw.cause}", flaw.remedy)
        for flaw in flaws
        if flaw.serious
    ]
    notes = [
        know("manifest_note", f"{path.name}, {flaw.where}: {flaw.cause}", flaw.remedy)
        for flaw in flaws
        if not flaw.serious
    ]
    return [*serious, *notes]
