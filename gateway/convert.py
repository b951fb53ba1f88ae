"""Values between a source system's spelling and the contract's; pure.

The contract's side: text, integer, boolean, list, or nothing; money as decimal text with two places, dates as
`YYYY-MM-DD`, times as UTC RFC 3339 in whole seconds or milliseconds ending in Z. Nothing here ever yields a float.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, assert_never

from app.contract.manifest import FieldSpec, FieldType
from app.contract.rules import blank
from gateway.mapping import As, FieldMap, split

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CENT = Decimal("0.01")

#: (object, system id) to the contract's id.
ToContract = Callable[[str, str], str]


class Unconvertible(ValueError):
    """A value that has no counterpart on the other side."""


def rfc3339(moment: datetime) -> str:
    """Write a point in time as the contract does: UTC, milliseconds only when there are some."""
    moment = moment.astimezone(UTC)
    text, milliseconds = moment.isoformat()[:19], moment.microsecond // 1000
    return f"{text}.{milliseconds:03d}Z" if milliseconds else f"{text}Z"


def incoming(spec: FieldMap, fields: Mapping[str, Any], gid: ToContract, person: ToContract) -> Any:
    """Return the contract's value of one mapped field, None when it is blank. Raises Unconvertible."""
    value = fields.get(spec.property)
    if blank(value):
        return None
    try:
        return _incoming(spec, value, fields, gid, person)
    except (ValueError, TypeError, ArithmeticError, AttributeError) as error:
        raise Unconvertible(f"{spec.property} holds {str(value)[:80]!r}: {error}") from error


def _incoming(
    spec: FieldMap, value: Any, fields: Mapping[str, Any], gid: ToContract, person: ToContract
) -> Any:
    match spec.conversion:
        case As.SAME:
            return _read_same(spec, value)
        case As.TEXT:
            return spec.readings.get(str(value), str(value))
        case As.INTEGER:
            return int(value)
        case As.BOOLEAN:
            return _read_boolean(value)
        case As.DECIMAL:
            return _money(_decimal(str(value)))
        case As.MINOR_UNITS:
            return _money(Decimal(int(value)) / 100)
        case As.DATE:
            return date.fromisoformat(str(value)[:10]).isoformat()
        case As.DATE_MS:
            return _from_ms(value).date().isoformat()
        case As.DATETIME:
            return rfc3339(_read_time(value))
        case As.DATETIME_MS:
            return rfc3339(_from_ms(value))
        case As.LIST:
            return [spec.readings.get(part, part) for part in split(value, spec.separator)] or None
        case As.REFERENCE:
            obj = spec.link.object_of(fields)
            return gid(obj, str(value)) if obj else None
        case As.REFERENCES:
            obj = spec.link.object_of(fields)
            return [gid(obj, one) for one in spec.link.ids(fields)] or None if obj else None
        case As.JSON:
            return _read_object(value) or None
        case As.PERSON:
            obj = spec.link.object_of(fields)
            return person(obj, str(value)) if obj else None
        case As.ITEMS:
            return [_read_item(spec, item, gid, person) for item in value] or None
        case As.WEBSITE:
            return str(value).strip().removeprefix("http://") or None
        case _:
            assert_never(spec.conversion)


def _read_same(spec: FieldMap, value: Any) -> Any:
    if spec.values:
        return spec.readings.get(str(value), str(value))
    if isinstance(value, float):
        raise TypeError("a float has no exact spelling; name a conversion")
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _read_object(value: Any) -> dict[str, Any]:
    found = json.loads(value) if isinstance(value, str) else value
    if not isinstance(found, dict):
        raise TypeError("not an object")
    return found


def _read_item(
    spec: FieldMap, item: Mapping[str, Any], gid: ToContract, person: ToContract
) -> dict[str, Any]:
    found = {name: incoming(member, item, gid, person) for name, member in spec.members.items()}
    return {name: value for name, value in found.items() if value is not None}


def _read_boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    match str(value).strip().lower():
        case "1" | "true" | "t" | "yes" | "y":
            return True
        case "0" | "false" | "f" | "no" | "n":
            return False
        case other:
            raise ValueError(f"{other} is neither yes nor no")


def _read_time(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _from_ms(value: Any) -> datetime:
    return _EPOCH + timedelta(milliseconds=int(value))


def _money(amount: Decimal) -> str:
    if not amount.is_finite():
        raise ValueError("not an amount")
    return str(amount.quantize(_CENT))


def outgoing(
    spec: FieldMap, field: FieldSpec, value: Any, source_id: Callable[[str], tuple[str, str]]
) -> Any:
    """Return what to write for a contract value; None empties the property.

    `source_id` turns a gid into (object, system id) and raises Unconvertible when there is none. Raises Unconvertible.
    """
    if blank(value):
        return None
    try:
        return _outgoing(spec, field, value, source_id)
    except (ValueError, TypeError, InvalidOperation) as error:
        raise Unconvertible(str(error)) from error


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:  # it speaks of classes, not of amounts
        raise ValueError("not an amount") from error


def _outgoing(
    spec: FieldMap, field: FieldSpec, value: Any, source_id: Callable[[str], tuple[str, str]]
) -> Any:
    match spec.conversion:
        case As.SAME | As.TEXT | As.WEBSITE:
            return _written(spec, value)
        case As.INTEGER | As.BOOLEAN:
            return value
        case As.DECIMAL:
            return _money(Decimal(value)) if field.type is FieldType.MONEY else value
        case As.MINOR_UNITS:
            return int(Decimal(value) * 100)
        case As.DATE | As.DATETIME:
            return value
        case As.DATE_MS:
            return int((_read_time(value) - _EPOCH).total_seconds()) * 1000
        case As.DATETIME_MS:
            return (_read_time(value) - _EPOCH) // timedelta(milliseconds=1)
        case As.LIST:
            parts = [_written(spec, part) for part in value]
            return spec.separator.join(parts) if spec.separator else parts
        case As.REFERENCE:
            return _id_of(spec, source_id(value))
        case As.REFERENCES:
            found_ids = [_id_of(spec, source_id(gid)) for gid in value]
            return spec.separator.join(found_ids) if spec.separator else found_ids
        case As.JSON:
            return json.dumps(value, ensure_ascii=False, sort_keys=True)
        case As.PERSON | As.ITEMS:
            raise ValueError("This field cannot be written.")
        case _:
            assert_never(spec.conversion)


def _id_of(spec: FieldMap, row: tuple[str, str]) -> str:
    obj, found = row
    if not spec.link.may_name(obj):
        raise ValueError("This kind of record cannot stand here.")
    return found


def _written(spec: FieldMap, value: Any) -> Any:
    return spec.values[value][0] if isinstance(value, str) and value in spec.values else value
