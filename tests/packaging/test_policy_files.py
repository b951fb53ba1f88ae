"""What IT departments are given says what the schema says, is well made, and is read back as it was meant."""

from __future__ import annotations

import importlib
import json
import os
import plistlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from app.session.policy.linux import LinuxPolicy
from app.session.policy.macos import DOMAIN, MacPolicy
from app.session.policy.reading import managed
from app.session.policy.schema import Managed
from app.session.policy.settings import SETTINGS, Kind, Setting
from app.session.policy.windows import DEFAULTS_KEY, POLICY_KEY, WindowsPolicy
from tests.unit.test_policy_sources import FakePreferences, FakeRegistry
from tools.policy.__main__ import FOLDER, made, main
from tools.policy.admx import LANGUAGES, NAMESPACE
from tools.policy.tables import BEGIN, END, with_reference
from tools.policy.words import WORDS
from tools.project import ROOT

KEYS = [setting.key for setting in SETTINGS]
EXAMPLES = {setting.key: WORDS[setting.name].example for setting in SETTINGS}

#: Which child follows which, as the schema of ADMX has them, and what an element may carry.
ORDER = {
    "policyDefinitions": ["policyNamespaces", "resources", "supportedOn", "categories", "policies"],
    "policy": ["parentCategory", "supportedOn", "enabledValue", "disabledValue", "elements"],
    "policyDefinitionResources": ["displayName", "description", "resources"],
    "resources": ["stringTable", "presentationTable"],
    "textBox": ["label", "defaultValue"],
}
ATTRIBUTES = {
    "policy": {"name", "class", "displayName", "explainText", "presentation", "key", "valueName"},
    "text": {"id", "valueName", "required", "maxLength"},
    "decimal": {"id", "valueName", "required", "minValue", "maxValue", "value"},
    "enum": {"id", "valueName", "required"},
    "list": {"id", "key", "valuePrefix"},
    "textBox": {"refId"},
    "decimalTextBox": {"refId", "defaultValue"},
    "dropdownList": {"refId", "noSort", "defaultItem"},
    "listBox": {"refId"},
}
#: Which box an element is shown in.
BOXES = {"text": "textBox", "decimal": "decimalTextBox", "enum": "dropdownList", "list": "listBox"}


def tag(element: ET.Element) -> str:
    space, _, name = element.tag.rpartition("}")
    assert space == "{" + NAMESPACE
    return name


def find(root: ET.Element, path: str) -> list[ET.Element]:
    return root.findall("/".join(f"{{{NAMESPACE}}}{part}" for part in path.split("/")))


@pytest.fixture(scope="module")
def admx() -> ET.Element:
    return ET.fromstring((FOLDER / "counterpart.admx").read_bytes())


@pytest.fixture(scope="module", params=LANGUAGES)
def adml(request: pytest.FixtureRequest) -> ET.Element:
    return ET.fromstring((FOLDER / request.param / "counterpart.adml").read_bytes())


@pytest.fixture(scope="module")
def policies(admx: ET.Element) -> dict[str, ET.Element]:
    return {policy.attrib["name"]: policy for policy in find(admx, "policies/policy")}


