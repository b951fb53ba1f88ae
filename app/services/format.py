"""Dates, money, sizes and counts as people read them: one locale, one time zone, one clock.

All methods take raw values (ISO text, `Decimal`, datetimes in UTC) and never raise for what a vendor's system may hold:
what cannot be read is shown as it is.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_currency, format_decimal

from app.contract.manifest import EntityType, FieldSpec, FieldType, Tone
from app.contract.said import said
from app.services.views_model import Due, SyncState
from app.services.words import DEFAULT_LOCALE, Words

#: What stands where there is no value.
NOTHING = "–"
#: Between a figure and its unit, which one line keeps together.
TIED = "\u00a0"
_SOON_DAYS = 30
_URGENT_DAYS = 7
#: So many days are told in years.
_YEARS_FROM = 1_000
_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "KB"))


class Now(Protocol):
    """A source of the present moment."""

    def now(self) -> datetime:
        """Return the moment, aware, UTC."""


class Formats:
    """Formats for one locale. `zone` None means this computer's own time zone, daylight saving included."""

    def __init__(
        self,
        clock: Now,
        locale: str = DEFAULT_LOCALE,
        zone: tzinfo | None = None,
        words: Words | None = None,
    ) -> None:
        """`words` says things in the reader's language, and in its locale; without, in English and `locale`."""
        self._clock = clock
        self._zone = zone
        self.tr = words or Words(locale)
        #: How far this computer's clock is ahead of the gateway's: today is reckoned by the gateway's.
        self.ahead = timedelta()

    @property
    def locale(self) -> Locale:
        """How dates, money and figures are written."""
        return self.tr.locale

    # -- time ---------------------------------------------------------------------------------------------
    def now(self) -> datetime:
        """The present moment in the user's zone."""
        return self.local(self._clock.now() - self.ahead)

    def today(self) -> date:
        """Today where the user is."""
        return self.now().date()

    def local(self, at: datetime) -> datetime:
        """Turn a moment into the user's zone."""
        return at.astimezone(self._zone)

    def time(self, at: datetime) -> str:
        """*09:41*."""
        return format_time(self.local(at), "short", locale=self.locale)

    def day(self, value: date) -> str:
        """*21 Feb 2027*."""
        return format_date(value, "medium", locale=self.locale)

    def weekday_day(self, value: date) -> str:
        """*Wed 18 Nov*; with the year when it is another one."""
        if value.year != self.today().year:
            return self.day(value)
        return format_skeleton("MMMEd", _noon(value), locale=self.locale)

    def long_day(self, value: date) -> str:
        """*Monday 23 November*."""
        found = self.locale.datetime_skeletons.get("MMMMEd")
        if found is None:
            return format_skeleton("MMMMEEEEd", _noon(value), locale=self.locale)
        # Few locales have this one with the whole name of the day.
        return format_date(value, re.sub(r"E+", "EEEE", str(found.pattern)), locale=self.locale)

    def weekday(self, value: date, *, long: bool = False) -> str:
        """*Fri*, or *Friday*."""
        return format_date(value, "EEEE" if long else "EEE", locale=self.locale)

    def moment(self, at: datetime) -> str:
        """When something happened: *Today 08:57*, *Fri 15:20*, *Wed 18 Nov*, *18 Nov 2025*."""
        there, today = self.local(at), self.today()
        age = (today - there.date()).days
        if age == 0:
            return self.tr("Today {time}").format(time=self.time(at))
        if 0 < age < 5:
            return f"{self.weekday(there.date())} {self.time(at)}"
        return self.weekday_day(there.date())

    def on(self, at: datetime) -> str:
        """The same inside a sentence: *today at 08:57*, *on Fri at 15:20*, *on Wed 18 Nov*."""
        there = self.local(at)
        age = (self.today() - there.date()).days
        if age == 0:
            return self.tr("today at {time}").format(time=self.time(at))
        if 0 < age < 5:
            words = self.tr("on {day} at {time}")
            return words.format(day=self.weekday(there.date()), time=self.time(at))
        return self.tr("on {day}").format(day=self.weekday_day(there.date()))

    def stamp(self, at: datetime) -> str:
        """When a message was written: *Today, 08:05*, *Thu 19 Nov, 14:05*."""
        there = self.local(at)
        day = self.tr("Today") if there.date() == self.today() else self.weekday_day(there.date())
        return f"{day}, {self.time(at)}"

    def stamp_of_day(self, at: datetime) -> str:
        """On paper, where nothing is today: *24 Nov 2026, 09:38*."""
        return f"{self.day(self.local(at).date())}, {self.time(at)}"

    def yes_no(self, value: bool) -> str:
        """*Yes* or *No*."""
        return self.tr("Yes") if value else self.tr("No")

    def exact(self, at: datetime) -> str:
        """For evidence: *24 Nov 2026, 09:38:12*."""
        there = self.local(at)
        return f"{self.day(there.date())}, {format_time(there, 'medium', locale=self.locale)}"

    def short_moment(self, at: datetime) -> str:
        """For a narrow column: *08:05*, *Fri*, *16 Nov*, *16 Nov 2025*."""
        there, today = self.local(at), self.today()
        age = (today - there.date()).days
        if age == 0:
            return self.time(at)
        if 0 < age < 7:
            return self.weekday(there.date())
        if there.year == today.year:
            return format_skeleton("MMMd", there, locale=self.locale)
        return self.day(there.date())

    def since(self, at: datetime) -> str:
        """For a sentence: *08:12* today, *Friday 17:36* this week, *18 Nov 17:36* before."""
        there = self.local(at)
        age = (self.today() - there.date()).days
        if age == 0:
            return self.time(at)
        if 0 < age < 7:
            return f"{self.weekday(there.date(), long=True)} {self.time(at)}"
        return f"{format_skeleton('MMMd', there, locale=self.locale)} {self.time(at)}"

    # -- what is due --------------------------------------------------------------------------------------
    def countdown(self, until: date) -> Due:
        """Days until a date: *90 days*, *2 days* (urgent from 7, soon from 30), *Today*, *Ended*."""
        days = (until - self.today()).days
        at = datetime(until.year, until.month, until.day, 23, 59, 59, tzinfo=self.now().tzinfo).astimezone(
            UTC
        )
        if days < 0:
            return Due(self.tr("Ended"), Tone.NEUTRAL, at)
        words = self.tr("Today") if days == 0 else self._days(days)
        if days <= _URGENT_DAYS:
            return Due(words, Tone.BAD, at)
        return Due(words, Tone.WARN if days <= _SOON_DAYS else Tone.NEUTRAL, at)

    def time_left(self, due: datetime, *, mine: bool) -> Due:
        """Time until a moment: *4 h 55 m left*, *1 day left*, *2 h over*. `mine`: it is the user's turn."""
        seconds = int((due - self.now()).total_seconds())
        left = abs(seconds)
        words = self._days(left // 86400) if left >= 86400 else self._hours(left)
        if seconds < 0:
            return Due(self.tr("{time} over").format(time=words), Tone.BAD if mine else Tone.WARN, due)
        tone = Tone.NEUTRAL
        if mine and left < 86400:
            tone = Tone.BAD if left < 4 * 3600 else Tone.WARN
        return Due(self.tr("{time} left").format(time=words), tone, due)

    def next(self, day: date) -> str:
        """A date ahead, with the word that says so: *Next today*, *Next Wed 25 Nov*."""
        if day == self.today():
            return self.tr("Next today")
        return self.tr("Next {day}").format(day=self.weekday_day(day))

    def due(self, at: date | datetime) -> Due:
        """When a job is due: *Today 12:00*, *Today*, *Wed 25 Nov*, *Was due Fri 20 Nov*."""
        moment = self.local(at) if isinstance(at, datetime) else None
        day = moment.date() if moment else at
        days = (day - self.today()).days
        utc = moment.astimezone(UTC) if moment else None
        if days < 0 or (moment is not None and days == 0 and moment < self.now()):
            said = self.time(moment) if moment and days == 0 else self.weekday_day(day)
            return Due(self.tr("Was due {day}").format(day=said), Tone.BAD, utc)
        if days == 0:
            today = self.tr("Today {time}").format(time=self.time(moment)) if moment else self.tr("Today")
            return Due(today, Tone.BAD, utc)
        return Due(self.weekday_day(day), Tone.WARN if days <= 3 else Tone.NEUTRAL, utc)

    def _days(self, days: int) -> str:
        """*90 days*; what is further away than one plans, *7,973 years*."""
        if days < _YEARS_FROM:
            return self.tr.plural(days, "%n day", "%n days")
        return self.tr.plural(days // 365, "%n year", "%n years")

    def _hours(self, seconds: int) -> str:
        hours, minutes = divmod(seconds // 60, 60)
        if hours:
            return tied(self.tr("{hours} h {minutes} m")).format(hours=hours, minutes=minutes)
        return tied(self.tr("{minutes} m")).format(minutes=minutes)

    # -- figures ------------------------------------------------------------------------------------------
    def number(self, value: int | Decimal) -> str:
        """*64,524*."""
        return format_decimal(value, locale=self.locale)

    def decimal(self, value: float) -> str:
        """*0.4*: one place."""
        return str(format_decimal(value, format="#,##0.0", locale=self.locale))

    def money(self, amount: Any, currency: str) -> str:
        """*£184,250.00* from a decimal string or Decimal."""
        number = decimal_of(amount)
        if number is None:
            return NOTHING if amount in (None, "") else f"{amount} {currency}".strip()
        return str(format_currency(number, currency, locale=self.locale)) if currency else self.number(number)

    def money_short(self, amount: Any, currency: str) -> str:
        """*£184,250*: without pence when there are none."""
        number = decimal_of(amount)
        if number is None or not currency or number != number.to_integral_value():
            return self.money(amount, currency)
        pattern = copy.copy(self.locale.currency_formats["standard"])
        pattern.frac_prec = (0, 0)
        return str(pattern.apply(number, self.locale, currency=currency, currency_digits=False))

    def totals(self, totals: Mapping[str, Decimal], joint: str = " · ") -> str:
        """Several currencies side by side, never added: *£41,960 · €27,300*."""
        return joint.join(self.money_short(amount, currency) for currency, amount in totals.items())

    def things(self, count: int, kind: EntityType) -> str:
        """*1 deal*, *23 deals*: records of a type, as they stand in a sentence."""
        return f"{self.number(count)} {self.tr.inside(kind.label if count == 1 else kind.plural)}"

    def size(self, count: int) -> str:
        """*2.4 MB*, *240 KB*, *1 GB*; decimal units, as file lists show them."""
        for unit, name in _UNITS:
            if count >= unit:
                return f"{self._tidy(Decimal(count) / unit, name)}{TIED}{name}"
        return f"{1 if count else 0}{TIED}KB"

    def size_of(self, have: int, total: int) -> str:
        """*12.4 of 38.0 MB*: both in the unit of the whole."""
        unit, name = next(((unit, name) for unit, name in _UNITS if total >= unit), (1_000, "KB"))
        pattern = "0" if name == "KB" else "0.0"
        parts = [format_decimal(Decimal(n) / unit, format=pattern, locale=self.locale) for n in (have, total)]
        words = self.tr("{part} of {whole} {unit}").replace(" {unit}", f"{TIED}{{unit}}")
        return words.format(part=parts[0], whole=parts[1], unit=name)

    def rate(self, bytes_a_second: float) -> str:
        """*1.4 MB/s*."""
        return f"{self.size(int(bytes_a_second))}/s"

    def _tidy(self, value: Decimal, unit: str) -> str:
        whole = unit == "KB" or value >= 100 or value == value.to_integral_value()
        return str(format_decimal(value, format="#,##0" if whole else "#,##0.0", locale=self.locale))

    # -- places and fields --------------------------------------------------------------------------------
    def country(self, code: str) -> str:
        """*United Kingdom* for *GB*; the code itself when it is not known."""
        return str(self.locale.territories.get(code, code))

    def countries(self) -> list[tuple[str, str]]:
        """Return (code, name) of every country, by name."""
        known = (
            (code, name)
            for code, name in self.locale.territories.items()
            if len(code) == 2 and code.isalpha()
        )
        listed = [(code, name) for code, name in known if code not in _NOT_COUNTRIES]
        return sorted(listed, key=lambda pair: pair[1].casefold())

    def value(self, spec: FieldSpec, data: Mapping[str, Any]) -> str:
        """Write one field of a record in the user's words; references are written by whoever knows their titles."""
        value = data.get(spec.name)
        if value in (None, "", [], ()):
            return NOTHING
        match spec.type:
            case FieldType.MONEY:
                return self.money(value, str(data.get(spec.currency_field) or ""))
            case FieldType.DATE:
                found = date_of(value)
                return self.day(found) if found else str(value)
            case FieldType.DATETIME:
                moment = moment_of(value)
                return self.moment(moment) if moment else str(value)
            case FieldType.CHOICE:
                return spec.choice_label(str(value))
            case FieldType.CHOICES:
                values = value if isinstance(value, list) else [value]
                return ", ".join(spec.choice_label(str(item)) for item in values)
            case FieldType.COUNTRY:
                return self.country(str(value))
            case FieldType.BOOLEAN:
                return self.yes_no(bool(value))
            case FieldType.INTEGER:
                return self.number(value) if isinstance(value, int) else str(value)
            case FieldType.EVENTS | FieldType.LINES:
                if not isinstance(value, list):
                    return str(value)
                return self.tr.plural(len(value), "%n line", "%n lines")
            case FieldType.REFERENCES:
                if not isinstance(value, list):
                    return str(value)
                return self.tr.plural(len(value), "%n record", "%n records")
            case FieldType.ANSWERS:
                if not isinstance(value, dict):
                    return str(value)
                return self.tr.plural(len(value), "%n answer", "%n answers")
            case (
                FieldType.TEXT
                | FieldType.LONG_TEXT
                | FieldType.EMAIL
                | FieldType.PHONE
                | FieldType.URL
                | FieldType.CURRENCY
                | FieldType.REFERENCE
                | FieldType.UNKNOWN
            ):
                return str(value)


#: Territories of the locale data that are groups or pseudo codes rather than countries.
_NOT_COUNTRIES = frozenset(
    {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "AC", "CP", "DG", "EA", "IC", "TA", "CQ"}
)

_SYNC_WORDS: Mapping[SyncState, str] = {
    SyncState.SYNCED: said("Synced"),
    SyncState.DRAFT: said("Not submitted"),
    SyncState.WAITING: said("Waiting to send"),
    SyncState.SENDING: said("Sending"),
    SyncState.CONFLICT: said("Conflict"),
    SyncState.REJECTED: said("Rejected"),
    SyncState.QUARANTINED: said("Quarantined"),
}

_TYPE_WORDS: Mapping[FieldType, str] = {
    FieldType.TEXT: said("Text"),
    FieldType.LONG_TEXT: said("Text"),
    FieldType.EMAIL: said("E-mail"),
    FieldType.PHONE: said("Phone number"),
    FieldType.URL: said("Website"),
    FieldType.COUNTRY: said("Country"),
    FieldType.CHOICE: said("Choice list"),
    FieldType.CHOICES: said("Choices"),
    FieldType.DATE: said("Date"),
    FieldType.DATETIME: said("Date and time"),
    FieldType.MONEY: said("Money"),
    FieldType.CURRENCY: said("Currency"),
    FieldType.INTEGER: said("Number"),
    FieldType.BOOLEAN: said("Yes or no"),
    FieldType.REFERENCE: said("Link"),
    FieldType.REFERENCES: said("Links"),
    FieldType.ANSWERS: said("Answers"),
    FieldType.EVENTS: said("List"),
    FieldType.LINES: said("List"),
    FieldType.UNKNOWN: said("Text"),
}


def sync_words(state: SyncState) -> str:
    """The word beside a sync mark; whoever shows it translates it."""
    return _SYNC_WORDS[state]


def type_words(kind: FieldType) -> str:
    """What kind of value a field takes, in a word or two; whoever shows it translates it."""
    return _TYPE_WORDS[kind]


def duration(seconds: float) -> str:
    """*6 s*, *12 min*, *1 h 28 min*."""
    whole = max(0, round(seconds))
    if whole < 60:
        return tied(f"{whole} s")
    minutes = whole // 60
    return tied(f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min")


def tied(words: str) -> str:
    """Keep words on one line, as a figure and its unit."""
    return words.replace(" ", TIED)


def initials(name: str) -> str:
    """*MO* for *Maya Okafor*."""
    parts = [part for part in name.split() if part[:1].isalpha()]
    if not parts:
        return "?"
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()


def date_of(value: Any) -> date | None:
    """Read *YYYY-MM-DD* (or the day of a moment); None for anything else."""
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def moment_of(value: Any) -> datetime | None:
    """Read a UTC moment in RFC 3339; None for anything else."""
    try:
        moment = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
    if moment is None:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def decimal_of(value: Any) -> Decimal | None:
    """Read a decimal string; None for anything that is not a finite number."""
    try:
        number = Decimal(str(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def quarter_end(day: date) -> date:
    """Return the last day of the quarter `day` is in."""
    month = ((day.month - 1) // 3 + 1) * 3
    first_of_next = date(day.year + month // 12, month % 12 + 1, 1)
    return first_of_next - timedelta(days=1)


def _noon(value: date) -> datetime:
    return datetime(value.year, value.month, value.day, 12, tzinfo=UTC)
