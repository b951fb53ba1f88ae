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


#: Mistakes of an author in a file that extends the partner portal, and what is said of each. In deals, where it begins
#: with `+`.
SLIPS = {
    '+fields = [{ name = "title", rules = [{ rule = "length", maxx = 5 }] }]': (
        "fields.title.rules.0.maxx: This attribute is not known. Did you mean max?"
    ),
    '+fields = [{ name = "title", rules = [{ rule = "length", max = "five" }] }]': (
        "fields.title.rules.max: 'five' is no whole number. Write it in digits, without quotes."
    ),
    '+fields = [{ name = "title", rules = [{ rule = "length", min = 50, max = 5 }] }]': (
        "fields.title.rules.length: No text has 50 to 5 characters."
    ),
    '+fields = [{ name = "target_close", rules = [{ rule = "length", max = 5 }] }]': (
        "fields.target_close.rules.length: It says nothing of a field of type date."
    ),
    '+fields = [{ name = "amount", rules = [{ rule = "between", min = "a lot" }] }]': (
        "fields.amount.rules.between: a lot is no number."
    ),
    '+fields = [{ name = "title", rules = [{ rule = "required_when", field = "type", values = ["old"] }] }]': (
        "fields.title.rules.required_when: There is no choice of type: old."
    ),
    '+fields = [{ name = "x", label = "X", type = "text", owner = "partner", rules = [{ rule = "required" }] }]': (
        "form.sections: x is required and not asked for"
    ),
    '+fields = [{ name = "x", label = "X", type = "number", owner = "partner" }]': (
        "fields.x.type: There is no type number. There are: text,"
    ),
    '+fields = [{ name = "x", label = "X", type = "txt", owner = "partner" }]': (
        "fields.x.type: There is no type txt. Did you mean text?"
    ),
    '+fields = [{ name = "x", label = "X", type = "text", owner = "partners" }]': (
        "fields.x.owner: It cannot be 'partners'. Did you mean partner?"
    ),
    '+fields = [{ name = "x", type = "text", owner = "partner" }]': "fields.x.label: It is missing.",
    '+fields = [{ name = "x", label = "X", type = "choice", owner = "partner" }]': (
        "fields.x: There is nothing to choose from."
    ),
    '+fields = [{ name = "x", label = "X", type = "choice", owner = "partner", choices = ["a"] }]': (
        "fields.x.choices.0: 'a' is no table."
    ),
    '+fields = [{ name = "who pays", label = "X", type = "text", owner = "partner" }]': (
        "fields.who pays: The name 'who pays' cannot be used."
    ),
    '+fields = [{ name = "amount", default = 5.0 }]': (
        "fields.amount.default: 5.0 is nothing a field of type money may hold. Write it in quotes"
    ),
    '+fields = [{ name = "amount", currency_field = "title" }]': (
        "fields.amount.currency_field: title holds no currency."
    ),
    '+icon = "brifcase"': "icon: There is no icon brifcase. Did you mean briefcase?",
    '+key = "DD"': "key: DD is not one letter.",
    '+key = "Y"': "entities: The key Y leads to more than one page.",
    '+lifecycle = { states = [{ name = "draft", tone = "green" }] }': (
        "lifecycle.states.draft.tone: There is no tone green. There are: neutral,"
    ),
    '+lifecycle = { states = [{ name = "draft", editable = "some" }] }': (
        "lifecycle.states.draft.editable: It cannot be 'some'. There are: all, none."
    ),
    '+lifecycle = { commands = [{ name = "withdraw", from_states = "draft" }] }': (
        "lifecycle.commands.withdraw.from_states: 'draft' is no list. Write it in brackets"
    ),
    '+list = { columns = [{ field = "title", label = "T", show = "pil" }] }': (
        "list.columns.0.show: There is no way to show a column: pil. Did you mean pill?"
    ),
    '+list = { total = "title" }': "list.total: title is of type text. Name a field of type money.",
    '+list = { windows = [30], window_field = "title" }': "list.window_field: title is of type text.",
    '+list = { chips = [{ name = "x", label = "X", filters = [{ op = "eq", field = "type", values = ["old"] }] }] }': (
        "list.chips.x: There is no choice of type: old."
    ),
    '+list = { chips = [{ name = "x", label = "X", filters = [{ op = "eq", field = "type" }] }] }': (
        "list.chips.x: The filter eq has no values."
    ),
    '+list = { chips = [{ name = "x", label = "X", filters = [{ op = "before_today", field = "title" }] }] }': (
        "list.chips.x: title is of type text, and has no day."
    ),
    '+list = { chips = [{ name = "x", label = "X", filters = [{ op = "sync", values = ["waitng"] }] }] }': (
        "list.chips.x: There is no state of sync waitng. Did you mean waiting?"
    ),
    '+form = { sections = [{ title = "Customer", rows = ["customer"] }] }': (
        "form.sections.Customer.rows.0: 'customer' is no list."
    ),
    '+form = { sections = [{ title = "Evidence", rows = [["reviewer"]] }] }': (
        "form.sections.Evidence.rows: reviewer is the vendor's"
    ),
    '[[entities]]\nname = "company"\nlist = { board = true }': (
        "entities.company.list.board: There are no states to be its columns."
    ),
    '[[entities]]\nname = "settings"\nlabel = "S"\nplural = "S"\ntitle_field = "x"\nfields = []': (
        "entities.settings: The name settings has a meaning of its own."
    ),
    '[[roles]]\nname = "rep"\nreach = ["sale"]': "roles.rep.reach: There is no family sale. Did you mean sales?",
    'currencies = ["EURO"]': "currencies: EURO is no currency.",
    "version = 2": "version: 2 is no text. Write it in quotes.",
    'brand = { mark = "<svg>" }': "brand.mark: brand.mark holds the data of one SVG path",
    '[[jobs]]\nname = "raise_request"\nshortcut = "Ctrl+N"': "jobs.raise_request.shortcut: Ctrl+N is taken.",
    '[[jobs]]\nname = "raise_request"\nshortcut = "Ctrl+K"': "jobs.raise_request.shortcut: Ctrl+K is taken.",
    '[[jobs]]\nname = "raise_request"\nshortcut = "Foo+N"': "jobs.raise_request.shortcut: Foo+N is no shortcut.",
    '[[jobs]]\nname = "renew_deal"\nstates = ["aproved"]': (
        "jobs.renew_deal.states: There is no state aproved. Did you mean approved?"
    ),
    '[[jobs]]\nname = "renew_deal"\nstates = []': "jobs.renew_deal.states: It names no states",
    '[[jobs]]\nname = "renew_deal"\nsets = { type = "again" }': "jobs.renew_deal.sets: type cannot be 'again'.",
    '[[jobs]]\nname = "x"\nlabel = "X"\nicon = "plus"\nentity = "request"\ndoes = "command"': (
        "jobs.x.command: No command is named. There are: resolve,"
    ),
    '[[templates]]\nname = "t"\nlabel = "T"\nfields = [{ name = "a", label = "A", type = "numbr", owner = "partner" }]'
    '\nform = { sections = [{ title = "A", rows = [["a"]] }] }': "templates.t.fields.a.type: There is no type numbr.",
    '[say]\n"Deel" = "Case"': "say: Nothing there reads \u201cDeel\u201d.",
}


