"""All evidence of one build, written beside its packages."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from evidence.components import Component, components
from evidence.lock import CLIENT, FREEZE, installed_here, python_tag
from evidence.natives import Native, natives, product, versions
from evidence.notices import notices
from evidence.provenance import SUMS, checksums, commit_of, provenance, sha256, tree_digest
from evidence.sbom import faults, sbom

THIRD_PARTY = "THIRD-PARTY.txt"


@dataclass(frozen=True)
class Content:
    """What ships, and the texts that tell it."""

    packages: tuple[Component, ...]
    works: tuple[Native, ...]
    tools: dict[str, str]


def content(python: Path, packages: Path, bundled: Iterable[str]) -> Content:
    """Ask the environment that froze. `bundled`: names of the packages of which something is in the bundle."""
    (freezer,) = (pin.version for pin in installed_here(FREEZE) if pin.name == "pyinstaller")
    found = versions(python)
    tools = {"Python": found["Python"], "PyInstaller": freezer, "system": platform.platform(terse=True)}
    return Content(components(installed_here(), packages, bundled), natives(found, freezer), tools)


def put_notices(what: Content, *bundles: Path) -> None:
    """Put the notices into each form of the frozen app that is there, so that they are in every package of it."""
    text = notices(what.packages, what.works)
    for bundle in bundles:
        if bundle.exists():
            (bundle / THIRD_PARTY).write_text(text, "utf-8", newline="\n")


def write_evidence(
    what: Content, bundle: Path, made: Iterable[Path], folder: Path, when: int, report: Path
) -> list[str]:
    """Write SBOM, provenance and checksums of the packages that were `made`; gives what is wrong with the SBOM."""
    name, version = product()
    stem = f"{name}-{version}-{platform.system().lower()}-{platform.machine().lower()}"
    text = sbom(
        what.packages,
        what.works,
        when=when,
        downloaded=downloaded(report),
        platform=f"{platform.system()} {platform.machine()}",
    )
    listed = folder / f"{stem}.cdx.json"
    listed.write_text(text, "utf-8", newline="\n")
    files = [*made, listed]
    subjects = {file.name: sha256(file) for file in files} | {f"{bundle.name}/": tree_digest(bundle)}
    commit, changed = commit_of()
    statement = folder / f"{stem}.provenance.json"
    statement.write_text(
        provenance(subjects, (CLIENT, FREEZE), what.tools, commit=commit, changed=changed),
        "utf-8",
        newline="\n",
    )
    (folder / SUMS).write_text(checksums([*files, statement]), "utf-8", newline="\n")
    return faults(text)


def downloaded(report: Path) -> dict[str, str]:
    """Return the SHA-256 of the file each package was installed from, as pip reported it; nothing without a report."""
    if not report.exists():
        return {}
    installed = json.loads(report.read_text("utf-8"))["install"]
    return {
        str(one["metadata"]["name"]).lower().replace("_", "-").replace(".", "-"): str(
            one["download_info"]["archive_info"]["hashes"]["sha256"]
        )
        for one in installed
    }


def packages_of(environment: Path) -> Path:
    """Return the folder of an environment's packages."""
    return environment / python_tag()
