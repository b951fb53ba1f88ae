"""Several systems by configuration: where their settings come from, whose home is which, and what is opened."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from pydantic import SecretStr, TypeAdapter
from typer.testing import CliRunner

from app.contract.manifest import Manifest
from gateway import connecting, settings_sources
from gateway.__main__ import cli
from gateway.checks import run
from gateway.checks.finding import Finding, mend
from gateway.clock import SystemClock
from gateway.connecting import Outlets, close_ports, mappings_of, open_systems, shipped_mapping
from gateway.connections import Connection, EmbeddedConnection, OdooConnection
from gateway.console.auth import StaffAuth
from gateway.crm.digests import DigestsOf, KnownFile, MemoryDigests, StoredDigests
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.staff import STAFF_ROLES, add_or_change
from gateway.homes import at_home
from gateway.mapping import SystemMapping
from gateway.service import Service
from gateway.settings import Settings
from gateway.settings_sources import UnusableSettings, unknown_in_environment
from gateway.systems import System, Systems
from tests.gateway.console_world import Client, Console
from tests.gateway.databases import lender
from tests.gateway.memory_port import MAPPING, MemoryPort
from tests.gateway.two_systems import ERP
from tests.gateway.world import partner_manifest

pytestmark = pytest.mark.databases("sqlite")

PREFIX = "COUNTERPART_GATEWAY_SYSTEMS__"
BOTH = """
[systems.erp]
kind = "odoo"
url = "https://erp.vendor.example"
database = "vendor"
entities = ["order", "invoice"]
[systems.crm]
kind = "hubspot"
"""


@pytest.fixture(autouse=True)
def _nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without settings."""
    monkeypatch.setattr(settings_sources, "DEFAULT_CONFIG", tmp_path / "etc" / "gateway.toml")
    monkeypatch.chdir(tmp_path)


