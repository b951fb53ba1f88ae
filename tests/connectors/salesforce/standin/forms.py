"""What a field takes, and what Salesforce says to everything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from tests.connectors.salesforce.standin import ids
from tests.connectors.salesforce.standin.refusals import Refused
from tests.connectors.salesforce.standin.schema import Field

if TYPE_CHECKING:
    from tests.connectors.salesforce.standin.org import Org


def fits(org: Org, one: Field, value: Any) -> Any:
    """Return a value as a field keeps it. Raises Refused."""
    if value is None or value == "":
        return False if one.type == "boolean" else None
    match one.type:
        case "boolean":
            return value if isinstance(value, bool) else _refuse(_unreadable(one, value))
        case "double" | "currency" | "int":
            try:
                return Decimal(str(value))
            except ArithmeticError as error:
                raise _unreadable(one, value) from error
        case "date":
            return _parsed(one, value, date.fromisoformat)
        case "datetime":
            return _parsed(one, value, datetime.fromisoformat).astimezone(UTC).replace(microsecond=0)
        case "picklist" if one.restricted and value not in one.choices:
            words = f"{one.name}: bad value for restricted picklist field: {value}"
            raise Refused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", words, [one.name])
        case "multipicklist":
            wrong = [part for part in str(value).split(";") if part not in one.choices]
            if wrong:
                words = f"{one.name}: bad value for restricted picklist field: {wrong[0]}"
                raise Refused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", words, [one.name])
            return value
        case "reference":
            return _leads(org, one, str(value))
        case "email" if "@" not in str(value):
            raise Refused("INVALID_EMAIL_ADDRESS", f"{one.name}: invalid email address: {value}", [one.name])
        case _ if one.length and len(str(value)) > one.length:
            words = f"{one.name}: data value too large: {value} (max length={one.length})"
            raise Refused("STRING_TOO_LONG", words, [one.name])
        case _:
            # As every form of Salesforce does.
            return str(value).strip() or None


def _leads(org: Org, one: Field, value: str) -> str:
    key = ids.full(value)
    name = one.target or org.object_of(key)
    row = org.rows[name].get(key) if name else None
    if row is None:
        raise Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [one.name])
    if row.deleted:
        raise Refused("ENTITY_IS_DELETED", "entity is deleted", [one.name])
    return key


def _parsed(one: Field, value: Any, read: Callable[[str], Any]) -> Any:
    try:
        return value if isinstance(value, date) else read(str(value))
    except ValueError as error:
        raise _unreadable(one, value) from error


def _unreadable(one: Field, value: Any) -> Refused:
    words = f"Cannot deserialize instance of {one.type} from VALUE_STRING value {value}"
    return Refused("JSON_PARSER_ERROR", words)


def _refuse(error: Refused) -> NoReturn:
    raise error