@pytest.mark.parametrize("over", SLIPS)
def test_each_mistake_is_told_with_its_place_and_a_remedy(tmp_path: Path, over: str) -> None:
    text = DEAL + over[1:] if over.startswith("+") else over
    where = (
        "own.toml, entities.deal_registration."
        if over.startswith("+") and "key Y" not in SLIPS[over]
        else "own.toml, "
    )
    found = check_manifest(overlaid(tmp_path, text))
    told = [f"{one.cause} {one.remedy}" for one in found if one.cause.startswith(where)]
    said = [line for line in (one.removeprefix(where) for one in told) if line.startswith(SLIPS[over])]
    said += [
        line for line in (one.cause.partition("cannot be used: ")[2] for one in found) if SLIPS[over] in line
    ]
    assert said, [one.line() for one in found]


def test_all_that_keeps_a_file_from_being_a_manifest_is_told_at_once(tmp_path: Path) -> None:
    path = overlaid(tmp_path, f'version = 2\n{DEAL}fields = [{{ name = "x" }}]')
    assert [one.cause for one in check_manifest(path)] == [
        "own.toml, version: 2 is no text.",
        *(
            f"own.toml, entities.deal_registration.fields.x.{name}: It is missing."
            for name in ("label", "type", "owner")
        ),
    ]
    with pytest.raises(
        OverlayProblem, match=r"own\.toml, version: 2 is no text\. .* \(3 more: counterpart-gateway"
    ):
        load_portal(path)


def test_a_portal_that_ships_is_extended_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('extends = "client"', "utf-8")
    assert load_portal(path).brand.vendor == "Ardent Studio"
    path.write_text('extends = "clients"', "utf-8")
    with pytest.raises(
        OverlayProblem, match=r"own\.toml, extends: There is no file .*clients\. Those that ship are: par"
    ):
        load_portal(path)


def test_a_list_that_is_not_there_yet_is_added_to(tmp_path: Path) -> None:
    path = overlaid(tmp_path, '[[entities]]\nname = "company"\ncreate_roles = { add = ["admin"] }')
    assert load_portal(path).by_name["company"].create_roles == ("admin",)


def test_what_has_no_words_and_words_for_nothing_are_told(tmp_path: Path) -> None:
    path = overlaid(tmp_path, '[say]\n"Deal" = "Case"\n"Deals" = "Cases"')
    (tmp_path / "words").mkdir()
    words = tmp_path / "words" / "own.de.toml"
    words.write_text('[words]\n"Case" = "Fall"\n"Casses" = "F\u00e4lle"\n', "utf-8")
    told = [str(flaw) for flaw in examine(path)[1]]
    assert [one for one in told if "words/own.de.toml" in one] == [
        'entities.deal_registration.plural: words/own.de.toml does not say \u201cCases\u201d. Add "Cases" = "\u2026".',
        "words/own.de.toml: Nothing reads \u201cCasses\u201d. Did you mean \u201cCases\u201d?",
    ]
    words.write_text('[word]\n"Case" = "Fall"\n', "utf-8")
    (found,) = check_manifest(path)
    assert "words/own.de.toml: It is no file of words." in found.cause


def test_what_still_speaks_of_the_extended_portals_vendor_is_told(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('extends = "client"\nname = "own"\nbrand = { vendor = "Sonnhof Solar" }', "utf-8")
    told = [str(flaw) for flaw in examine(path)[1]]
    assert (
        'brand.mark: It is the logo of Ardent Studio, of client. Draw your own, or write mark = "" for the initial.'
        in told
    )
    assert any(
        "\u201cYou are told here as soon as Ardent answers.\u201d names the vendor of client." in one
        for one in told
    )
    assert not any(flaw.serious for flaw in examine(path)[1])