# -- drift ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", made(), ids=lambda path: str(path.relative_to(ROOT)))
def test_each_file_is_what_the_schema_makes(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == made()[path], "run: python -m tools.policy"


def test_the_check_says_what_is_stale(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check"]) == 0
    monkeypatch.setattr("tools.policy.__main__.sample_toml", lambda: "changed")
    assert main(["check"]) == 1
    assert "packaging/policy/policy.toml" in capsys.readouterr().out


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="lost its marks"):
        with_reference("# Rolling it out\n")
    page = with_reference(f"before {BEGIN} old {END} after")
    assert page.startswith("before ")
    assert page.endswith(" after")
    assert all(f"`{key}`" in page for key in KEYS)


def test_every_setting_has_words_in_both_languages() -> None:
    assert list(WORDS) == [setting.name for setting in SETTINGS]
    for setting in SETTINGS:
        words = WORDS[setting.name]
        assert set(words.items) == set(setting.choices)
        for text in (words.title, words.about, *words.items.values()):
            assert text.en
            assert text.de
            assert "--" not in text.en


# -- Group Policy ---------------------------------------------------------------------------------------------
def walk(root: ET.Element) -> Iterator[ET.Element]:
    return root.iter()


def test_the_template_is_made_as_its_schema_says(admx: ET.Element, adml: ET.Element) -> None:
    assert (tag(admx), tag(adml)) == ("policyDefinitions", "policyDefinitionResources")
    for root in (admx, adml):
        assert all(
            re.fullmatch(r"\d{1,4}\.\d{1,5}", root.attrib[name]) for name in ("revision", "schemaVersion")
        )
        for element in walk(root):
            name = tag(element)
            children = list(dict.fromkeys(tag(child) for child in element))
            if name in ORDER and not (name == "resources" and root is admx):
                assert children == [child for child in ORDER[name] if child in children], name
            if name in ATTRIBUTES:
                assert set(element.attrib) <= ATTRIBUTES[name], name
    for string in find(adml, "resources/stringTable/string"):
        assert re.fullmatch(r"\w+", string.attrib["id"])


def test_every_reference_of_the_template_leads_somewhere(admx: ET.Element, adml: ET.Element) -> None:
    strings = [string.attrib["id"] for string in find(adml, "resources/stringTable/string")]
    boxes = [box.attrib["id"] for box in find(adml, "resources/presentationTable/presentation")]
    assert len(set(strings)) == len(strings)
    assert len(set(boxes)) == len(boxes)
    text = ET.tostring(admx, encoding="unicode")
    assert sorted(set(re.findall(r"\$\(string\.(\w+)\)", text))) == sorted(strings), (
        "each is there and none too many"
    )
    assert sorted(re.findall(r"\$\(presentation\.(\w+)\)", text)) == sorted(boxes)
    categories = {category.attrib["name"] for category in find(admx, "categories/category")}
    products = {definition.attrib["name"] for definition in find(admx, "supportedOn/definitions/definition")}
    for policy in find(admx, "policies/policy"):
        assert find(policy, "parentCategory")[0].attrib["ref"] in categories
        assert find(policy, "supportedOn")[0].attrib["ref"] in products


def test_each_policy_is_shown_in_the_box_of_its_kind(
    policies: dict[str, ET.Element], adml: ET.Element
) -> None:
    shown = {box.attrib["id"]: box for box in find(adml, "resources/presentationTable/presentation")}
    assert list(policies) == KEYS
    for key, policy in policies.items():
        elements = [*find(policy, "elements")[0]] if find(policy, "elements") else []
        boxes = [*shown[key]] if key in shown else []
        assert [BOXES[tag(element)] for element in elements] == [tag(box) for box in boxes]
        assert [element.attrib["id"] for element in elements] == [box.attrib["refId"] for box in boxes]
        for box in boxes:
            label = box.findtext(f"{{{NAMESPACE}}}label") if tag(box) == "textBox" else box.text
            assert (label or "").strip()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: str(setting.key))
def test_each_policy_has_the_type_and_bounds_of_its_setting(
    setting: Setting, policies: dict[str, ET.Element]
) -> None:
    policy = policies[setting.key]
    assert policy.attrib["key"] == POLICY_KEY
    assert policy.attrib["class"] == "Both"
    if setting.kind is Kind.SWITCH:
        assert policy.attrib["valueName"] == setting.key
        return
    (element,) = find(policy, "elements")[0]
    match setting.kind:
        case Kind.TEXT:
            assert (tag(element), element.attrib["maxLength"]) == ("text", str(setting.longest))
        case Kind.NUMBER:
            least = "0" if setting.default is None else str(setting.least)
            assert (tag(element), element.attrib["minValue"], element.attrib["maxValue"]) == (
                "decimal", least, str(setting.most),
            )  # fmt: skip
        case Kind.CHOICE:
            assert [string.text for string in find(element, "item/value/string")] == list(setting.choices)
        case Kind.LIST:
            assert element.attrib["key"] == rf"{POLICY_KEY}\{setting.key}"
            assert element.attrib["valuePrefix"] == ""