def config(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "gateway.toml"
    path.write_text(text, "utf-8")
    return path


# -------------------------------------------------------------------------------------------------------- settings


def test_without_any_there_is_the_embedded_crm() -> None:
    assert Settings.load().connections() == {"embedded": EmbeddedConnection()}


def test_file_environment_and_secrets_come_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "systems.crm.service_key").write_text("pat-one\n", "utf-8")
    (tmp_path / "key").write_text("from a file\n", "utf-8")
    monkeypatch.setenv(f"{PREFIX}ERP__KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv(f"{PREFIX}ERP__LATE_COMMIT", "30")
    monkeypatch.setenv(f"{PREFIX}CRM__ENTITIES", "company, deal_registration")
    found = Settings.load(config=config(tmp_path, BOTH)).connections()
    erp, crm = found["erp"], found["crm"]
    assert isinstance(erp, OdooConnection)
    assert (erp.key, erp.late_commit, erp.entities) == (SecretStr("from a file"), 30.0, ("order", "invoice"))
    assert crm.entities == ("company", "deal_registration")
    assert "pat-one" not in repr(found)
    assert "from a file" not in repr(found)


def test_two_systems_of_a_kind_differ_by_their_names(tmp_path: Path) -> None:
    one = '[systems.{0}]\nkind = "odoo"\nurl = "https://{0}.example"\ndatabase = "x"\nkey = "k"\n'
    found = Settings.load(config=config(tmp_path, one.format("crm") + one.format("tasks"))).connections()
    assert [one.kind for one in found.values()] == ["odoo", "odoo"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[systems.erp]\nkind = 'odoo'\n", "The setting systems.erp.url is missing."),
        ("[systems.erp]\nurl = 'x'\n", "The setting systems.erp.kind is missing"),
        ("[systems.erp]\nkind = 'sap'\n", "The setting systems.erp cannot be used"),
        ("[systems.Erp]\nkind = 'embedded'\n", "No system can be called Erp"),
        ("[systems.crm]\nkind = 'embedded'\n", "the embedded CRM is called embedded"),
        ("[systems.embedded]\nkind = 'hubspot'\nservice_key = 'k'\n", "is the name of the embedded CRM"),
        ("[systems.crm]\nkind = 'hubspot'\nkye = 'k'\n", "There is no setting systems.crm.kye."),
        (
            "[systems.crm]\nkind = 'hubspot'\n",
            "systems.crm cannot be used: set service_key, or client_id and client_secret and refresh_token.",
        ),
        (
            "[systems.crm]\nkind = 'salesforce'\nurl = 'https://x.example'\nusername = 'a'\n",
            "set client_id and client_secret, or username and password and token.",
        ),
        (
            "[systems.crm]\nkind = 'hubspot'\nservice_key = 'k'\njournal = true\n",
            "systems.crm cannot be used: journal is for an app",
        ),
        (
            "[systems.erp]\nkind = 'odoo'\nurl = 'https://a:hunter2@x.example'\ndatabase = 'x'\nkey = 'k'\n",
            "The setting systems.erp.url cannot be used",
        ),
        (
            "[systems.erp]\nkind = 'odoo'\nurl = 'https://x.example'\ndatabase = 'x'\nkey_file = 'nowhere'\n",
            "nowhere, which is to hold key, cannot be read",
        ),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UnusableSettings) as raised:
        Settings.load(config=config(tmp_path, text))
    assert said in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_a_systems_variable_is_not_taken_for_an_unknown_one() -> None:
    assert unknown_in_environment({f"{PREFIX}ERP__KEY": "x"}, Settings.model_fields) == []


# ------------------------------------------------------------------------------------------------------------ homes


def shared(mapping: SystemMapping) -> list[str]:
    return [item.entity for item in mapping.maps]


MEMORY = SystemMapping.load(MAPPING)
ORDERS = SystemMapping.load(ERP)
HOMES = [
    pytest.param(
        None, None,
        ["company", "deal_registration", "request", "message", "file", "document"],
        ["request", "message", "order", "invoice"],
        id="all that is mapped",
    ),
    pytest.param(
        None, ["invoice"],
        ["company", "deal_registration", "request", "message", "file", "document"],
        ["order", "invoice"],
        id="what an invoice refers to stays, as it lives nowhere else",
    ),
    pytest.param(
        ["document"], ["request", "order"],
        ["document"], ["request", "message", "order"],
        id="children stay with their parents",
    ),
    pytest.param(
        ["request"], ["order"],
        ["company", "deal_registration", "request", "message", "file"], ["order"],
        id="references of references, with their children",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "one", "two"), HOMES)
def test_a_mapping_is_cut_to_what_its_system_is_the_home_of(
    first: list[str] | None, second: list[str] | None, one: list[str], two: list[str]
) -> None:
    found = at_home({"memory": MEMORY, "erp": ORDERS}, {"memory": first, "erp": second})
    assert (shared(found["memory"]), shared(found["erp"])) == (one, two)


def test_what_lives_elsewhere_is_not_kept_for_a_reference() -> None:
    other = SystemMapping.load(MAPPING.replace('"memory"', '"other"'))
    found = at_home(
        {"memory": MEMORY, "other": other}, {"memory": ["company", "document"], "other": ["request"]}
    )
    assert shared(found["other"]) == ["deal_registration", "request", "message", "file"]


def test_an_entity_type_that_is_not_mapped_is_told() -> None:
    with pytest.raises(
        ValueError, match=r"erp: its mapping has no renewal\. It has: invoice, message, order, request\."
    ):
        at_home({"erp": ORDERS}, {"erp": ["renewal"]})


def test_a_shipped_mapping_takes_its_systems_name() -> None:
    found = mappings_of({"embedded": EmbeddedConnection(entities=("company",))})
    assert shared(found["embedded"]) == ["company"]
    assert 'system = "embedded"' in shipped_mapping("embedded")


def test_a_mapping_of_another_system_is_told(tmp_path: Path) -> None:
    path = tmp_path / "erp.toml"
    path.write_text(ERP, "utf-8")
    with pytest.raises(ValueError, match=r"is one of the system erp, and was given to crm"):
        mappings_of({"crm": EmbeddedConnection(mapping=path)})
    path.write_text("[[maps]]\nentity = 'x'\n", "utf-8")
    with pytest.raises(ValueError, match=r"The mapping .*erp\.toml of crm: "):
        mappings_of({"crm": EmbeddedConnection(mapping=path)})


# ---------------------------------------------------------------------------------------------------------- digests


@pytest.mark.databases("sqlite", "postgresql")
def test_what_files_come_to_is_kept_by_system(tmp_path: Path) -> None:
    database = lender.database(None)
    crm, erp = (DigestsOf(StoredDigests(database, SystemClock()), name) for name in ("crm", "erp"))
    assert crm.get("f1@2") is None
    crm.put("f1@2", KnownFile("a" * 64, 7))
    crm.put("f1@2", KnownFile("b" * 64, 8))
    assert crm.get("f1@2") == KnownFile("b" * 64, 8)
    assert erp.get("f1@2") is None


# --------------------------------------------------------------------------------------------- a gateway of two systems


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of two systems without the embedded CRM; in place of connectors there are small systems."""
    ports: dict[str, MemoryPort] = {}

    def made(_module: str, _class: str, **arguments: Any) -> MemoryPort:
        name = arguments["name"]
        port = ports.setdefault(name, MemoryPort(SystemClock().now))
        port.system, port.label = name, name.upper()
        return port

    monkeypatch.setattr(connecting, "_made", made)
    (tmp_path / "crm.toml").write_text(MAPPING.replace('"memory"', '"crm"'), "utf-8")
    (tmp_path / "erp.toml").write_text(ERP, "utf-8")
    text = f"""
folder = "{tmp_path}/data"
[systems.crm]
kind = "hubspot"
service_key = "pat-secret"
mapping = "{tmp_path}/crm.toml"
entities = ["company", "deal_registration", "document"]
[systems.erp]
kind = "odoo"
url = "https://erp.vendor.example"
database = "vendor"
key = "odoo-secret"
mapping = "{tmp_path}/erp.toml"
"""
    return config(tmp_path, text)


def test_a_service_opens_what_is_configured(configured: Path) -> None:
    service = Service.open(Settings.load(config=configured))
    try:
        homes = {source.system: source.entities for source in service.gateway.sources()}
        assert homes == {
            "crm": ("company", "deal_registration", "document"),
            "erp": ("request", "order", "invoice"),
        }
        assert not service.has_crm
        assert "embedded" not in {system.name for system in service.gateway.systems}
    finally:
        service.close()


def test_the_console_has_the_offices_pages_alone(configured: Path) -> None:
    """Staff sign in with accounts that the embedded CRM's database keeps; of the CRM itself there is nothing."""
    service = Service.open(Settings.load(config=configured))
    try:
        key = add_or_change(service.crm, "ingrid", "Ingrid Solheim", STAFF_ROLES["administrator"])
        StaffAuth(service.crm).set_password(key, "correct horse battery")
        with start_blocking_portal() as portal, closing(Client(portal, service.app())) as client:
            assert Console(client).sign_in("ingrid", "correct horse battery").status_code == 303
            page = client.get("/console/").text
            assert "Systems late" in page
            assert "Registrations changed last" not in page
            for name in ("staff/list", "connectors", "users"):
                assert f"/console/{name}" in page
                assert client.get(f"/console/{name}").status_code == 200
            for name in ("registration", "ticket", "account", "contact"):
                assert f"/console/{name}" not in page
                assert client.get(f"/console/{name}/list").status_code == 404
    finally:
        service.close()


def test_commands_ask_which_system_is_meant(configured: Path) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["--config", str(configured), *arguments])
        return result.exit_code, result.output

    code, said = run("sweep", "so")
    assert (code, said) == (1, "There are several systems: name one with --system. Known are: crm, erp.\n")
    assert run("sweep", "so", "--system", "hub")[1].startswith("There is no system hub. Known are: crm, erp.")
    assert run("sweep", "so", "--system", "erp")[0] == 0
    assert "There is no object deal" in run("sweep", "deal", "--system", "erp")[1]
    code, said = run("serve", "--sample", "--port", "0", "--until-stdin-closes")
    assert (code, "embedded CRM" in said) == (1, True)


