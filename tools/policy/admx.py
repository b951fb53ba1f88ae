"""The templates of Group Policy: one ADMX, and an ADML for each language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never
from xml.etree import ElementTree as ET

from app.session.policy.settings import SETTINGS, Kind, Setting
from app.session.policy.windows import POLICY_KEY
from tools.policy.words import PRODUCT, SUPPORTED, WORDS

NAMESPACE = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"
_VERSION = {"revision": "1.0", "schemaVersion": "1.0"}
_CATEGORY, _SUPPORTED = "Counterpart", "SUPPORTED_Counterpart"

#: Folders of the languages in a central store.
LANGUAGES = {"en-US": "en", "de-DE": "de"}


def admx() -> str:
    """The policies, in the order of ADMX's schema. Nothing of Windows' own templates is referred to."""
    root = ET.Element("policyDefinitions", {"xmlns": NAMESPACE, **_VERSION})
    namespaces = ET.SubElement(root, "policyNamespaces")
    ET.SubElement(namespaces, "target", prefix="counterpart", namespace="Counterpart.Policies.Counterpart")
    ET.SubElement(root, "resources", minRequiredRevision="1.0")
    definitions = ET.SubElement(ET.SubElement(root, "supportedOn"), "definitions")
    ET.SubElement(definitions, "definition", name=_SUPPORTED, displayName=_string(_SUPPORTED))
    categories = ET.SubElement(root, "categories")
    ET.SubElement(categories, "category", name=_CATEGORY, displayName=_string(_CATEGORY))
    policies = ET.SubElement(root, "policies")
    for setting in SETTINGS:
        policies.append(_policy(setting))
    return _written(root)


def _policy(setting: Setting) -> ET.Element:
    key = setting.key
    names = {
        "name": key,
        "class": "Both",
        "displayName": _string(key),
        "explainText": _string(f"{key}_About"),
    }
    policy = ET.Element("policy", names)
    policy.set("key", POLICY_KEY)
    ET.SubElement(policy, "parentCategory", ref=_CATEGORY)
    ET.SubElement(policy, "supportedOn", ref=_SUPPORTED)
    if setting.kind is Kind.SWITCH:
        policy.set("valueName", key)
        ET.SubElement(ET.SubElement(policy, "enabledValue"), "decimal", value="1")
        ET.SubElement(ET.SubElement(policy, "disabledValue"), "decimal", value="0")
        return policy
    policy.set("presentation", f"$(presentation.{key})")
    elements = ET.SubElement(policy, "elements")
    elements.append(_element(setting))
    return policy


def _element(setting: Setting) -> ET.Element:
    key = setting.key
    named = {"id": key, "valueName": key, "required": "true"}
    match setting.kind:
        case Kind.TEXT:
            return ET.Element("text", {**named, "maxLength": str(setting.longest)})
        case Kind.NUMBER:
            bounds = {"minValue": str(_least(setting)), "maxValue": str(setting.most)}
            return ET.Element("decimal", {**named, **bounds})
        case Kind.CHOICE:
            element = ET.Element("enum", named)
            for choice in setting.choices:
                item = ET.SubElement(element, "item", displayName=_string(f"{key}_{choice}"))
                ET.SubElement(ET.SubElement(item, "value"), "string").text = choice
            return element
        case Kind.LIST:
            # Its values are numbered, in a key of their own.
            return ET.Element("list", {"id": key, "key": f"{POLICY_KEY}\\{key}", "valuePrefix": ""})
        case Kind.SWITCH:
            raise ValueError(setting)
        case _:
            assert_never(setting.kind)


def _least(setting: Setting) -> int:
    """A box for a number has no *not set*: 0 says it, where that is the default."""
    return 0 if setting.default is None else setting.least


def adml(language: str) -> str:
    """The words of a language: *en*, *de*."""
    root = ET.Element("policyDefinitionResources", {"xmlns": NAMESPACE, **_VERSION})
    ET.SubElement(root, "displayName").text = PRODUCT[language]
    ET.SubElement(root, "description").text = PRODUCT[language]
    resources = ET.SubElement(root, "resources")
    strings = ET.SubElement(resources, "stringTable")
    for name, text in _strings(language):
        ET.SubElement(strings, "string", id=name).text = text
    presentations = ET.SubElement(resources, "presentationTable")
    for setting in SETTINGS:
        if setting.kind is not Kind.SWITCH:
            presentation = ET.SubElement(presentations, "presentation", id=setting.key)
            presentation.append(_box(setting, language))
    return _written(root)


def _strings(language: str) -> Iterator[tuple[str, str]]:
    yield _SUPPORTED, SUPPORTED[language]
    yield _CATEGORY, PRODUCT[language]
    for setting in SETTINGS:
        words = WORDS[setting.name]
        yield setting.key, words.title[language]
        yield f"{setting.key}_About", words.about[language].replace("*", "").replace("`", "")
        for choice in setting.choices:
            yield f"{setting.key}_{choice}", words.items[choice][language]


def _box(setting: Setting, language: str) -> ET.Element:
    title = WORDS[setting.name].title[language]
    named = {"refId": setting.key}
    match setting.kind:
        case Kind.TEXT:
            box = ET.Element("textBox", named)
            ET.SubElement(box, "label").text = title
            if setting.default:
                ET.SubElement(box, "defaultValue").text = str(setting.default)
            return box
        case Kind.NUMBER:
            box = ET.Element("decimalTextBox", {**named, "defaultValue": str(setting.default or 0)})
        case Kind.CHOICE:
            chosen = setting.choices.index(setting.default)
            box = ET.Element("dropdownList", {**named, "noSort": "true", "defaultItem": str(chosen)})
        case Kind.LIST:
            box = ET.Element("listBox", named)
        case Kind.SWITCH:
            raise ValueError(setting)
        case _:
            assert_never(setting.kind)
    box.text = title
    return box


def _string(name: str) -> str:
    return f"$(string.{name})"


def _written(root: ET.Element) -> str:
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
