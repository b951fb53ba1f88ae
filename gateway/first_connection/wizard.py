"""The first connection: from nothing to a first synced record, a step at a time.

Choose a system, sign in, hold the mapping against it (and have it make what is missing), see what a partner would see,
and only then write anything down and read everything in. Whoever stops on the way has changed nothing here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.contract.manifest import Manifest
from gateway.checks.finding import Finding, must_be_mended
from gateway.checks.fitting import Misfit, wanted_of
from gateway.checks.systems import look_at_system, make_missing
from gateway.clock import Clock, Ids
from gateway.connecting import Outlets, close_ports, mapping_of, mappings_of, open_systems
from gateway.connections import Connection, secret_names
from gateway.crm.digests import MemoryDigests
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.port import CrmUnavailable
from gateway.first_connection.dialogue import Dialogue
from gateway.first_connection.kept import NAME, append_table, write_secret
from gateway.first_connection.questions import KINDS, Asked, KindAsked
from gateway.preview import Preview, previewed
from gateway.settings_sources import PREFIX, told
from gateway.systems import System

_NOT_CONNECTED = "The connection was not written down; what was made in the system stays."

#: Companies that are offered by name, and seconds between two lines about how far reading has come.
_OFFERED, _EVERY = 15, 1.0

_CONNECTION: TypeAdapter[Connection] = TypeAdapter(Connection)


class _Retype(Exception):
    """The credentials are to be entered once more."""


class Stopped(Exception):
    """Why it goes no further, in words a person can act on. Nothing was written here."""


@dataclass(frozen=True)
class Place:
    """Where it is all written to. `systems`: the connections there are already, by name."""

    config: Path
    secrets: Path
    systems: Mapping[str, Connection]


@dataclass(frozen=True)
class Answers:
    """A system as it was described: its name, and settings of which some are secret."""

    name: str
    settings: Mapping[str, Any]
    connection: Connection

    @property
    def secrets(self) -> dict[str, str]:
        """What must not stand in the configuration file."""
        secret = secret_names(type(self.connection))
        return {key: value for key, value in self.settings.items() if key in secret}

    @property
    def plain(self) -> dict[str, Any]:
        """What may."""
        return {key: value for key, value in self.settings.items() if key not in self.secrets}


class Wizard:
    """Leads through one system's connection."""

    def __init__(self, dialogue: Dialogue, place: Place, manifest: Manifest, clock: Clock, ids: Ids) -> None:
        self._say = dialogue
        self._place = place
        self._manifest = manifest
        self._clock = clock
        self._ids = ids

    def run(self) -> Answers:
        """Ask, try, show, and write it down. Raises Stopped, CannotWrite."""
        self._say.say(
            "Connect a source system. The connection is written down once you have seen what partners would see."
        )
        self._say.say()
        kind = KINDS[self._say.choose("Which system?", [one.label for one in KINDS])]
        name = self._name(kind)
        while True:
            answers = self._described(kind, name)
            try:
                with ExitStack() as opened:
                    systems = self._opened(answers, opened)
                    self._hold_against(next(one for one in systems if one.name == answers.name))
                    self._show(kind, systems)
            except _Retype:
                continue
            self._write(answers)
            return answers

    # ------------------------------------------------------------------------------------------------ describing

    def _described(self, kind: KindAsked, name: str) -> Answers:
        while True:
            settings = {"kind": kind.kind, **self._asked(kind)}
            try:
                connection = _CONNECTION.validate_python(settings)
                settings |= self._home(name, connection)
                return Answers(name, settings, _CONNECTION.validate_python(settings))
            except ValidationError as error:
                for problem in told(error).problems:
                    self._say.say(problem)
                self._say.say("Once more, please.")

    def _name(self, kind: KindAsked) -> str:
        if kind.kind == "embedded":
            return self._free("embedded")
        self._say.say(
            "Its name stands in the records' ids and never changes: take a short one, such as crm or erp."
        )
        while True:
            name = self._say.ask("Name", "crm" if kind.kind != "odoo" else "erp")
            if not NAME.fullmatch(name) or name == "embedded":
                self._say.say("Small letters, digits and _ make a name, and a letter begins it.")
            elif name in self._place.systems:
                self._say.say(f"There is a system {name} already.")
            else:
                return name

    def _free(self, name: str) -> str:
        if name in self._place.systems:
            raise Stopped(f"The system {name} is connected already.")
        return name

    def _asked(self, kind: KindAsked) -> dict[str, Any]:
        way = kind.ways[0]
        if len(kind.ways) > 1:
            way = kind.ways[
                self._say.choose("How does the gateway sign in?", [one.label for one in kind.ways])
            ]
        found = {}
        for asked in way.asked:
            value = self._answer(asked)
            if value:
                found[asked.name] = value
        if kind.variants:
            chosen = self._say.choose(kind.variant, [words for words, _ in kind.variants])
            _, variant = kind.variants[chosen]
            found |= {"variant": variant} if variant else {}
        return found

    def _home(self, name: str, connection: Connection) -> dict[str, Any]:
        """Ask what lives there, where something lives elsewhere already."""
        if not self._place.systems:
            return {}
        there = mappings_of(self._place.systems)
        taken = {
            item.entity: other for other, mapping in there.items() for item in mapping.maps if item.scope
        }
        mapped = dict.fromkeys(item.entity for item in mapping_of(name, connection).maps if item.scope)
        free = [entity for entity in mapped if entity not in taken]
        self._say.say(f"{name} can hold {', '.join(mapped)}.")
        for entity in mapped:
            if entity in taken:
                self._say.say(f"  {entity} lives in {taken[entity]}.")
        if not free:
            raise Stopped(
                f"Everything {name} can hold lives in another system. Say there, by `entities` in "
                f"{self._place.config}, what it is the home of; then begin again."
            )
        while True:
            said = self._say.ask("What is to live here? (joined by commas)", ", ".join(free))
            chosen = [part.strip() for part in said.split(",") if part.strip()]
            wrong = [part for part in chosen if part not in free]
            if chosen and not wrong:
                return {"entities": chosen}
            self._say.say(f"Choose among {', '.join(free)}.")

    def _answer(self, asked: Asked) -> str:
        if asked.hint:
            self._say.say(f"  {asked.hint}")
        if asked.secret:
            return self._say.ask_secret(asked.question)
        return self._say.ask(asked.question)

    # ---------------------------------------------------------------------------------------------------- trying

    def _opened(self, answers: Answers, opened: ExitStack) -> tuple[System, ...]:
        # With the embedded CRM the preview begins with an empty one: what there is, is not looked at here.
        crm = EmbeddedCrm.open("sqlite://", self._clock.now, self._manifest.brand.vendor)
        opened.callback(crm.close)
        outlets = Outlets(crm, self._clock, MemoryDigests())
        try:
            systems = open_systems({**self._place.systems, answers.name: answers.connection}, outlets)
        except (OSError, ValueError) as error:
            raise Stopped(str(error)) from None
        opened.callback(close_ports, systems)
        return systems

    def _hold_against(self, system: System) -> None:
        """Hold the mapping against the system as it is, until it fits or somebody stops."""
        refused: list[object] = []
        while True:
            self._say.say()
            self._say.say(f"Asking {system.port.label} what it is made of …")
            findings, found = look_at_system(system, self._manifest)
            # What it would not make once is for a person to make.
            lacking = [one for one in wanted_of(found) if one not in refused]
            self._tell(findings, found)
            if not must_be_mended(findings):
                self._say.say(f"{system.port.label} answers, and the mapping fits.")
                return
            if lacking and self._say.confirm(
                f"Have {system.port.label} make these {len(lacking)}?", default=True
            ):
                try:
                    for line in make_missing(system, found):
                        self._say.say(f"  {line}")
                    refused = [*refused, *lacking]
                    continue
                except CrmUnavailable as error:
                    self._say.say(f"  {error}")
                    self._say.say("  If rights are missing: give them for as long as this takes.")
            if any(one.id == "system_unauthorised" for one in findings) and self._say.confirm(
                "Enter the credentials once more?", default=True
            ):
                raise _Retype
            if not self._say.confirm("Look once more? (Mend the above meanwhile.)", default=True):
                raise Stopped(f"{_NOT_CONNECTED} Mend the above, and begin again.")

    def _tell(self, findings: Sequence[Finding], found: Sequence[Misfit]) -> None:
        """Tell what does not fit: what can be made in a line an object, everything else in full."""
        lacking: dict[str, list[str]] = {}
        said: dict[str, list[str]] = {}
        for obj, wanted in wanted_of(found):
            lacking.setdefault(obj, []).append(wanted.name)
            # Of stages and the like it is their names that are missing.
            choices = f" ({', '.join(wanted.choices)})" if "." in wanted.name and wanted.choices else ""
            said.setdefault(obj, []).append(f"{wanted.name}{choices}")
        for obj, names in said.items():
            self._say.say(f"  {obj} lacks {', '.join(names)}.")
        told = {one.finding for one in found if one.wanted}
        # What leads over a property that is yet to be made is there as soon as that is.
        follows = {
            one.finding
            for one in found
            if one.prop.partition(".")[0] in {name.partition(".")[0] for name in lacking.get(one.obj, ())}
        }
        for finding in findings:
            if finding not in told | follows:
                self._say.say(f"  {finding.line()}")

    def _show(self, kind: KindAsked, systems: tuple[System, ...]) -> None:
        """Show what somebody would see, until it is what they should."""
        while self._shown(kind, systems):
            pass
        if not self._say.confirm("Connect it like this?", default=True):
            raise Stopped(f"{_NOT_CONNECTED} Change the mapping or the system, and begin again.")

    def _shown(self, kind: KindAsked, systems: tuple[System, ...]) -> bool:
        """Read and show. Returns whether that is to be done once more."""
        self._say.say()
        self._say.say("Reading a few hundred rows of each kind, to show what a partner would see …")
        with previewed(systems, self._manifest, self._clock, self._ids) as preview:
            for name, reason in preview.unread.items():
                self._say.say(f"  {name}: {reason}")
            for aside in preview.aside():
                self._say.say(f"  Not understood, and left out: {aside.line()}")
            companies = preview.companies()
            if not companies:
                self._say.say("No partner company was among them: nobody would see anything yet.")
                self._say.say(f"  To have one: {kind.partner}.")
                return self._say.confirm("Read once more?", default=kind.kind != "embedded")
            while self._say.confirm("Look with the eyes of a partner?", default=True):
                self._look(preview, companies)
        return self._say.confirm("Read once more? (If something was changed meanwhile.)", default=False)

    def _look(self, preview: Preview, companies: Mapping[str, str]) -> None:
        names = sorted(companies)
        self._say.say(f"  Companies: {', '.join(names[:_OFFERED])}{' …' if len(names) > _OFFERED else ''}")
        company = self._say.ask("Which company?", names[0])
        company = next((name for name in names if name.casefold() == company.casefold()), company)
        if company not in companies:
            self._say.say(f"There is no {company} among them.")
            return
        roles = [role for role in self._manifest.roles if role.side == "partner"]
        role = roles[self._say.choose("In which role?", [one.label for one in roles])]
        shown = preview.seen_by(companies[company], role.name)
        self._say.say(f"{role.label} of {company} would see, of what was read:")
        for one in shown:
            self._say.say(f"  {one.line()}")
        if not shown:
            self._say.say("  nothing. See the mapping's [maps.scope]: whose records are they?")

    # --------------------------------------------------------------------------------------------------- writing

    def _write(self, answers: Answers) -> None:
        secrets = answers.secrets
        in_files = bool(secrets) and self._say.confirm(
            f"Keep its secrets in files under {self._place.secrets}, for this user alone to read?",
            default=True,
        )
        append_table(self._place.config, answers.name, answers.plain)
        self._say.say(f"Written to {self._place.config}: [systems.{answers.name}]")
        for name, secret in secrets.items():
            if in_files:
                where = write_secret(self._place.secrets, f"systems.{answers.name}.{name}", secret)
                self._say.say(f"Written to {where}, which its owner alone may read.")
                self._say.say(f"  Under systemd, add to the unit: LoadCredential={where.name}:{where}")
            else:
                self._say.say(f"Set {variable(answers.name, name)} where the gateway runs.")


def variable(system: str, name: str) -> str:
    """Return the environment variable of a system's setting."""
    return f"{PREFIX}SYSTEMS__{system.upper()}__{name.upper()}"


class Progress:
    """Tells how far reading has come, now and then."""

    def __init__(
        self,
        dialogue: Dialogue,
        look: Callable[[], Any],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`look` returns what `Gateway.standing` does."""
        self._dialogue = dialogue
        self._look = look
        self._monotonic = monotonic
        self._next = 0.0

    def __call__(self) -> None:
        """Tell it, unless that was done a moment ago."""
        if self._monotonic() >= self._next:
            self.tell()
            self._next = self._monotonic() + _EVERY

    def tell(self) -> None:
        """Tell it."""
        parts = [
            f"{one.obj} {one.records}{'' if one.whole else ' …'}"
            for one in self._look()
            if one.records or not one.whole
        ]
        self._dialogue.progress("  ".join(parts) or "nothing to read")
