"""The words of the client in the language of its reader, and the locale in which it writes dates and figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from app.contract.errors import CounterpartError
from app.contract.said import Inside, Said, Value, filled

DEFAULT_LOCALE = "en_GB"

#: Looks a source text up: (text, count) to the text in the reader's language, empty when there is none. `count` is None
#: for text without one, and picks the plural form otherwise; it is not filled in.
Catalogue = Callable[[str, int | None], str]

#: Languages that write a noun with a capital wherever it stands.
_CAPITAL_NOUNS = frozenset({"de", "lb"})


def _nothing_known(text: str, count: int | None) -> str:
    return ""


class Words:
    """Says things in one language at a time; without a catalogue that is English.

    One object is shared by all that shows something, also from other threads: `speak` changes the language of all of
    them at once, and what is said after that is said in it.
    """

    def __init__(self, locale: str = DEFAULT_LOCALE, catalogue: Catalogue | None = None) -> None:
        self._spoken = (_locale(locale), catalogue or _nothing_known, "en" if catalogue is None else "")

    def speak(self, locale: str, catalogue: Catalogue | None) -> None:
        """Speak another language from now on; `catalogue` None is English."""
        self._spoken = (_locale(locale), catalogue or _nothing_known, "en" if catalogue is None else "")

    @property
    def locale(self) -> Locale:
        """How dates, money and figures are written."""
        return self._spoken[0]

    @property
    def language(self) -> str:
        """The language of the words, such as *de*; a locale whose words are missing speaks *en*."""
        locale, _, forced = self._spoken
        return forced or str(locale.language)

    def __call__(self, text: str) -> str:
        """Say a text in the reader's language; one that is not known comes back as it is."""
        if not isinstance(text, Said):
            return self._looked_up(text, None) or text
        count = text.number
        if isinstance(text, Inside):
            return self.inside(self._looked_up(text.template, None) or text.template)
        if count is None:
            words = self._looked_up(text.template, None) or text.template
        else:
            words = self._counted(count, text.one, text.template)
        return filled(words, {name: self._value(value) for name, value in text.values.items()})

    def plural(self, count: int, one: str, many: str) -> str:
        """Say a text about a number of things: `plural(2, "%n record", "%n records")` is *2 records*."""
        return self._counted(count, one, many)

    def _counted(self, count: int, one: str, many: str) -> str:
        words = self._looked_up(many, count) or (one if count == 1 else many)
        return words.replace("%n", self.number(count))

    def told(self, error: CounterpartError) -> str:
        """Say an error: its cause, what is kept, the next step."""
        return " ".join(self(part) for part in (error.cause, error.kept, error.next_step) if part)

    def inside(self, words: str) -> str:
        """Write words as they stand inside a sentence: *waiting on Halden*; German nouns keep their capital.

        So do names and abbreviations: *Halden's amount*, *VAT number*.
        """
        if self.language in _CAPITAL_NOUNS or _keeps_capital(words):
            return words
        return words[:1].lower() + words[1:]

    def listed(self, names: Iterable[str], *, either: bool = False) -> str:
        """*a*, *a and b*, *a, b and c*; `either`: *a or b*."""
        return str(format_list([*names], "or" if either else "standard", locale=self._sentence_locale))

    def number(self, value: int) -> str:
        """*1,200*, *1.200*."""
        return str(format_decimal(value, locale=self.locale))

    @property
    def _sentence_locale(self) -> Locale:
        return self.locale if str(self.locale.language) == self.language else _locale(DEFAULT_LOCALE)

    def _looked_up(self, text: str, count: int | None) -> str:
        return self._spoken[1](text, count) if text else ""

    def _value(self, value: Value) -> str:
        if isinstance(value, date):
            return str(format_date(value, "medium", locale=self.locale))
        return (
            self.number(value)
            if isinstance(value, int)
            else self(value)
            if isinstance(value, Said)
            else value
        )


def _keeps_capital(words: str) -> bool:
    """Whether the first word is somebody's name, as whose it is tells, or has more capitals than one."""
    first = words.partition(" ")[0]
    return first.endswith(("'s", "’s")) or any(one.isupper() or one.isdigit() for one in first[1:])


def _locale(name: str) -> Locale:
    try:
        return Locale.parse(name.replace("-", "_").split(".")[0])
    except (UnknownLocaleError, ValueError):
        return Locale.parse(DEFAULT_LOCALE)