def registry_of(policies: Mapping[str, ET.Element], values: Mapping[str, Any]) -> FakeRegistry:
    """What Group Policy writes for policies that are enabled with these values; False: disabled."""
    held: dict[str, dict[str, Any] | None] = {f"HKLM\\{POLICY_KEY}": {}}
    for name, value in values.items():
        policy = policies[name]
        target = held[f"HKLM\\{policy.attrib['key']}"]
        assert target is not None
        if isinstance(value, bool):
            (chosen,) = find(policy, "enabledValue" if value else "disabledValue")[0]
            target[policy.attrib["valueName"]] = int(chosen.attrib["value"])
            continue
        (element,) = find(policy, "elements")[0]
        if tag(element) == "list":
            prefix = element.attrib["valuePrefix"]
            numbered = {f"{prefix}{number}": one for number, one in enumerate(value, 1)}
            held[f"HKLM\\{element.attrib['key']}"] = numbered
        else:
            target[element.attrib["valueName"]] = value
    return FakeRegistry(held)


def expect_examples(found: Managed, keys: list[str]) -> None:
    """All of the named settings are forced, and have the values of the examples."""
    assert found.problems == ()
    assert found.forced == {setting.name for setting in SETTINGS if setting.key in keys}
    for setting in SETTINGS:
        if setting.key in keys:
            assert getattr(found.policy, setting.name) == EXAMPLES[setting.key], setting.key


def test_what_group_policy_writes_is_read_back(policies: dict[str, ET.Element]) -> None:
    expect_examples(managed(WindowsPolicy(registry_of(policies, EXAMPLES))), KEYS)
    off = managed(WindowsPolicy(registry_of(policies, {"Kiosk": False})))
    assert off.forces("kiosk")
    assert not off.policy.kiosk
    free = managed(WindowsPolicy(registry_of(policies, {"DocumentQuotaMb": 0})))
    assert free.policy.document_quota_mb is None
    assert free.problems == ()


# -- macOS ----------------------------------------------------------------------------------------------------
def uncommented(text: str) -> str:
    """The profile with every setting taken in."""
    return re.sub(r"<!--\n(.*?)\n\s*-->", r"\1", text, flags=re.DOTALL)


@pytest.mark.parametrize("whole", [False, True], ids=["as it is", "with everything"])
def test_the_profile_is_valid_and_read_back(whole: bool) -> None:
    text = (FOLDER / "counterpart.mobileconfig").read_text("utf-8")
    profile = plistlib.loads((uncommented(text) if whole else text).encode())
    assert (profile["PayloadType"], profile["PayloadVersion"], profile["PayloadScope"]) == (
        "Configuration",
        1,
        "System",
    )
    (payload,) = profile["PayloadContent"]
    assert payload["PayloadType"] == DOMAIN
    assert payload["PayloadIdentifier"].startswith(profile["PayloadIdentifier"] + ".")
    for one in (profile, payload):
        assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", one["PayloadUUID"])
    assert payload["PayloadUUID"] != profile["PayloadUUID"]
    values = {key: value for key, value in payload.items() if not key.startswith("Payload")}
    keys = KEYS if whole else ["GatewayAddress", "AllowedGateways"]
    assert list(values) == keys
    expect_examples(managed(MacPolicy(FakePreferences(values, {}))), keys)


# -- Linux ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("whole", [False, True], ids=["as it is", "with everything"])
def test_the_sample_file_is_read_back(whole: bool, tmp_path: Path) -> None:
    text = (FOLDER / "policy.toml").read_text("utf-8")
    text = re.sub(r"^#(\w)", r"\1", text, flags=re.MULTILINE) if whole else text
    keys = KEYS if whole else ["GatewayAddress", "AllowedGateways"]
    assert list(tomllib.loads(text)) == keys
    folder = tmp_path / "counterpart"
    folder.mkdir(mode=0o755)
    (folder / "policy.toml").write_text(text, "utf-8")
    (folder / "policy.toml").chmod(0o644)
    expect_examples(managed(LinuxPolicy(folder, owner=os.getuid())), keys)


# -- other tools ----------------------------------------------------------------------------------------------
def test_the_schema_takes_the_examples_and_nothing_else() -> None:
    jsonschema = importlib.import_module("jsonschema")  # it has no type information
    schema = json.loads((FOLDER / "counterpart.schema.json").read_text("utf-8"))
    checker = jsonschema.validators.validator_for(schema)
    checker.check_schema(schema)
    takes = checker(schema).is_valid
    assert takes({key: list(value) if isinstance(value, tuple) else value for key, value in EXAMPLES.items()})
    assert takes({})
    for wrong in (
        {"OfflineDays": 366},
        {"OfflineDays": "14"},
        {"Kiosk": 1},
        {"UpdateChannel": "x"},
        {"Wallpaper": "blue"},
    ):
        assert not takes(wrong), wrong


