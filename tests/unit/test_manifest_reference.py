"""docs/manifest.md describes everything one may write in a manifest, once, with what holds where it is left out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.contract.manifest import (
    OPERATORS,
    SHOWS,
    Brand,
    Chip,
    Choice,
    Column,
    CommandSpec,
    EntityType,
    FieldSpec,
    FieldType,
    Filter,
    FormSection,
    FormSpec,
    Job,
    Lifecycle,
    ListSpec,
    Manifest,
    Owner,
    Related,
    Role,
    Side,
    StateSpec,
    Template,
    Tone,
)
from app.contract.predicates import RULES
from app.services.columns import resolved
from gateway.manifest_fit import PAGES
from tests.manifests import shipped

DOCS = Path(__file__).parents[2] / "docs" / "manifest.md"
ICONS = Path(__file__).parents[2] / "resources" / "icons"

#: In the order in which the page describes them.
MODELS = (
    *(Manifest, Brand, Role, EntityType, FieldSpec, Choice, Lifecycle, StateSpec, CommandSpec),
    *(ListSpec, Column, Chip, Filter, FormSpec, FormSection, Job, Template, Related, Side),
)

Rows = list[list[str]]


def tables(head: str) -> Iterator[Rows]:
    """Yield the rows of each table of the page whose first column is called so."""
    page = DOCS.read_text("utf-8")
    for found in re.finditer(rf"^\| {head} \|[^\n]*\n\|[-|]+\|\n((?:\|[^\n]*\n)+)", page, re.MULTILINE):
        yield [
            [cell.strip() for cell in row.strip().strip("|").split(" | ")] for row in found[1].splitlines()
        ]


def one_table(head: str) -> Rows:
    (found,) = tables(head)
    return found


def code(cell: str) -> str:
    found = re.fullmatch(r"`([^`]+)`", cell)
    assert found, f"{cell} is no code"
    return found[1]


def default_of(field: FieldInfo) -> str:
    """How the page writes a default: as one would write it in TOML, and a dash for what has no value to write."""
    if field.is_required():
        return "**needed**"
    match field.default:
        case None:
            return "–"
        case bool(value):
            return f"`{str(value).lower()}`"
        case str(value):
            return f'`"{value}"`'
        case int(value):
            return f"`{value}`"
        case tuple():
            return "`[]`"
        case _ if field.annotation is not None and "Predicates" in str(field.annotation):
            return "`[]`"
        case _:
            return "`{}`"


ATTRIBUTES = [*zip(MODELS, tables("attribute"), strict=True)]


@pytest.mark.parametrize(("model", "rows"), ATTRIBUTES, ids=[model.__name__ for model in MODELS])
def test_every_attribute_stands_there_once_with_its_default(model: type[BaseModel], rows: Rows) -> None:
    written = [(code(name), default) for name, default, *_ in rows]
    assert written == [(name, default_of(field)) for name, field in model.model_fields.items()]


@pytest.mark.parametrize(
    ("head", "there"),
    [
        ("type", [one for one in FieldType if one is not FieldType.UNKNOWN]),
        ("owner", [*Owner]),
        ("show", SHOWS),
        ("op", OPERATORS),
    ],
)
def test_every_word_one_may_choose_is_explained(head: str, there: Collection[str]) -> None:
    assert [code(row[0]) for row in one_table(head)] == list(there)


def test_every_rule_is_written_with_all_it_takes_and_its_defaults() -> None:
    rows = one_table("rule")
    written: list[dict[str, Any]] = [tomllib.loads(f"rule = {code(row[0])}")["rule"] for row in rows]
    assert [one["rule"] for one in written] == [*RULES]
    for one in written:
        fields = RULES[one["rule"]].model_fields
        assert list(one) == list(fields)
        given = {name: field.default for name, field in fields.items() if not field.is_required()}
        assert {name: one[name] for name, value in given.items() if value is not None} == {
            name: value for name, value in given.items() if value is not None
        }


def test_tones_icons_and_names_that_are_taken() -> None:
    page = DOCS.read_text("utf-8")
    (tone,) = (row for rows in tables("attribute") for row in rows if row[0] == "`tone`")
    assert re.findall(r"`(\w+)`", tone[2]) == [*Tone]
    icons = page.split("### Icons\n")[1].split("\n## ")[0]
    assert {*re.findall(r"`([a-z][a-z0-9-]*)`", icons)} == {path.stem for path in ICONS.glob("*.svg")}
    (taken,) = (line for line in page.splitlines() if line.startswith("Not to be used:"))
    assert {*re.findall(r"`(\w+)`", taken)} == PAGES


def test_a_column_without_a_width_is_as_wide_as_the_page_says() -> None:
    columns = tuple(Column(field="amount", label="A", show=show) for show in SHOWS)
    entity = shipped("partner").by_name["deal_registration"]
    shown = resolved(entity.changed(list=entity.list.changed(columns=columns)), ())
    said = {code(row[0]): int(row[2]) for row in one_table("show")}
    assert {one.show: one.width for one in shown} == said
