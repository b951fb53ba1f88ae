"""What services say, in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from app.contract.errors import Unreachable
from app.contract.manifest import EntityType, FieldSpec, FieldType, Owner
from app.contract.predicates import Length, NotBefore, Predicates
from app.contract.rules import Context, validate_field
from app.contract.said import Said, counted, inside, packed, said, unpacked
from app.services.words import Words

_GERMAN = {
    "{label} is set by the vendor.": "{label} legt der Anbieter fest.",
    "Has passed. Pick {day} or later.": "Liegt zurück. Wählen Sie den {day} oder später.",
    "The gateway cannot be reached.": "Das Gateway ist nicht erreichbar.",
    "Offline. {cause}": "Offline. {cause}",
    "this {what} is locked": "{what} ist gesperrt",
}
_GERMAN_COUNTED = {
    "%n records": ("%n Datensatz", "%n Datensätze"),
    "Too short. Write %n more characters.": (
        "Zu kurz: es fehlt %n Zeichen.",
        "Zu kurz: es fehlen %n Zeichen.",
    ),
}


def _catalogue(text: str, count: int | None) -> str:
    if count is None:
        return _GERMAN.get(text, "")
    one, many = _GERMAN_COUNTED.get(text, ("", ""))
    return one if count == 1 else many


@pytest.fixture
def german() -> Words:
    return Words("de_DE", _catalogue)


def test_english_is_what_the_code_says() -> None:
    tr = Words()
    assert tr("Nothing changed") == "Nothing changed"
    assert [tr.plural(n, "%n record", "%n records") for n in (0, 1, 64524)] == [
        "0 records",
        "1 record",
        "64,524 records",
    ]
    assert (tr.language, tr.inside("Deal"), tr.listed(["a", "b", "c"])) == ("en", "deal", "a, b and c")


@pytest.mark.parametrize("label", ["Halden's next steps", "VAT number", "SHA-256", "ISO 27001"])
def test_names_and_abbreviations_keep_their_capital_inside_a_sentence(label: str) -> None:
    assert Words().inside(label) == label


def test_another_language_says_what_it_knows_and_leaves_the_rest(german: Words) -> None:
    assert german("The gateway cannot be reached.") == "Das Gateway ist nicht erreichbar."
    assert german("What a vendor's system wrote {as it is}") == "What a vendor's system wrote {as it is}"
    assert german.plural(1200, "%n record", "%n records") == "1.200 Datensätze"
    assert german.plural(1, "%n record", "%n records") == "1 Datensatz"
    assert german.inside("Registrierung") == "Registrierung"
    assert german.listed(["a", "b", "c"]) == "a, b und c"
    assert german.told(Unreachable()).startswith("Das Gateway ist nicht erreichbar. Everything")


@pytest.mark.parametrize(
    ("spoken", "english", "translated"),
    [
        (lambda: said("{label} is set by the vendor.", label="Number"), "Number is set by the vendor.",
         "Number legt der Anbieter fest."),
        (lambda: said("Has passed. Pick {day} or later.", day=date(2026, 12, 1)),
         "Has passed. Pick 1 Dec 2026 or later.",
         "Liegt zurück. Wählen Sie den 01.12.2026 oder später."),
        (lambda: counted(1, "%n record", "%n records"), "1 record", "1 Datensatz"),
        (lambda: counted(2500, "%n record", "%n records"), "2,500 records", "2.500 Datensätze"),
        (lambda: said("Offline. {cause}", cause=said("The gateway cannot be reached.")),
         "Offline. The gateway cannot be reached.", "Offline. Das Gateway ist nicht erreichbar."),
        (lambda: said("this {what} is locked", what=inside("Order")), "this order is locked", "Order ist gesperrt"),
    ],
)  # fmt: skip
def test_a_sentence_is_english_and_remembers_how_it_was_made(
    german: Words, spoken: Callable[[], Said], english: str, translated: str
) -> None:
    sentence = spoken()
    assert (sentence, german(sentence)) == (english, translated)
    again = unpacked(packed(sentence))
    assert (again, german(again)) == (english, translated)


@pytest.mark.parametrize("text", ["", "plain", "{not a template}", "\x1esaid:broken", "a\x1esaid:{}"])
def test_stored_text_comes_back(text: str) -> None:
    assert unpacked(packed(text)) == text.removeprefix("\x1esaid:")


def test_rules_speak_the_readers_language(german: Words) -> None:
    need = FieldSpec(
        name="need",
        label="Bedarf",
        type=FieldType.TEXT,
        owner=Owner.PARTNER,
        rules=Predicates(items=(Length(min=5),)),
    )
    close = FieldSpec(
        name="close",
        label="Close",
        type=FieldType.DATE,
        owner=Owner.PARTNER,
        rules=Predicates(items=(NotBefore(),)),
    )
    entity = EntityType(name="deal", label="Deal", plural="Deals", title_field="need", fields=(need, close))
    context = Context(today=date(2026, 11, 24))
    problems = [
        validate_field(spec, {"need": "abc", "close": "2026-11-20"}, context) for spec in entity.fields
    ]
    assert [german(found.message) for found in problems if found] == [
        "Zu kurz: es fehlen 2 Zeichen.",
        "Liegt zurück. Wählen Sie den 24.11.2026 oder später.",
    ]


def test_a_change_of_language_is_heard_at_once_by_all_who_share_the_words() -> None:
    tr = Words()
    say = tr.plural
    tr.speak("de_DE", _catalogue)
    assert (say(2, "%n record", "%n records"), tr.language, str(tr.locale)) == ("2 Datensätze", "de", "de_DE")
    tr.speak("en_GB", None)
    assert say(2, "%n record", "%n records") == "2 records"