# -- the page -------------------------------------------------------------------------------------------------
def test_what_the_page_says_one_sees_is_what_the_app_says() -> None:
    page = (ROOT / "docs" / "admin.md").read_text("utf-8")
    table = page.partition("## When something")[2].partition("## All policies")[0]
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "app").rglob("*.py"))
    said = [words for row in table.splitlines() for words in re.findall(r"\*([A-Z][^*]+)\*", row)]
    assert len(said) > 8
    assert [words for words in said if words not in source and words.replace("'", "’") not in source] == []


def test_what_the_page_sets_by_hand_is_understood() -> None:
    page = (ROOT / "docs" / "admin.md").read_text("utf-8")
    given = re.findall(r"\b([A-Z]{4,})=(\S+?)[`\s^]", page.partition("## All policies")[0])
    known = {setting.installer_property: setting for setting in SETTINGS}
    settings = [(known[name], value) for name, value in given if name != "KEEPDATA"]
    keys = {"GatewayAddress", "AllowedGateways", "OfflineDays", "KioskPlace", "Proxy"}
    assert {setting.key for setting, _ in settings} == keys
    for setting, value in settings:
        registry = FakeRegistry({f"HKLM\\{DEFAULTS_KEY}": {setting.key: value}})
        assert managed(WindowsPolicy(registry)).problems == ()
    for key, kind, value in re.findall(r"Counterpart /v (\w+) /t (\w+) /d (\S+)", page):
        raw = int(value) if kind == "REG_DWORD" else value.split(r"\0")
        assert managed(WindowsPolicy(FakeRegistry({f"HKLM\\{POLICY_KEY}": {key: raw}}))).problems == ()


def test_what_the_page_sets_by_oma_uri_is_in_the_template_and_understood(
    policies: dict[str, ET.Element],
) -> None:
    page = (ROOT / "docs" / "admin.md").read_text("utf-8")
    rows = re.findall(
        r"Config/Counterpart~Policy~Counterpart/(\w+)` \| `<enabled/>(?:<data id=\"(\w+)\" value=\"([^\"]+)\")?",
        page,
    )
    assert {"GatewayAddress", "AllowedGateways", "OfflineDays", "UpdateChannel", "Kiosk"} == {
        row[0] for row in rows
    }
    values: dict[str, Any] = {}
    for name, element, value in rows:
        elements = find(policies[name], "elements")
        assert element == (elements[0][0].attrib["id"] if elements else "")
        # A list travels as number and value in turn, with this character between them all.
        parts = value.split("&#xF000;")
        values[name] = parts[1::2] if len(parts) > 1 else value or True
    found = managed(WindowsPolicy(registry_of(policies, values)))
    assert found.problems == ()
    assert (found.policy.kiosk, found.policy.offline_days, found.policy.update_channel) == (True, 14, "none")
    assert len(found.policy.allowed_gateways) == 2


def test_intune_takes_the_template(admx: ET.Element) -> None:
    """What its import refuses, and what MDM may not write: other templates, combo boxes, keys of the system."""
    assert find(admx, "policyNamespaces/using") == []
    assert (FOLDER / "counterpart.admx").stat().st_size < 1_000_000
    for language in LANGUAGES:
        assert "comboBox" not in (FOLDER / language / "counterpart.adml").read_text("utf-8")
    keys = {one.attrib["key"].lower() for one in walk(admx) if "key" in one.attrib}
    assert keys == {POLICY_KEY.lower(), rf"{POLICY_KEY}\AllowedGateways".lower()}
    assert not [
        key
        for key in keys
        if key.startswith((r"software\policies\microsoft", r"software\microsoft", "system"))
    ]
    for policy in find(admx, "policies/policy"):
        assert find(policy, "parentCategory"), "without one the import fails"
        assert policy.attrib["explainText"]
        assert find(policy, "supportedOn")
