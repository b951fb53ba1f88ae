"""What holds on this computer, out of the places in which an organisation says it. Pure.

For each field the strongest place counts that has it; below all of them stands what is built in. What is not
understood is told. If it may restrict what can be done here, nothing is opened until it is mended: a restriction with
a typing error in it must not turn into no restriction (docs/adr/0015).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.contract.said import said
from app.session.policy.coercion import NotUnderstood, understood
from app.session.policy.schema import NOBODYS, Layer, Managed, Policy, PolicySource
from app.session.policy.settings import SETTINGS, STRICTEST, Setting

#: How alike a name that is not known has to be to one that restricts, so that it is taken for a misspelling of it.
_ALIKE = 0.8

#: A value that is quoted in a problem is cut after so many characters.
_SHOWN = 60

#: Names whose values may hold a password; they are never quoted.
_UNQUOTED = frozenset({"proxy"})
_USER = re.compile(r"//[^/?#\s]*@")


@dataclass
class _Found:
    values: dict[str, Any] = field(default_factory=dict)
    forced: set[str] = field(default_factory=set)
    places: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    blocking: list[str] = field(default_factory=list)
    strictest: dict[str, Any] = field(default_factory=dict)

    def tell(self, problem: str, *, blocks: bool) -> None:
        self.problems.append(problem)
        if blocks:
            self.blocking.append(problem)


def managed(source: PolicySource) -> Managed:
    """Return what holds, by what a platform's source says."""
    layers = source.layers()
    if not any(layer.values or layer.unread for layer in layers):
        return NOBODYS
    found = _Found()
    for layer in layers:
        if layer.unread:
            found.tell(said("{place}: {why}", place=layer.place, why=layer.unread), blocks=True)
        _tell_unknown(layer, found)
    for setting in SETTINGS:
        _settle(setting, layers, found)
    policy = Policy.model_validate({**found.values, **found.strictest})
    _tell_contradiction(policy, found)
    names = frozenset(found.places)
    return Managed(
        policy,
        forced=names & found.forced,
        recommended=names - found.forced,
        source=source.name,
        problems=tuple(found.problems),
        blocking=tuple(found.blocking),
        places=found.places,
    )


def _settle(setting: Setting, layers: Sequence[Layer], found: _Found) -> None:
    for layer in layers:
        # A registry does not tell capitals from small letters, so nothing here does.
        given = [raw for name, raw in layer.values.items() if name.lower() == setting.key.lower()]
        if not given:
            continue
        raw = given[0]
        try:
            if len(given) > 1:
                raw = given
                raise NotUnderstood(said("one value"))
            value = understood(setting, raw)
        except NotUnderstood as error:
            found.tell(_not_understood(setting, layer, raw, error), blocks=setting.restricts)
            if setting.name in STRICTEST:
                name, strictest = STRICTEST[setting.name]
                found.strictest[name] = strictest
            continue
        if value == 0 and setting.default is None:
            value = None  # said to be as the user chooses
        found.values[setting.name] = value
        found.places[setting.name] = layer.place
        if layer.forced:
            found.forced.add(setting.name)
        return


def _not_understood(setting: Setting, layer: Layer, raw: Any, error: NotUnderstood) -> str:
    if setting.name in _UNQUOTED:
        return said(
            "{key} in {place} is not understood; expected: {expected}.",
            key=setting.key,
            place=layer.place,
            expected=error.expected,
        )
    return said(
        "{key} in {place} is “{value}”, which is not understood; expected: {expected}.",
        key=setting.key,
        place=layer.place,
        value=_quoted(raw),
        expected=error.expected,
    )


def _quoted(raw: Any) -> str:
    text = ", ".join(map(str, raw)) if isinstance(raw, list | tuple) else str(raw)
    # An address may carry a user's name and password; what is told here is shown, and read out on the phone.
    text = _USER.sub("//…@", text)
    plain = "".join(letter if letter.isprintable() else "�" for letter in text)
    return plain if len(plain) <= _SHOWN else plain[:_SHOWN] + "…"


def _tell_unknown(layer: Layer, found: _Found) -> None:
    """A name that is not known may be one of a later version; one that is nearly a restriction is misspelt.

    Under a heading of a file, or a key below ours, settings hold nothing; who wrote them there believes they do.
    """
    known = {setting.key.lower(): setting for setting in SETTINGS}
    for name, value in layer.values.items():
        if name.lower() in known:
            continue
        below = [one for one in value if str(one).lower() in known] if isinstance(value, Mapping) else []
        if below:
            problem = said(
                "{inner} in {place} stands below {key}, where it is not read; put it one level up.",
                inner=known[str(below[0]).lower()].key,
                place=layer.place,
                key=_quoted(name),
            )
            found.tell(problem, blocks=any(known[str(one).lower()].restricts for one in below))
            continue
        alike = difflib.get_close_matches(name.lower(), known, n=1, cutoff=_ALIKE)
        if alike:
            meant = known[alike[0]]
            problem = said(
                "{key} in {place} is not known; is {meant} meant?",
                key=_quoted(name),
                place=layer.place,
                meant=meant.key,
            )
            found.tell(problem, blocks=meant.restricts)
        else:
            problem = said(
                "{key} in {place} is not known to this version.", key=_quoted(name), place=layer.place
            )
            found.tell(problem, blocks=False)


def _tell_contradiction(policy: Policy, found: _Found) -> None:
    address, allowed = policy.gateway_address, policy.allowed_gateways
    if address and allowed and address not in allowed:
        problem = said(
            "GatewayAddress is {address}, which is not among AllowedGateways; one cannot sign in there.",
            address=address,
        )
        found.tell(problem, blocks=False)