def test_no_secret_is_told(configured: Path) -> None:
    result = CliRunner().invoke(cli, ["--config", str(configured), "backfill"])
    assert result.exit_code == 0, result.output
    result = CliRunner().invoke(cli, ["--config", str(configured), "check", "--json"])
    assert json.loads(result.output)["systems"], result.output
    assert "secret" not in result.output.replace("secrets", "")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (
            "odoo",
            {"url": "https://erp.example", "database": "x", "key": "k", "protocol": "jsonrpc", "login": "a"},
        ),
        ("hubspot", {"service_key": "k", "rate": 90, "label": "Our HubSpot"}),
        ("hubspot", {"client_id": "a", "client_secret": "b", "refresh_token": "c", "journal": True}),
        ("salesforce", {"url": "https://acme.my.salesforce.com", "client_id": "a", "client_secret": "b"}),
    ],
    ids=["odoo", "hubspot by key", "hubspot by app", "salesforce"],
)
def test_each_kind_is_opened_with_its_own_mapping(tmp_path: Path, kind: str, said: dict[str, Any]) -> None:
    """Nothing is asked of them yet: what a connector is given fits it, and what ships with it fits the portal."""
    connection = TypeAdapter[Connection](Connection).validate_python({"kind": kind, **said})
    crm = EmbeddedCrm.open(f"sqlite:///{tmp_path}/crm.sqlite3", SystemClock().now, "Halden Systems")
    systems = open_systems({"one": connection}, Outlets(crm, SystemClock(), MemoryDigests()))
    try:
        assert [(system.name, system.port.system) for system in systems] == [("one", "one")]
        assert systems[0].port.label == said.get("label", systems[0].port.label)
        assert Systems(systems, partner_manifest()).held >= {"company", "deal_registration", "request"}
    finally:
        close_ports(systems)
        crm.close()


