"""Values as an account takes them: each by its type, all by its rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.connectors.hubspot.standin.errors import Wrong, invalid
from tests.connectors.hubspot.standin.model import Definition, ObjectType
from tests.connectors.hubspot.standin.times import from_ms, iso, read_ms

if TYPE_CHECKING:
    from tests.connectors.hubspot.standin.account import Account, Record


def values_of(
    account: Account, kind: ObjectType, values: Mapping[str, Any], record: Record | None
) -> dict[str, str]:
    """The values as they are kept. Raises Problem that names each property that is wrong."""
    wrong: list[Wrong] = []
    found: dict[str, str] = {}
    for name, value in values.items():
        definition = account.definitions[kind.name].get(name)
        if definition is None:
            wrong.append(Wrong(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
            continue
        try:
            found[name] = _kept(account, kind, definition, value)
        except ValueError as error:
            wrong.append(Wrong(name, str(error.args[0]), str(error.args[1])))
    wrong += _against_rules(account, kind, found, record)
    if wrong:
        raise invalid(wrong)
    return found


def _kept(account: Account, kind: ObjectType, definition: Definition, value: Any) -> str:
    name = definition.name
    if definition.read_only:
        raise ValueError("READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.')
    if isinstance(value, bool):
        value = "true" if value else "false"
    if value is None or value == "":
        return ""
    text = str(value)
    match definition.type:
        case "number":
            try:
                float(text)
            except ValueError:
                raise ValueError("INVALID_DOUBLE", f"{text} was not a valid number.") from None
        case "date" | "datetime":
            try:
                at = read_ms(text)
            except ValueError:
                raise ValueError("INVALID_DATE", f"{text} was not a valid date.") from None
            if definition.type == "datetime":
                return iso(at)
            if at % 86_400_000:
                raise ValueError("INVALID_DATE", f"{text} is at 0:0:0.0 UTC, not midnight!")
            return from_ms(at).date().isoformat()
        case "bool" if text not in ("true", "false"):
            raise ValueError("INVALID_BOOLEAN", f"{text} was not a valid boolean.")
        case "enumeration":
            options = account.options(kind, definition)
            parts = text.split(";") if definition.field_type == "checkbox" else [text]
            bad = [part for part in parts if options and part not in options]
            if bad:
                raise ValueError(
                    "INVALID_OPTION", f"{bad[0]} was not one of the allowed options: {[*options]}"
                )
        case _ if len(text) > 65_536:
            raise ValueError("INVALID_STRING_LENGTH", f"{name} is longer than 65536 characters.")
    return text


def _against_rules(
    account: Account, kind: ObjectType, found: dict[str, str], record: Record | None
) -> list[Wrong]:
    wrong = [one for rule in account.rules if (one := rule(kind.name, found))]
    old = record.values if record else {}
    wrong += [
        Wrong(name, "REQUIRED_FIELD", f"Property {name} is required and cannot be empty.")
        for name in kind.required
        if not (found[name] if name in found else old.get(name, ""))
    ]
    pipeline, stage = kind.pipeline
    if pipeline and (pipeline in found or stage in found):
        many = account.pipelines[kind.name]
        chosen = found.get(pipeline) or old.get(pipeline) or many[0].id
        if record is None:
            found[pipeline] = chosen
        stages = next((one.stages for one in many if one.id == chosen), ())
        at = found[stage] if stage in found else old.get(stage, "")
        if at and at not in {one.id for one in stages}:
            words = f"{at} was not one of the allowed options: {[one.id for one in stages]}"
            wrong.append(Wrong(stage, "INVALID_OPTION", words))
    return wrong
