"""What a channel offers: one package for each platform, and what its signed metadata says of it."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from tuf.api.metadata import TargetFile

from app.session.updates.channel import Channel
from app.session.updates.refusals import UpdateRefused, Why
from app.session.updates.versions import is_version

#: The part of a target's metadata that is ours.
CUSTOM = "custom"

#: Of a package, packed and unpacked, in bytes; the client takes about 160 MB.
MOST_PACKED, MOST_UNPACKED = 800_000_000, 2_000_000_000

Notes = Annotated[str, StringConstraints(max_length=4_000)]


@dataclass(frozen=True)
class Machine:
    """`platform`: such as *linux-x86_64*. `system`: its version, such as *10.0.19045*; on Linux that of glibc."""

    platform: str
    system: str


class ReleaseFacts(BaseModel):
    """What the publisher says of a package, under signature. What a later publisher adds is not read.

    `minimum_system`: the oldest system it runs on, as `Machine.system`; empty: any. `store_schema`: how many steps the
    schema of its store has. `unpacked`: bytes of all its files. `notes`: what is new, by language.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    version: str
    platform: Annotated[str, StringConstraints(pattern=r"^[a-z]+-[a-z0-9_]+$", max_length=40)]
    minimum_system: Annotated[str, StringConstraints(pattern=r"^(\d+(\.\d+)*)?$", max_length=40)] = ""
    store_schema: int = Field(ge=1, le=10_000)
    unpacked: int = Field(ge=1, le=MOST_UNPACKED)
    notes: Mapping[Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")], Notes] = Field(
        default_factory=dict, max_length=40
    )

    def notes_in(self, language: str) -> str:
        """Return what is new, in a language or else in English."""
        return self.notes.get(language) or self.notes.get("en", "")


@dataclass(frozen=True)
class Release:
    """A package that a channel offers. `target`: what is signed for."""

    facts: ReleaseFacts
    target: TargetFile

    @property
    def version(self) -> str:
        """Its version."""
        return self.facts.version

    @property
    def size(self) -> int:
        """Bytes of the package."""
        return self.target.length


def target_path(channel: Channel, platform_name: str) -> str:
    """Return the name under which a channel offers its newest package for a platform."""
    return f"{channel.value}/{platform_name}.zip"


def release_of(target: TargetFile, machine: Machine) -> Release:
    """Return what a target says of itself. Raises UpdateRefused when it is for another platform, or says nonsense."""
    custom: Any = target.unrecognized_fields.get(CUSTOM)
    try:
        facts = ReleaseFacts.model_validate(custom)
    except ValidationError as error:
        raise UpdateRefused(Why.MALFORMED, str(error)) from error
    if not is_version(facts.version) or facts.platform != machine.platform:
        raise UpdateRefused(Why.MALFORMED, f"{facts.version} for {facts.platform}")
    if target.length > MOST_PACKED or "sha256" not in target.hashes:
        raise UpdateRefused(Why.TOO_LONG, f"{target.length} bytes")
    return Release(facts, target)


def runs_on(facts: ReleaseFacts, machine: Machine) -> bool:
    """Whether the system is new enough; one whose version cannot be told is."""
    wanted, here = _numbers(facts.minimum_system), _numbers(machine.system)
    return not wanted or not here or here >= wanted


def this_machine() -> Machine:
    """Return what this computer is."""
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
    machine = platform.machine().lower()
    architecture = {"amd64": "x86_64", "aarch64": "arm64"}.get(machine, machine)
    match system:
        case "windows":
            found = platform.version()
        case "macos":
            found = platform.mac_ver()[0]
        case _:
            found = platform.libc_ver()[1]
    return Machine(f"{system}-{architecture}", found)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text))
