"""Figures, dates and names as they are read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from app.contract.manifest import FieldSpec, FieldType, Owner, Tone
from app.services.format import Formats, duration, initials, quarter_end, sync_words
from app.services.views_model import SyncState
from tests.services.conftest import StandingClock


@pytest.fixture
def formats() -> Formats:
    return Formats(StandingClock(), zone=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "words", "short", "stamp"),
    [
        ("2026-11-23T08:57:00", "Today 08:57", "08:57", "Today, 08:57"),
        ("2026-11-20T15:20:00", "Fri 15:20", "Fri", "Fri 20 Nov, 15:20"),
        ("2026-11-18T10:00:00", "Wed 18 Nov", "Wed", "Wed 18 Nov, 10:00"),
        ("2026-11-12T10:00:00", "Thu 12 Nov", "12 Nov", "Thu 12 Nov, 10:00"),
        ("2025-11-12T10:00:00", "12 Nov 2025", "12 Nov 2025", "12 Nov 2025, 10:00"),
    ],
)
def test_moments(formats: Formats, moment: str, words: str, short: str, stamp: str) -> None:
    assert (formats.moment(at(moment)), formats.short_moment(at(moment)), formats.stamp(at(moment))) == (
        words,
        short,
        stamp,
    )


@pytest.mark.parametrize(
    ("until", "words", "tone"),
    [
        ("2027-02-21", "90 days", Tone.NEUTRAL),
        ("2026-12-05", "12 days", Tone.WARN),
        ("2026-11-28", "5 days", Tone.BAD),
        ("2026-11-24", "1 day", Tone.BAD),
        ("2026-11-23", "Today", Tone.BAD),
        ("2026-11-22", "Ended", Tone.NEUTRAL),
    ],
)
def test_countdowns(formats: Formats, until: str, words: str, tone: Tone) -> None:
    due = formats.countdown(date.fromisoformat(until))
    assert (due.words, due.tone) == (words, tone)


@pytest.mark.parametrize(
    ("due", "mine", "words", "tone"),
    [
        ("2026-11-23T14:36:00", False, "4\u00a0h\u00a055\u00a0m left", Tone.NEUTRAL),
        ("2026-11-23T12:06:00", True, "2\u00a0h\u00a025\u00a0m left", Tone.BAD),
        ("2026-11-24T06:00:00", True, "20\u00a0h\u00a019\u00a0m left", Tone.WARN),
        ("2026-11-24T12:00:00", False, "1 day left", Tone.NEUTRAL),
        ("2026-11-26T12:00:00", True, "3 days left", Tone.NEUTRAL),
        ("2026-11-23T07:41:00", True, "2\u00a0h\u00a00\u00a0m over", Tone.BAD),
        ("2026-11-23T09:12:00", False, "29\u00a0m over", Tone.WARN),
    ],
)
def test_time_left(formats: Formats, due: str, mine: bool, words: str, tone: Tone) -> None:
    left = formats.time_left(at(due), mine=mine)
    assert (left.words, left.tone) == (words, tone)


@pytest.mark.parametrize(
    ("due", "words", "tone"),
    [
        (at("2026-11-23T12:00:00"), "Today 12:00", Tone.BAD),
        (date(2026, 11, 23), "Today", Tone.BAD),
        (date(2026, 11, 25), "Wed 25 Nov", Tone.WARN),
        (date(2026, 11, 30), "Mon 30 Nov", Tone.NEUTRAL),
        (date(2026, 11, 20), "Was due Fri 20 Nov", Tone.BAD),
        (at("2026-11-23T08:00:00"), "Was due 08:00", Tone.BAD),
    ],
)
def test_jobs_are_due(formats: Formats, due: date, words: str, tone: Tone) -> None:
    found = formats.due(due)
    assert (found.words, found.tone) == (words, tone)


@pytest.mark.parametrize(
    ("amount", "currency", "words", "short"),
    [
        ("184250.00", "GBP", "£184,250.00", "£184,250"),
        ("61250.50", "EUR", "€61,250.50", "€61,250.50"),
        ("-12.00", "USD", "-US$12.00", "-US$12"),
        (Decimal("1284300"), "GBP", "£1,284,300.00", "£1,284,300"),
        ("", "GBP", "–", "–"),
        (None, "", "–", "–"),
        ("many", "GBP", "many GBP", "many GBP"),
    ],
)
def test_money(formats: Formats, amount: object, currency: str, words: str, short: str) -> None:
    assert (formats.money(amount, currency), formats.money_short(amount, currency)) == (words, short)


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0\u00a0KB"), (1, "1\u00a0KB"), (240_000, "240\u00a0KB"), (2_400_000, "2.4\u00a0MB"),
     (9_100_000, "9.1\u00a0MB"), (214_000_000, "214\u00a0MB"),
     (1_000_000_000, "1\u00a0GB"), (1_540_000_000, "1.5\u00a0GB")],
)  # fmt: skip
def test_sizes(formats: Formats, size: int, words: str) -> None:
    assert formats.size(size) == words


def test_a_part_is_told_in_the_unit_of_the_whole(formats: Formats) -> None:
    assert formats.size_of(12_400_000, 38_000_000) == "12.4 of 38.0\u00a0MB"
    assert formats.size_of(0, 740_000) == "0 of 740\u00a0KB"
    assert formats.rate(2_100_000) == "2.1\u00a0MB/s"


def test_other_locales_and_zones() -> None:
    from zoneinfo import ZoneInfo

    german = Formats(StandingClock(), "de_DE", ZoneInfo("Europe/Berlin"))
    assert german.money("184250.00", "EUR") == "184.250,00\xa0€"
    assert german.time(at("2026-11-23T08:57:00")) == "09:57"
    assert german.country("GB") == "Vereinigtes Königreich"
    assert str(Formats(StandingClock(), "xx-nonsense").locale) == "en_GB"


def test_a_day_is_the_users_own_not_greenwichs() -> None:
    from zoneinfo import ZoneInfo

    clock = StandingClock()
    clock.at = at("2026-11-23T20:00:00")
    assert Formats(clock, zone=ZoneInfo("Pacific/Auckland")).today() == date(2026, 11, 24)


def field(kind: FieldType, **more: object) -> FieldSpec:
    return FieldSpec.model_validate({"name": "f", "label": "F", "type": kind, "owner": Owner.PARTNER, **more})


@pytest.mark.parametrize(
    ("spec", "value", "words"),
    [
        (field(FieldType.DATE), "2027-02-21", "21 Feb 2027"),
        (field(FieldType.DATE), "soon", "soon"),
        (field(FieldType.DATETIME), "2026-11-23T08:57:00Z", "Today 08:57"),
        (field(FieldType.CHOICE, choices=[{"value": "a", "label": "Alpha"}]), "a", "Alpha"),
        (field(FieldType.CHOICE), "new_in_the_crm", "new_in_the_crm"),
        (field(FieldType.CHOICES, choices=[{"value": "a", "label": "Alpha"}]), ["a", "b"], "Alpha, b"),
        (field(FieldType.COUNTRY), "GB", "United Kingdom"),
        (field(FieldType.BOOLEAN), True, "Yes"),
        (field(FieldType.INTEGER), 1240, "1,240"),
        (field(FieldType.LINES), [{}, {}], "2 lines"),
        (field(FieldType.UNKNOWN), "as it is", "as it is"),
        (field(FieldType.TEXT), None, "–"),
    ],
)
def test_field_values(formats: Formats, spec: FieldSpec, value: object, words: str) -> None:
    assert formats.value(spec, {"f": value}) == words


def test_small_words() -> None:
    assert (duration(6.2), duration(750), duration(5280)) == (
        "6\u00a0s",
        "12\u00a0min",
        "1\u00a0h\u00a028\u00a0min",
    )
    assert (initials("Maya Okafor"), initials("Cher"), initials(""), initials("Ada B. Lovelace")) == (
        "MO",
        "C",
        "?",
        "AL",
    )
    assert [quarter_end(date(2026, month, 5)) for month in (1, 6, 11)] == [
        date(2026, 3, 31),
        date(2026, 6, 30),
        date(2026, 12, 31),
    ]
    assert {sync_words(state) for state in SyncState} == {
        "Synced", "Not submitted", "Waiting to send", "Sending", "Conflict", "Rejected", "Quarantined",
    }  # fmt: skip


def test_countries_are_countries(formats: Formats) -> None:
    countries = dict(formats.countries())
    assert countries["IE"] == "Ireland"
    assert not {"EU", "ZZ", "XA"} & set(countries)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-23T08:57:00", "today at 08:57"),
        ("2026-11-20T15:20:00", "on Fri at 15:20"),
        ("2026-11-18T10:00:00", "on Wed 18 Nov"),
        ("2025-11-12T10:00:00", "on 12 Nov 2025"),
    ],
)
def test_moments_inside_a_sentence(formats: Formats, moment: str, words: str) -> None:
    assert formats.on(at(moment)) == words


def test_a_date_ahead_says_that_it_is_one(formats: Formats) -> None:
    assert formats.next(date(2026, 11, 23)) == "Next today"
    assert formats.next(date(2026, 11, 25)) == "Next Wed 25 Nov"


def test_figures_stand_as_the_language_writes_them_and_beside_their_unit() -> None:
    german = Formats(StandingClock(), "de_DE", UTC)
    assert german.number(64_524) == "64.524"
    assert german.size(2_400_000) == "2,4\u00a0MB"
    assert german.size_of(12_400_000, 38_000_000).endswith("38,0\u00a0MB")
