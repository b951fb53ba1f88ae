"""From what registries, profiles and files give to a value of the policy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, assert_never
from urllib.parse import urlsplit

from app.contract.errors import Refused
from app.contract.said import said
from app.session.accounts import gateway_url
from app.session.policy.schema import NO_PROXY, SYSTEM_PROXY
from app.session.policy.settings import Kind, Setting

_SWITCHES = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_SEPARATORS = re.compile(r"[;,\s]+")
#: A wrong entry of a list is quoted up to so many characters.
_SHOWN = 60
_ADDRESSES = frozenset({"gateway_address", "update_address"})


class NotUnderstood(Exception):
    """A raw value that makes no sense; `expected` says what would, in words."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


def understood(setting: Setting, raw: Any) -> Any:
    """Return the value that a raw one stands for, in the form the policy has it. Raises NotUnderstood.

    A DWORD of 0 or 1 is a switch, a text with digits a number, REG_MULTI_SZ, the numbered values of a key, and a text
    with several addresses in it a list. Addresses come back in the one form in which they are compared.
    """
    match setting.kind:
        case Kind.SWITCH:
            return _switch(raw)
        case Kind.NUMBER:
            return _number(setting, raw)
        case Kind.CHOICE:
            return _choice(setting, raw)
        case Kind.LIST:
            return _list(setting, raw)
        case Kind.TEXT:
            return _text(setting, raw)
        case _:
            assert_never(setting.kind)


def _switch(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    known = _SWITCHES.get(str(raw).strip().lower()) if isinstance(raw, int | str) else None
    if known is None:
        raise NotUnderstood(said("1 (on) or 0 (off)"))
    return known


def _number(setting: Setting, raw: Any) -> int:
    found: int | None = None
    if isinstance(raw, int) and not isinstance(raw, bool):
        found = raw
    elif isinstance(raw, str) and re.fullmatch(r"[0-9]{1,9}", raw.strip()):
        found = int(raw)
    zero = setting.least > 0 and found == 0  # a registry has no "not set": 0 says it, where 0 is nothing else
    if zero and setting.default is None:
        return 0
    if found is None or not setting.least <= found <= setting.most:
        raise NotUnderstood(
            said("a whole number from {least} to {most}", least=setting.least, most=setting.most)
        )
    return found


def _choice(setting: Setting, raw: Any) -> str:
    found = raw.strip().lower() if isinstance(raw, str) else ""
    if found not in setting.choices:
        if len(setting.choices) == 1:
            raise NotUnderstood(setting.choices[0])
        raise NotUnderstood(said("one of {choices}", choices=", ".join(setting.choices)))
    return found


def _list(setting: Setting, raw: Any) -> tuple[str, ...]:
    if isinstance(raw, str):
        found: list[Any] = [part for part in _SEPARATORS.split(raw) if part]
    elif isinstance(raw, Mapping):
        found = [raw[name] for name in sorted(raw, key=_by_number)]
    elif isinstance(raw, Sequence) and not isinstance(raw, bytes):
        found = [*raw]
    else:
        raise NotUnderstood(said("a list of addresses"))
    if len(found) > setting.many:
        raise NotUnderstood(said("a list of at most {count} addresses", count=setting.many))
    return tuple(dict.fromkeys(_listed(one, setting.longest) for one in found))


def _listed(raw: Any, longest: int) -> str:
    """An address of a list, in its one form; the one that is wrong is named, since the list may be long."""
    try:
        return _address(raw, longest)
    except NotUnderstood:
        shown = "".join(letter for letter in str(raw) if letter.isprintable())[:_SHOWN]
        if "@" in shown:
            raise NotUnderstood(said("addresses such as https://portal.vendor.example")) from None
        raise NotUnderstood(
            said("addresses such as https://portal.vendor.example, which “{one}” is not", one=shown)
        ) from None


def _by_number(name: str) -> tuple[int, str]:
    return (int(name) if name.isdecimal() else 0, name)


def _text(setting: Setting, raw: Any) -> str:
    if not isinstance(raw, str):
        raise NotUnderstood(said("text"))
    found = raw.strip()
    if len(found) > setting.longest or not found.isprintable():
        raise NotUnderstood(said("at most {count} characters, on one line", count=setting.longest))
    if setting.name in _ADDRESSES:
        return _address(found, setting.longest) if found else ""
    return _proxy(found) if setting.name == "proxy" else found


def _address(raw: Any, longest: int) -> str:
    text = raw if isinstance(raw, str) and len(raw) <= longest else ""
    if "*" in text:
        raise NotUnderstood(
            said("whole addresses such as https://portal.vendor.example; * stands for nothing")
        )
    try:
        return gateway_url(text)
    except Refused:
        raise NotUnderstood(said("an address such as https://portal.vendor.example")) from None


def _proxy(text: str) -> str:
    """`system`, `none`, or scheme://[user:password@]host[:port]."""
    if not text or text.lower() in (SYSTEM_PROXY, NO_PROXY):
        return text.lower() or SYSTEM_PROXY
    whole = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(whole)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable, parts = False, urlsplit("")
    bare = parts.path in ("", "/") and not parts.query and not parts.fragment
    if not usable or not bare or parts.scheme not in ("http", "https") or " " in text:
        raise NotUnderstood(_usable_proxies(whole))
    return whole.rstrip("/")


def _usable_proxies(text: str) -> str:
    """What would be a proxy, by what somebody seems to have meant; never with anything of the text in it."""
    scheme, _, rest = text.partition("://")
    if scheme.lower().startswith("socks"):
        return said("system, none, or an address such as http://proxy.corp.example:8080; SOCKS is not spoken")
    if "@" in rest:
        return said(
            "an address such as http://name:password@proxy.corp.example:8080, "
            "in name and password @ as %40, : as %3A, / as %2F, # as %23, % as %25"
        )
    if "/" in rest:
        return said(
            "system, none, or an address such as http://proxy.corp.example:8080; a script (PAC) is not run"
        )
    return said("system, none, or an address such as http://proxy.corp.example:8080")
