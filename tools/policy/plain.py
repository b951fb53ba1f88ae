"""The samples of macOS and Linux, and the schema for tools that have forms of their own."""

from __future__ import annotations

import json
import textwrap
import uuid
from typing import Any, assert_never
from xml.sax.saxutils import escape

from app.session.policy.macos import DOMAIN
from app.session.policy.schema import Policy
from app.session.policy.settings import SETTINGS, Kind, Setting
from tools.policy.words import PRODUCT, WORDS, Words

#: What the samples set; the rest stands there to be taken in.
_SET = frozenset({"gateway_address", "allowed_gateways"})

_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- A configuration profile for Counterpart. Set what you need, take out the comment marks around what else you
     want, give both PayloadUUIDs values of your own (uuidgen), and let your MDM deliver it. See docs/admin.md. -->
<plist version="1.0">
<dict>
\t<key>PayloadContent</key>
\t<array>
\t\t<dict>
{settings}
\t\t\t<key>PayloadDisplayName</key>
\t\t\t<string>{product}</string>
\t\t\t<key>PayloadIdentifier</key>
\t\t\t<string>{domain}.policy.settings</string>
\t\t\t<key>PayloadType</key>
\t\t\t<string>{domain}</string>
\t\t\t<key>PayloadUUID</key>
\t\t\t<string>{inner}</string>
\t\t\t<key>PayloadVersion</key>
\t\t\t<integer>1</integer>
\t\t</dict>
\t</array>
\t<key>PayloadDisplayName</key>
\t<string>{product}</string>
\t<key>PayloadIdentifier</key>
\t<string>{domain}.policy</string>
\t<key>PayloadRemovalDisallowed</key>
\t<true/>
\t<key>PayloadScope</key>
\t<string>System</string>
\t<key>PayloadType</key>
\t<string>Configuration</string>
\t<key>PayloadUUID</key>
\t<string>{outer}</string>
\t<key>PayloadVersion</key>
\t<integer>1</integer>
</dict>
</plist>
"""


def mobileconfig() -> str:
    """A configuration profile: what most need is set, the rest stands in comments."""
    settings = "\n".join(_in_profile(setting) for setting in SETTINGS)
    return _PROFILE.format(
        settings=settings,
        product=PRODUCT.en,
        domain=DOMAIN,
        inner=_id("settings"),
        outer=_id("profile"),
    )


def _plain(words: Words) -> str:
    """What it does, without the marks of the reference."""
    return words.about.en.replace("*", "").replace("`", "")


def _id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.{DOMAIN}")).upper()


def _in_profile(setting: Setting) -> str:
    words = WORDS[setting.name]
    indent = "\t" * 3
    about = textwrap.wrap(f"{setting.key}: {_plain(words)}", 110)
    said = f"{indent}<!-- " + f"\n{indent}     ".join(escape(line) for line in about) + " -->"
    value = f"{indent}<key>{setting.key}</key>\n{_plist_value(words.example, indent)}"
    if setting.name in _SET:
        return f"{said}\n{value}"
    return f"{said}\n{indent}<!--\n{value}\n{indent}-->"


def _plist_value(value: Any, indent: str) -> str:
    match value:
        case bool():
            return f"{indent}<{'true' if value else 'false'}/>"
        case int():
            return f"{indent}<integer>{value}</integer>"
        case tuple():
            inside = "".join(f"{_plist_value(one, indent + chr(9))}\n" for one in value)
            return f"{indent}<array>\n{inside}{indent}</array>"
        case _:
            return f"{indent}<string>{escape(str(value))}</string>"


def sample_toml() -> str:
    """The policy file of Linux: what most need is set, the rest stands in comments."""
    head = (
        "# What an organisation sets for Counterpart on this computer: /etc/counterpart/policy.toml. Its values\n"
        "# beat the user's; the same in defaults.toml beside it are recommended. Both have to belong to root, and\n"
        "# nobody else may write them (chmod 644), nor the folder; a link is not followed. Afterwards, look at what\n"
        "# `counterpart policy` says.\n"
    )
    return head + "".join(_in_toml(setting) for setting in SETTINGS)


def _in_toml(setting: Setting) -> str:
    words = WORDS[setting.name]
    about = "".join(f"# {line}\n" for line in textwrap.wrap(_plain(words), 110))
    mark = "" if setting.name in _SET else "#"
    return f"\n{about}{mark}{setting.key} = {_toml_value(words.example)}\n"


def _toml_value(value: Any) -> str:
    # TOML writes all of these as JSON does.
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def json_schema() -> str:
    """The settings as JSON Schema, with titles and descriptions for forms."""
    properties: dict[str, Any] = {}
    for setting in SETTINGS:
        words = WORDS[setting.name]
        properties[setting.key] = {"title": words.title.en, "description": _plain(words), **_shape(setting)}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://{'.'.join(reversed(DOMAIN.split('.')))}/policy.schema.json",
        "title": PRODUCT.en,
        "description": (Policy.__doc__ or "").strip(),
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _shape(setting: Setting) -> dict[str, Any]:
    match setting.kind:
        case Kind.SWITCH:
            return {"type": "boolean", "default": setting.default}
        case Kind.NUMBER:
            least = {"minimum": setting.least, "maximum": setting.most}
            default = {} if setting.default is None else {"default": setting.default}
            return {"type": "integer", **least, **default}
        case Kind.CHOICE:
            return {"type": "string", "enum": list(setting.choices), "default": setting.default}
        case Kind.LIST:
            items = {"type": "string", "maxLength": setting.longest}
            return {"type": "array", "items": items, "maxItems": setting.many, "default": []}
        case Kind.TEXT:
            return {"type": "string", "maxLength": setting.longest, "default": setting.default}
        case _:
            assert_never(setting.kind)
