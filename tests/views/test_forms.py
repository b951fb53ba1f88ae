"""Forms generated from the manifest: which fields in which rows, and values that go in and out unharmed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.contract.manifest import EntityType, FieldSpec, Manifest
from app.services.views_model import Option
from app.views.forms.cells import FormSources, make_cell
from app.views.forms.form import RecordForm
from app.views.forms.sections import argument_sections, creation_sections, edit_sections, stacked, weights
from app.views.theme.theme import Theme
from tests.services.conftest import partner_manifest

SOURCES = FormSources(
    today=lambda: date(2026, 11, 23),
    countries=lambda: [("GB", "United Kingdom"), ("IE", "Ireland")],
    candidates=lambda _entity, _text: [Option("gid-1", "Kestrel Foods", "")],
    title_of=lambda gid: "Kestrel Foods" if gid == "gid-1" else "",
    currencies=("GBP", "EUR"),
)


def deal(manifest: Manifest | None = None) -> EntityType:
    found = (manifest or partner_manifest()).entity("deal_registration")
    assert found is not None
    return found


def with_field(**spec: Any) -> EntityType:
    entity = deal()
    return entity.model_copy(update={"fields": (*entity.fields, FieldSpec.model_validate(spec))})


def names(sections: Any) -> list[list[list[str]]]:
    return [[[spec.name for spec in row] for row in section.rows] for section in sections]


def test_the_wizard_has_the_manifests_sections_and_rows() -> None:
    sections = creation_sections(deal(), {"company"})
    assert [section.title for section in sections] == ["Customer", "Opportunity", "Evidence"]
    assert names(sections)[0][0] == ["customer", "website", "country"]
    assert ["amount", "target_close", "competitor"] in names(sections)[1]
    assert sections[2].files is not None


def test_a_field_the_vendor_has_just_invented_is_asked_for_without_a_new_client() -> None:
    entity = with_field(name="seats", label="Seats", type="integer", owner="partner")
    assert names(creation_sections(entity, {"lead"}))[1][-1] == ["seats"]


@pytest.mark.parametrize(
    "spec",
    [
        {"name": "score", "label": "Score", "type": "integer", "owner": "vendor"},
        {"name": "shape", "label": "Shape", "type": "hologram", "owner": "partner"},
    ],
)
def test_what_one_may_not_or_cannot_fill_in_is_not_asked_for(spec: dict[str, Any]) -> None:
    asked = [n for section in names(creation_sections(with_field(**spec))) for row in section for n in row]
    assert spec["name"] not in asked


def test_an_edit_shows_only_what_the_state_leaves_open() -> None:
    sections = edit_sections(deal(), {"next_steps", "amount", "currency", "competitor"}, "Working together")
    assert names(sections) == [[["amount", "competitor"]], [["next_steps"]]]
    assert sections[-1].title == "Working together"
    assert names(stacked(sections))[0] == [["amount"], ["competitor"]]


def test_short_choices_and_optional_fields_take_less_room() -> None:
    entity = deal()
    row = tuple(entity.by_name[name] for name in ("customer", "website", "country"))
    assert weights(row) == (10, 10, 7)


def test_arguments_of_a_command_stand_below_each_other() -> None:
    lifecycle = deal().lifecycle
    assert lifecycle is not None
    command = next(one for one in lifecycle.commands if one.name == "ask_extension")
    assert names(argument_sections(command.args)) == [[["until"], ["note"]]]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("customer", {"customer": "Kestrel Foods"}),
        ("country", {"country": "IE"}),
        ("country", {"country": "ZW"}),
        ("type", {"type": "expansion"}),
        ("industry", {"industry": "no longer listed"}),
        ("amount", {"amount": "22480.00", "currency": "EUR"}),
        ("amount", {"amount": "a lot", "currency": "EUR"}),
        ("amount", {"amount": None, "currency": "USD"}),
        ("target_close", {"target_close": "2026-12-18"}),
        ("target_close", {"target_close": "next week"}),
        ("products", {"products": ["edge_220", "vault"]}),
        ("problem", {"problem": "One line\nand another"}),
        ("company", {"company": "gid-1"}),
        ("customer", {"customer": None}),
        ("target_close", {"target_close": None}),
    ],
)
def test_a_value_comes_out_as_it_went_in(name: str, data: dict[str, Any], theme: Theme, qtbot: QtBot) -> None:
    cell = make_cell(theme, deal(), deal().by_name[name], SOURCES)
    qtbot.addWidget(cell.field)
    cell.show(data)
    assert cell.values() == data


def test_rules_speak_and_others_words_stand_until_the_field_changes(theme: Theme, qtbot: QtBot) -> None:
    form = RecordForm(theme, deal(), creation_sections(deal(), {"company"}), SOURCES)
    qtbot.addWidget(form)
    form.show_data({"customer": "K", "website": "kestrel.example", "target_close": "2026-11-20"})
    found = form.problems()
    assert found["customer"] == "Too short. Write 1 more character."
    assert found["target_close"] == "Has passed. Pick 24 Nov 2026 or later."
    assert form.shown_problems() == {}, "nothing is shown before a field was left"
    form.tell({"website": "Already registered."})
    assert form.shown_problems() == {"website": "Already registered."}
    assert set(form.judge()) >= {"customer", "target_close", "website", "country"}


def test_an_edit_answers_only_for_what_it_touches(theme: Theme, qtbot: QtBot) -> None:
    sections = edit_sections(deal(), {"target_close", "competitor"}, "")
    form = RecordForm(theme, deal(), sections, SOURCES, changed_only=True)
    qtbot.addWidget(form)
    form.show_data({"target_close": "2020-01-01", "competitor": "Arrowmesh"})
    assert form.judge() == {}
    cell = form.cell("target_close")
    assert cell is not None
    cell.show({"target_close": "2020-01-02"})
    assert set(form.problems()) == {"target_close"}
