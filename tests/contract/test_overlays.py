"""Files that say only what differs: what comes out of laying one over another, by cases, and what is said of slips."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from app.contract.overlays import OverlayProblem, resolve

BASE = """
name = "base"
jobs = ["a", "b", "c"]
[brand]
vendor = "Halden"
accent = "#2952C4"
[[entities]]
name = "deal"
label = "Deal"
detail = ["amount", "title"]
fields = [{ name = "title", label = "Title" }, { name = "amount", label = "Amount" }]
list = { columns = [{ field = "title", label = "Title" }, { field = "amount", label = "Amount" }] }
form = { sections = [{ title = "What", rows = [["title", "amount"]] }, { title = "Who", rows = [["owner"]] }] }
[[entities]]
name = "lead"
label = "Lead"
"""


def laid(over: str, base: str = BASE, **more: str) -> dict[str, Any]:
    files = {"over.toml": f'extends = "base.toml"\n{over}', "base.toml": base, **more}
    return resolve("over.toml", lambda name: tomllib.loads(files[name]))


def names(items: list[dict[str, Any]]) -> list[str]:
    return [item["name"] for item in items]


def entity(over: str) -> dict[str, Any]:
    found: dict[str, Any] = laid(f'[[entities]]\nname = "deal"\n{over}')["entities"][0]
    return found


@pytest.mark.parametrize(
    ("over", "path", "value"),
    [
        ('name = "over"', ("name",), "over"),
        ('brand = { accent = "#0F766E" }', ("brand",), {"vendor": "Halden", "accent": "#0F766E"}),
        ('jobs = ["d"]', ("jobs",), ["d"]),
        ('jobs = { add = ["d"] }', ("jobs",), ["a", "b", "c", "d"]),
        ('jobs = { add = ["d"], after = "a" }', ("jobs",), ["a", "d", "b", "c"]),
        ('jobs = { remove = ["a", "c"] }', ("jobs",), ["b"]),
        ('jobs = { remove = ["b"], add = ["d"], after = "a" }', ("jobs",), ["a", "d", "c"]),
        ("jobs = []", ("jobs",), []),
        ('fresh = { deep = ["x"] }', ("fresh", "deep"), ["x"]),
    ],
)
def test_tables_merge_and_lists_replace_unless_they_are_edited(
    over: str, path: tuple[str, ...], value: object
) -> None:
    found: Any = laid(over)
    for step in path:
        found = found[step]
    assert found == value


def test_tables_with_a_name_merge_by_it_and_keep_their_places() -> None:
    assert names(laid('[[entities]]\nname = "lead"\nlabel = "Prospect"')["entities"]) == ["deal", "lead"]
    assert laid('[[entities]]\nname = "lead"\nlabel = "Prospect"')["entities"][1]["label"] == "Prospect"
    assert names(laid('[[entities]]\nname = "new"')["entities"]) == ["deal", "lead", "new"]
    assert names(laid('[[entities]]\nname = "new"\nafter = "deal"')["entities"]) == ["deal", "new", "lead"]
    assert names(laid('[[entities]]\nname = "new"\nafter = ""')["entities"]) == ["new", "deal", "lead"]
    assert names(laid('[[entities]]\nname = "deal"\nafter = "lead"')["entities"]) == ["lead", "deal"]
    assert names(laid('[[entities]]\nname = "deal"\nremove = true')["entities"]) == ["lead"]
    assert "after" not in laid('[[entities]]\nname = "new"\nafter = "deal"')["entities"][1]


def test_fields_columns_and_forms_of_a_type() -> None:
    found = entity(
        'fields = [{ name = "term", label = "Term", after = "title" }, { name = "amount", label = "Sum" }]'
    )
    assert names(found["fields"]) == ["title", "term", "amount"]
    assert found["fields"][2] == {"name": "amount", "label": "Sum"}
    found = entity('list = { columns = { add = [{ field = "term", label = "Term" }], after = "title" } }')
    assert [column["field"] for column in found["list"]["columns"]] == ["title", "term", "amount"]
    found = entity('form = { sections = [{ title = "What", rows = { add = [["term"]], after = "title" } }] }')
    assert found["form"]["sections"][0] == {"title": "What", "rows": [["title", "amount"], ["term"]]}
    assert found["form"]["sections"][1] == {"title": "Who", "rows": [["owner"]]}


def test_maps_merge_by_entity_and_object() -> None:
    base = 'system = "x"\n[[maps]]\nentity = "deal"\nobject = "reg"\n[maps.fields]\ntitle = "name"\n'
    over = '[[maps]]\nentity = "deal"\nobject = "reg"\n[maps.fields]\nterm = "x_term"'
    found = laid(over, base)["maps"]
    assert found == [{"entity": "deal", "object": "reg", "fields": {"title": "name", "term": "x_term"}}]


def test_words_are_said_otherwise_wherever_they_stand() -> None:
    found = laid('[say]\n"Title" = "Subject"')
    assert found["entities"][0]["fields"][0] == {"name": "title", "label": "Subject"}
    assert found["entities"][0]["list"]["columns"][0]["label"] == "Subject"
    assert found["brand"]["vendor"] == "Halden"


def test_a_chain_of_files_and_what_the_last_one_says_holds() -> None:
    more = {"middle.toml": 'extends = "base.toml"\nname = "middle"\njobs = { add = ["m"] }'}
    files = {"base.toml": BASE, **more, "over.toml": 'extends = "middle.toml"\nname = "over"'}
    found = resolve("over.toml", lambda name: tomllib.loads(files[name]))
    assert (found["name"], found["jobs"]) == ("over", ["a", "b", "c", "m"])
    assert "extends" not in found


@pytest.mark.parametrize(
    ("over", "says"),
    [
        (
            '[[entities]]\nname = "leed"\nremove = true',
            "over.toml, entities.leed: There is none of that name to remove.",
        ),
        (
            '[[entities]]\nname = "x"\nafter = "y"',
            "over.toml, entities.x: There is no y for it to stand after.",
        ),
        ('[[entities]]\nname = "x"\n[[entities]]\nname = "x"', "over.toml, entities.x: It is there twice."),
        ('jobs = { remove = ["z"] }', "over.toml, jobs: There is no z in it. There are: a, b, c."),
        ('jobs = { add = ["d"], after = "z" }', "over.toml, jobs: There is no z in it."),
        ('keep = ["leed"]', "over.toml, keep.entities: What it extends has no leed among its entities."),
        ('keep = "lead"', "over.toml, keep.entities: It is no list."),
        ("keep = { colours = [] }", "over.toml, keep: There is nothing called colours to keep."),
        ('[say]\n"Titel" = "x"', "over.toml, say: Nothing there reads “Titel”."),
    ],
)
def test_a_slip_is_told_with_its_place_and_what_there_is(over: str, says: str) -> None:
    with pytest.raises(OverlayProblem) as raised:
        laid(over)
    assert str(raised.value).startswith(says)


def test_files_that_extend_each_other_or_nothing_that_could_be_kept() -> None:
    files: dict[str, dict[str, Any]] = {
        "a.toml": {"extends": "b.toml"},
        "b.toml": {"extends": "a.toml"},
        "c.toml": {"keep": ["x"]},
    }
    with pytest.raises(OverlayProblem, match=r"b\.toml, extends: a\.toml extends b\.toml extends a\.toml\."):
        resolve("a.toml", files.__getitem__)
    with pytest.raises(OverlayProblem, match=r"c\.toml, keep: There is nothing it is about\."):
        resolve("c.toml", files.__getitem__)
    with pytest.raises(OverlayProblem, match=r"n0\.toml, extends: More than 8 files\."):
        resolve("n0.toml", lambda name: {"extends": f"n{int(name[1:-5]) + 1}.toml"})
    with pytest.raises(OverlayProblem, match=r"d\.toml, extends: It is no text\."):
        resolve("d.toml", lambda _name: {"extends": 7})
