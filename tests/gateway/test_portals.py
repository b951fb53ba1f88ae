"""The portals that ship are without a flaw, and what is wrong with another one is told with its place and a remedy."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.contract.manifest import Manifest, parse_manifest
from app.contract.overlays import OverlayProblem, resolve
from gateway.checks.finding import Severity
from gateway.checks.portal import check_manifest
from gateway.manifest_lint import contrast_on_white, lint
from gateway.manifest_spelling import misspelt
from gateway.portals import PORTALS, SHIPPED, examine, load_portal, shipped
from gateway.settings import Settings
from tests.portal_words import placeholders, spoken

pytestmark = pytest.mark.databases("sqlite")

ICONS = SHIPPED.parent / "icons"


@pytest.fixture(params=PORTALS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_portal_that_ships_has_no_flaw(name: str) -> None:
    manifest, flaws = examine(shipped(name))
    assert flaws == ()
    assert manifest.name == name
    assert contrast_on_white(manifest.brand.accent) >= 4.5
    assert [role.name for role in manifest.roles if role.keeps_colleagues] == ["admin"]
    assert {role.side for role in manifest.roles} == {"partner", "vendor"}


def test_its_icons_are_there(name: str) -> None:
    manifest = load_portal(shipped(name))
    asked = {entity.icon for entity in manifest.entities} | {job.icon for job in manifest.jobs}
    asked |= {template.icon for template in manifest.templates}
    assert {icon for icon in asked if not (ICONS / f"{icon}.svg").is_file()} == set()


@pytest.mark.parametrize("name", PORTALS[1:])
def test_it_speaks_of_nobody_elses_vendor_and_calls_nobody_a_partner(name: str) -> None:
    manifest = load_portal(shipped(name))
    foreign = [text for text in spoken(manifest) if "Halden" in text or "artner" in text]
    assert foreign == []
    assert len({load_portal(shipped(one)).brand.accent for one in PORTALS}) == len(PORTALS)


@pytest.mark.parametrize("name", PORTALS[1:])
def test_it_is_said_in_german_too_every_word(name: str) -> None:
    manifest = load_portal(shipped(name))
    german = manifest.words.get("de", {})
    of_base = set(spoken(load_portal(shipped("partner"))))
    own = {text for text in spoken(manifest) if text not in of_base}
    assert sorted(own - german.keys()) == []
    assert [text for text in own if placeholders(text) != placeholders(german[text])] == []
    raw = tomllib.loads((SHIPPED / "words" / f"{name}.de.toml").read_text("utf-8"))["words"]
    assert sorted(raw.keys() - set(spoken(manifest))) == [], "words for what nobody says"


def test_a_portal_is_named_or_a_file(tmp_path: Path) -> None:
    assert Settings(manifest=Path("client")).manifest == shipped("client")
    assert Settings(manifest=tmp_path / "own.toml").manifest == tmp_path / "own.toml"
    with pytest.raises(ValueError, match="There is no portal clients"):
        shipped("clients")


@pytest.fixture(scope="module")
def base() -> dict[str, Any]:
    """The partner portal as data."""
    return tomllib.loads(shipped("partner").read_text("utf-8"))


def overlaid(folder: Path, over: str) -> Path:
    path = folder / "own.toml"
    path.write_text(f'extends = "partner.toml"\n{over}', "utf-8")
    return path


DEAL = '[[entities]]\nname = "deal_registration"\n'


@pytest.mark.parametrize(
    ("over", "says"),
    [
        (
            DEAL + 'form = { sections = [{ title = "Customer", rows = [["custmer"]] }] }',
            "entities.deal_registration.form.sections.Customer.rows: There is no field custmer. Did you mean customer?",
        ),
        (
            DEAL + 'lifecycle = { commands = [{ name = "withdraw", to_state = "withdrown" }] }',
            (
                "entities.deal_registration.lifecycle.commands.withdraw.to_state: There is no state withdrown."
                " Did you mean withdrawn?"
            ),
        ),
        (
            DEAL + 'list = { chips = [{ name = "mine", filters = [{ op = "mine", field = "ownr" }] }] }',
            "entities.deal_registration.list.chips.mine: There is no field ownr. Did you mean owner?",
        ),
        (
            DEAL
            + 'list = { chips = [{ name = "x", label = "X", filters = [{ op = "like", field = "title" }] }] }',
            "entities.deal_registration.list.chips.x.filters.0.op: There is no operator like. There are: eq, in,",
        ),
        (
            DEAL + 'list = { sort = "-updatet_at" }',
            "entities.deal_registration.list.sort: There is no field updatet_at. Did you mean updated_at?",
        ),
        (
            DEAL + 'lifecycle = { states = [{ name = "draft", editable = ["amonut"] }] }',
            "entities.deal_registration.lifecycle.states.draft.editable: There is no field amonut.",
        ),
        (
            DEAL + 'lifecycle = { states = [{ name = "draft", step = 9 }] }',
            "entities.deal_registration.lifecycle.states.draft: There is no step 9. Steps count from 0 to 4.",
        ),
        (
            DEAL + 'lifecycle = { initial = "drafty" }',
            "entities.deal_registration.lifecycle.initial: There is no state drafty. Did you mean draft?",
        ),
        (
            DEAL + 'fields = [{ name = "fee", label = "Fee", type = "money", owner = "partner" }]',
            "entities.deal_registration.fields.fee: Nothing says in which currency it is.",
        ),
        (
            DEAL + 'fields = [{ name = "type", default = "old" }]',
            "entities.deal_registration.fields.type.default: There is no choice old.",
        ),
        (
            DEAL + 'fields = [{ name = "title", rules = [{ rule = "requierd" }] }]',
            "entities.deal_registration.fields.title.rules: There is no rule requierd.",
        ),
        (
            DEAL
            + 'fields = [{ name = "title", rules = [{ rule = "pattern", regex = "(", message = "x" }] }]',
            "entities.deal_registration.fields.title.rules: The pattern cannot be used:",
        ),
        (
            DEAL + 'create_roles = ["rap"]',
            "entities.deal_registration.create_roles: There is no role rap. Did you mean rep?",
        ),
        (
            DEAL + 'related = [{ entity = "request", field = "deel" }]',
            "entities.deal_registration.related.request: There is no field of request deel. Did you mean deal?",
        ),
        (
            '[[jobs]]\nname = "renew_deal"\nthen = "convrt"',
            "jobs.renew_deal.then: There is no command convrt. Did you mean convert?",
        ),
        (
            '[[jobs]]\nname = "x"\nlabel = "X"\nicon = "plus"\nentity = "order"\ndoes = "create"',
            "jobs.x: Orders cannot be made.",
        ),
        (
            '[[templates]]\nname = "agreement"\nform = { sections = [{ title = "Signature", rows = [["agred"]] }] }',
            "templates.agreement.form.sections.Signature.rows: There is no field agred. Did you mean agreed?",
        ),
        ('brand = { accent = "blue" }', "brand.accent: blue is no colour."),
        (
            'brand = { accent = "#9EC1FF" }',
            "brand.accent: #9EC1FF is too pale to be read on white (1.8 to 1).",
        ),
        (
            DEAL + 'lable = "Deal"',
            "entities.deal_registration.lable: This attribute is not known. Did you mean label?",
        ),
        ('[[entities]]\nname = "lead"\nkey = "D"', "entities: The key D leads to more than one page."),
    ],
)
def test_a_slip_is_told_with_its_place(base: dict[str, Any], over: str, says: str) -> None:
    files = {"own.toml": {"extends": "base.toml", **tomllib.loads(over)}, "base.toml": base}
    data = resolve("own.toml", files.__getitem__)
    flaws = (*lint(parse_manifest(data)), *misspelt(data))
    assert [str(flaw) for flaw in flaws if str(flaw).startswith(says)], [str(flaw) for flaw in flaws]


def test_what_would_not_work_keeps_a_gateway_from_starting_and_a_note_does_not(tmp_path: Path) -> None:
    path = overlaid(tmp_path, 'brand = { accent = "#9EC1FF" }')
    assert load_portal(path).brand.accent == "#9EC1FF"
    assert [(one.id, one.severity) for one in check_manifest(path)] == [("manifest_note", Severity.KNOW)]
    overlaid(tmp_path, DEAL + 'list = { sort = "updatet_at" }\ncreate_roles = ["rap"]')
    with pytest.raises(
        OverlayProblem, match=r"own\.toml, entities\.deal_registration\.create_roles: .*1 more"
    ):
        load_portal(path)
    assert {one.id for one in check_manifest(path)} == {"manifest"}
    path.write_text("name = ", "utf-8")
    (found,) = check_manifest(path)
    assert "own.toml: It is no TOML" in found.cause
    overlaid(tmp_path, 'roles = [{ name = "x" }]')
    (found,) = check_manifest(path)
    assert "own.toml, roles.x.label: It is missing." in found.cause
    assert check_manifest(tmp_path / "none.toml")[0].id == "manifest"


def test_words_come_from_beside_the_manifest_and_from_what_it_extends(tmp_path: Path) -> None:
    path = overlaid(tmp_path, '[say]\n"Deal" = "Case"')
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "own.de.toml").write_text('[words]\n"Case" = "Fall"\n', "utf-8")
    assert load_portal(path).words["de"]["Case"] == "Fall"


def test_a_manifest_made_by_hand_is_held_to_the_same() -> None:
    manifest: Manifest = load_portal(shipped("partner"))
    twice = manifest.changed(entities=(*manifest.entities, manifest.entities[0]))
    assert any(flaw.cause == "It is there twice." for flaw in lint(twice))
