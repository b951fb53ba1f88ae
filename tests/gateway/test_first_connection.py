"""Connecting a system for the first time: what is asked, what is shown, and what is written where."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from typer.testing import CliRunner

from gateway.__main__ import cli
from gateway.connecting import mapping_of
from gateway.connections import Connection
from gateway.crm.port import CrmUnauthorised
from gateway.crm.schema import Kind, ObjectSchema, Property, WantedProperty
from gateway.first_connection import wizard as wizards
from gateway.first_connection.kept import CannotWrite, append_table, begin_config, write_secret
from gateway.first_connection.questions import KINDS
from gateway.first_connection.wizard import Place, Progress, Stopped, Wizard, variable
from gateway.ingest.state import ObjectRead
from gateway.mapping import SystemMapping
from gateway.settings import Settings
from gateway.systems import System
from tests.gateway.memory_port import MAPPING, MemoryPort
from tests.gateway.world import FixedClock, SeededIds, World, partner_manifest

pytestmark = pytest.mark.databases("sqlite")

_SECRET = "pat-na1-0123456789-secret"


class Script:
    """A person who answers as it stands written: by the beginning of the question."""

    def __init__(self, *answers: tuple[str, str]) -> None:
        self._answers = list(answers)
        self.said: list[str] = []

    def _next(self, question: str) -> str:
        self.said.append(question)
        for number, (begins, answer) in enumerate(self._answers):
            if question.startswith(begins):
                del self._answers[number]
                return answer
        return ""

    def say(self, text: str = "") -> None:
        self.said.append(text)

    def ask(self, question: str, default: str = "") -> str:
        return self._next(question) or default

    def ask_secret(self, question: str) -> str:
        return self._next(question)

    def choose(self, question: str, choices: Sequence[str]) -> int:
        wanted = self._next(question)
        return next(n for n, choice in enumerate(choices) if choice.startswith(wanted))

    def confirm(self, question: str, *, default: bool) -> bool:
        said = self._next(question)
        return said == "y" if said else default

    def progress(self, text: str) -> None:
        self.said.append(text)

    @property
    def text(self) -> str:
        """Everything that was on the screen."""
        return "\n".join(self.said)

    @property
    def unused(self) -> list[tuple[str, str]]:
        """Answers nobody asked for."""
        return self._answers


class _Described(MemoryPort):
    """The small system, which tells what it is made of, and lacks what it is told to."""

    def __init__(self, name: str) -> None:
        super().__init__(FixedClock().now)
        self.system = name
        self.lacks: set[str] = set()
        self.error: Exception | None = None

    def describe(self, obj: str) -> ObjectSchema | None:
        if self.error:
            error, self.error = self.error, None
            raise error
        mapping = SystemMapping.load(MAPPING)
        properties = {
            name: Property(name, name, Kind.OTHER, unique=True)
            for name in mapping.properties(obj)
            if (obj, name) not in {("deal", lacking) for lacking in self.lacks}
        }
        return ObjectSchema(obj, obj, properties)

    def add_property(self, obj: str, wanted: WantedProperty) -> None:
        self.lacks.discard(wanted.name)


@pytest.fixture
def port() -> _Described:
    """The system that is connected."""
    port = _Described("crm")
    north = port.add("account", title="Northwind", level="G")
    for n in range(4):
        port.add("deal", account_id=north.id, cust=f"Customer {n}", name="Edge", cur="GBP", stage="2")
    return port


@pytest.fixture(autouse=True)
def _opened(monkeypatch: pytest.MonkeyPatch, port: _Described) -> None:
    """Whatever is described leads to the small system."""
    mapping = SystemMapping.load(MAPPING).changed(system="crm")

    def opened(connections: Mapping[str, Connection], outlets: object) -> tuple[System, ...]:
        assert [*connections] == ["crm"]
        return (System(port, mapping),)

    monkeypatch.setattr(wizards, "open_systems", opened)


def _wizard(script: Script, folder: Path, world: World, **systems: Any) -> Wizard:
    place = Place(folder / "gateway.toml", folder / "secrets", systems)
    return Wizard(script, place, partner_manifest(), world.clock, SeededIds(world.clock, world.rng))


_HUBSPOT = (("Which system", "HubSpot"), ("How does", "A service key"), ("Service key", _SECRET))


def test_a_system_is_connected(tmp_path: Path, world: World) -> None:
    script = Script(
        *_HUBSPOT,
        ("Look with", "y"),
        ("Which company", "Northwind"),
        ("In which role", "Sales manager"),
        ("Look with", "n"),
    )
    answers = _wizard(script, tmp_path, world).run()
    assert script.unused == []
    assert answers.name == "crm"
    assert tomllib.loads((tmp_path / "gateway.toml").read_text()) == {"systems": {"crm": {"kind": "hubspot"}}}
    secret = tmp_path / "secrets" / "systems.crm.service_key"
    assert secret.read_text() == _SECRET
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.parent.stat().st_mode & 0o777 == 0o700
    assert any("4 Deals: Customer 0, Customer 1, Customer 2 …" in line for line in script.said)
    assert _SECRET not in script.text
    # And the gateway's own settings find it all.
    (tmp_path / "data").mkdir()
    settings = Settings.load(config=tmp_path / "gateway.toml", folder=tmp_path / "data")
    connection = settings.systems["crm"]
    assert connection.kind == "hubspot"
    assert connection.service_key.get_secret_value() == _SECRET
    assert _SECRET not in repr(settings)


def test_secrets_may_be_left_to_the_environment(tmp_path: Path, world: World) -> None:
    script = Script(*_HUBSPOT, ("Look with", "n"), ("Keep its secrets", "n"))
    _wizard(script, tmp_path, world).run()
    assert not (tmp_path / "secrets").exists()
    assert _SECRET not in (tmp_path / "gateway.toml").read_text()
    assert variable("crm", "service_key") == "COUNTERPART_GATEWAY_SYSTEMS__CRM__SERVICE_KEY"
    assert f"Set {variable('crm', 'service_key')} where the gateway runs." in script.said


def test_what_is_missing_is_made_when_somebody_says_so(
    tmp_path: Path, world: World, port: _Described
) -> None:
    port.lacks = {"portal_ref", "rival"}
    script = Script(*_HUBSPOT, ("Have Memory CRM make these 2", "y"), ("Look with", "n"))
    _wizard(script, tmp_path, world).run()
    assert port.lacks == set()
    assert "crm: deal.portal_ref was made." in script.text


def test_who_stops_at_what_is_missing_has_changed_nothing(
    tmp_path: Path, world: World, port: _Described
) -> None:
    port.lacks = {"portal_ref"}
    script = Script(*_HUBSPOT, ("Have Memory", "n"), ("Look once more", "n"))
    with pytest.raises(Stopped, match="not written down"):
        _wizard(script, tmp_path, world).run()
    assert list(tmp_path.iterdir()) == []
    assert port.lacks == {"portal_ref"}


def test_where_nobody_is_a_partner_yet_it_says_how_to_make_one_and_reads_again(
    tmp_path: Path, world: World, port: _Described
) -> None:
    rows, port.rows = port.rows, {}

    class Admin(Script):
        def confirm(self, question: str, *, default: bool) -> bool:
            if question == "Read once more?":
                port.rows = rows
            return super().confirm(question, default=default)

    script = Admin(*_HUBSPOT, ("Look with", "n"))
    _wizard(script, tmp_path, world).run()
    assert "To have one: tick counterpart_partner on a company" in script.text
    assert script.text.count("to show what a partner would see …") == 2


def test_odoo_may_keep_requests_in_a_project(tmp_path: Path, world: World) -> None:
    odoo = ("Address", "https://erp.example"), ("Database", "vendor"), ("API key", _SECRET)
    script = Script(
        ("Which system", "Odoo"), ("Name", "crm"), *odoo, ("Where does Odoo", "As tasks"), ("Look with", "n")
    )
    answers = _wizard(script, tmp_path, world).run()
    assert answers.plain["variant"] == "project"
    assert mapping_of("crm", answers.connection).of_entity("request")[0].object == "project.task"


def test_who_does_not_like_what_partners_would_see_has_changed_nothing(tmp_path: Path, world: World) -> None:
    script = Script(*_HUBSPOT, ("Look with", "n"), ("Connect it", "n"))
    with pytest.raises(Stopped):
        _wizard(script, tmp_path, world).run()
    assert list(tmp_path.iterdir()) == []


def test_credentials_that_are_not_accepted_may_be_mended(
    tmp_path: Path, world: World, port: _Described
) -> None:
    port.error = CrmUnauthorised("Memory CRM does not accept the credentials it was given (401).")
    again = ("How does", "A service key"), ("Service key", _SECRET)
    script = Script(*_HUBSPOT, ("Enter the credentials", "y"), *again, ("Look with", "n"))
    _wizard(script, tmp_path, world).run()
    assert script.unused == []
    assert "does not accept the credentials" in script.text


def test_what_is_left_out_is_asked_once_more(tmp_path: Path, world: World) -> None:
    again = ("How does", "A service key"), ("Service key", _SECRET), ("Look with", "n")
    script = Script(("Which system", "HubSpot"), ("How does", "A service key"), ("Service key", ""), *again)
    _wizard(script, tmp_path, world).run()
    assert "Once more, please." in script.said


@pytest.mark.parametrize("name", ["CRM", "1st", "embedded", "a b", "../x", "crm"])
def test_a_name_that_cannot_be_is_asked_once_more(tmp_path: Path, world: World, name: str) -> None:
    taken = TypeAdapter(Connection).validate_python(
        {"kind": "hubspot", "service_key": "x", "entities": ["lead"]}
    )
    script = Script(*_HUBSPOT, ("Name", name), ("Name", "second"), ("Look with", "n"))
    wizard = _wizard(script, tmp_path, world, crm=taken)
    asked = wizard._name(KINDS[0])
    assert asked == "second"


def test_what_lives_elsewhere_is_not_taken_over(tmp_path: Path, world: World) -> None:
    there = TypeAdapter(Connection).validate_python({"kind": "embedded", "entities": ["company", "order"]})
    script = Script(("What is to live", "order, request"), ("What is to live", "request , lead"))
    wizard = _wizard(script, tmp_path, world, embedded=there)
    new = TypeAdapter(Connection).validate_python({"kind": "embedded"})
    assert wizard._home("crm", new) == {"entities": ["request", "lead"]}
    assert "order lives in embedded." in script.text
    whole = TypeAdapter(Connection).validate_python({"kind": "embedded"})
    with pytest.raises(Stopped, match="entities"):
        _wizard(script, tmp_path, world, embedded=whole)._home("crm", new)


# ------------------------------------------------------------------------------------------------- what is written


def test_a_system_is_added_to_what_is_there(tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text("# Ours.\nhost = '127.0.0.1'")
    config.chmod(0o640)
    append_table(
        config, "erp", {"kind": "odoo", "database": 'a "b" \\ ü\n', "entities": ["order", "invoice"]}
    )
    text = config.read_text("utf-8")
    assert text.startswith("# Ours.\nhost = '127.0.0.1'\n")
    assert tomllib.loads(text)["systems"]["erp"] == {
        "kind": "odoo",
        "database": 'a "b" \\ ü\n',
        "entities": ["order", "invoice"],
    }
    assert config.stat().st_mode & 0o777 == 0o640
    with pytest.raises(CannotWrite, match="already"):
        append_table(config, "erp", {"kind": "odoo"})
    assert config.read_text("utf-8") == text


@pytest.mark.parametrize("broken", ["x =", "[systems.erp", "systems = 3"])
def test_what_is_broken_stays_as_it_is(tmp_path: Path, broken: str) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text(broken)
    with pytest.raises(CannotWrite):
        append_table(config, "erp", {"kind": "odoo"})
    assert config.read_text() == broken


def test_places_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for act in (
        lambda: append_table(tmp_path / "file" / "gateway.toml", "erp", {}),
        lambda: begin_config(tmp_path / "file" / "gateway.toml", {}),
        lambda: write_secret(tmp_path / "file", "systems.erp.key", _SECRET),
    ):
        with pytest.raises(CannotWrite) as caught:
            act()
        assert str(tmp_path / "file") in str(caught.value)
        assert _SECRET not in str(caught.value)


def test_a_secret_that_was_open_is_not_any_more(tmp_path: Path) -> None:
    old = tmp_path / "systems.erp.key"
    old.write_text("old")
    old.chmod(0o644)
    path = write_secret(tmp_path, "systems.erp.key", _SECRET)
    assert path.read_text() == _SECRET
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["systems.erp.key"]


def test_progress_is_told_now_and_then() -> None:
    script, clock = Script(), iter((10.0, 10.0, 10.5, 12.0, 12.0))
    read = [ObjectRead("crm", "deals", 1200, whole=False), ObjectRead("crm", "notes", 0, whole=True)]
    progress = Progress(script, lambda: read, lambda: next(clock))
    for _ in range(3):
        progress()
    assert script.said == ["deals 1200 …", "deals 1200 …"]


# --------------------------------------------------------------------------------------------- at the command line


def _run(*arguments: str, answers: Sequence[str]) -> Iterator[str]:
    result = CliRunner().invoke(cli, [*arguments], input="".join(f"{line}\n" for line in answers))
    assert result.exit_code == 0, result.output
    yield result.output


def test_the_command_leads_from_nothing_to_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway.connecting import open_systems

    monkeypatch.setattr(wizards, "open_systems", open_systems)
    config, data = tmp_path / "etc" / "gateway.toml", tmp_path / "data"
    answers = ("not an address", "https://partners.example", "4", "n", "y", "y")
    [output] = _run("--config", str(config), "init", "--folder", str(data), answers=answers)
    assert "Halden's CRM answers, and the mapping fits." in output
    assert "An address such as" in output
    assert "0 records are in." in output
    assert tomllib.loads(config.read_text()) == {
        "folder": str(data),
        "public_url": "https://partners.example",
        "systems": {"embedded": {"kind": "embedded"}},
    }
    assert (data / "gateway.sqlite3").is_file()
    again = CliRunner().invoke(cli, ["--config", str(config), "init"], input="4\n")
    assert again.exit_code == 1
    assert "connected already" in again.output