def test_the_systems_are_looked_at_before_the_gateway_was_ever_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text(
        f'folder = "{tmp_path / "data"}"\n[systems.erp]\nkind = "odoo"\nurl = "https://erp.example"\n'
        'database = "x"\nkey = "k"\n',
        "utf-8",
    )
    (tmp_path / "data").mkdir(mode=0o700)
    asked: list[tuple[str, bool]] = []

    def look(system: System, manifest: Manifest, made: list[str], *, create: bool) -> list[Finding]:
        asked.append((system.name, create))
        return [mend("object_missing", "erp has no object helpdesk.ticket.", "Install it.")]

    monkeypatch.setattr(run, "_look_at", look)
    found = run.check_all(lambda: Settings.load(config=config), create=True)
    assert asked == [("erp", True)]
    assert {"database_missing", "object_missing"} <= {one.id for one in found.findings}
    assert not (tmp_path / "data" / "gateway.sqlite3").exists()
    assert not (tmp_path / "data" / "crm.sqlite3").exists()


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (["order"], {"order", "company", "deal_registration"}),
        (["request"], {"request", "company", "deal_registration", "message", "file"}),
        (["task"], {"task", "company", "document", "message", "file", "acknowledgement"}),
        (["contact"], {"contact", "company"}),
    ],
)
def test_what_stays_is_what_is_referred_to_and_no_more(wanted: list[str], kept: set[str]) -> None:
    mapping = SystemMapping.load(shipped_mapping("embedded"))
    found = at_home({"embedded": mapping}, {"embedded": wanted})["embedded"]
    with_children = kept | ({"message", "file"} if "deal_registration" in kept else set())
    assert {item.entity for item in found.maps} == with_children
