"""The closed set of predicates a manifest may use; data, never an expression language."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator


class _Predicate(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Required(_Predicate):
    """The value must be present and not blank."""

    rule: Literal["required"] = "required"


class Length(_Predicate):
    """Text of `min` to `max` characters, counted after trimming."""

    rule: Literal["length"] = "length"
    min: int = 0
    max: int = 10_000


class Between(_Predicate):
    """A number (decimal string or integer) from `min` to `max`, both included; either may be open."""

    rule: Literal["between"] = "between"
    min: str | None = None
    max: str | None = None


class Pattern(_Predicate):
    """The whole text matches `regex`; `message` says in the user's words what is expected."""

    rule: Literal["pattern"] = "pattern"
    regex: str
    message: str


class OneOf(_Predicate):
    """The value (or each of a list) is one of the field's choices."""

    rule: Literal["one_of"] = "one_of"


class NotBefore(_Predicate):
    """A date at least `days` after today (negative: before)."""

    rule: Literal["not_before"] = "not_before"
    days: int = 0


class NotAfter(_Predicate):
    """A date at most `days` after today."""

    rule: Literal["not_after"] = "not_after"
    days: int


class RequiredWhen(_Predicate):
    """Required when another field holds one of `values`."""

    rule: Literal["required_when"] = "required_when"
    field: str
    values: tuple[str, ...]


class Children(_Predicate):
    """At least `min` child records of `entity` (for example one evidence file)."""

    rule: Literal["children"] = "children"
    entity: str
    min: int = 1
    message: str = ""


class Unknown(_Predicate):
    """A predicate this version does not know: never fails here, the gateway still holds it."""

    rule: str


FieldPredicate = (
    Required | Length | Between | Pattern | OneOf | NotBefore | NotAfter | RequiredWhen | Children | Unknown
)

#: What may stand in `rule`, and what each is made of.
RULES: dict[str, type[_Predicate]] = {
    "required": Required,
    "length": Length,
    "between": Between,
    "pattern": Pattern,
    "one_of": OneOf,
    "not_before": NotBefore,
    "not_after": NotAfter,
    "required_when": RequiredWhen,
    "children": Children,
}


def parse_predicate(value: Any) -> Any:
    """Turn manifest data into a predicate; what is not known becomes `Unknown` instead of an error."""
    if isinstance(value, dict):
        return RULES.get(str(value.get("rule", "")), Unknown).model_validate(value)
    return value


class Predicates(BaseModel):
    """A tuple of predicates, parsed leniently."""

    model_config = ConfigDict(frozen=True)

    items: tuple[FieldPredicate, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return {"items": tuple(parse_predicate(item) for item in value)}
        return value
