"""How the CRM's columns look in the console: days and instants in words, codes as choices, money with two places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette_admin.fields import BaseField, DateField, EnumField, IntegerField, StringField, TextAreaField

from gateway.crm.embedded.money import money_words
from gateway.crm.embedded.times import from_ms

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(day: date) -> str:
    """Write a day as *24 Nov 2026*."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def instant_words(ms: int) -> str:
    """Write an instant as *24 Nov 2026, 09:41* (UTC)."""
    moment = from_ms(ms)
    return f"{day_words(moment.date())}, {moment:%H:%M}"


@dataclass
class DayField(DateField):
    """A day kept as ISO text."""

    type: str | None = "StringField"

    async def parse_form_data(self, request: Request, form_data: FormData) -> Any:
        """Return the ISO text or None."""
        value = await super().parse_form_data(request, form_data)
        return value.isoformat() if isinstance(value, date) else None

    async def serialize_value(self, request: Request, value: Any) -> str:
        """Write the day in words, in forms as ISO text."""
        return str(value) if request.state.action.is_form() else day_words(date.fromisoformat(value))


@dataclass
class InstantField(StringField):
    """An instant in milliseconds; nobody edits those by hand."""

    type: str | None = "IntegerField"
    exclude_from_create: bool | None = True
    exclude_from_edit: bool | None = True
    searchable: bool | None = False

    async def serialize_value(self, request: Request, value: Any) -> Any:
        """Write the instant in words."""
        return instant_words(value)


@dataclass
class MoneyField(StringField):
    """Decimal text; typed amounts may have separators and are brought to two places.

    `currency`: the column that holds the currency, told beside the amount everywhere but in forms.
    """

    currency: str = "cur"

    searchable: bool | None = False

    async def parse_form_data(self, request: Request, form_data: FormData) -> Any:
        """Return the amount with two places; what is no number is left for the CRM to refuse."""
        text = str(form_data.get(self.id) or "").replace(",", "").strip()
        try:
            return f"{Decimal(text):.2f}" if text else None
        except InvalidOperation:
            return text

    async def parse_obj(self, request: Request, obj: Any) -> Any:
        """Return the amount, and its currency where it is shown."""
        value = await super().parse_obj(request, obj)
        if value is None or request.state.action.is_form():
            return value
        return money_words(value, getattr(obj, self.currency))


@dataclass
class CodeField(EnumField):
    """A code with its words; a code nobody knows is shown as it is."""

    type: str | None = "EnumField"

    def _get_label(self, value: Any, request: Request) -> Any:
        return dict(self._get_choices(request)).get(value, value)

    async def serialize_value(self, request: Request, value: Any) -> Any:
        """Write several codes as one list of words."""
        found = await super().serialize_value(request, value)
        return ", ".join(found) if isinstance(found, list) and not request.state.action.is_form() else found


@dataclass
class LongTextField(TextAreaField):
    """Text of several lines. Browsers send CR LF; the CRM keeps LF, so that an untouched text stays the same."""

    rows: int = 4

    async def parse_form_data(self, request: Request, form_data: FormData) -> Any:
        """Return the text with plain line ends."""
        return str(form_data.get(self.id) or "").replace("\r\n", "\n")


@dataclass
class FileField(StringField):
    """The name of the file a record has; on its page it leads to the bytes."""

    name: str = "file_name"
    label: str | None = "File"
    read_only: bool | None = True
    exclude_from_create: bool | None = True
    exclude_from_edit: bool | None = True
    detail_template: str = "crm/file_link.html"


@dataclass
class RevisionField(StringField):
    """Hidden in the edit form: the revision that was looked at, so that an edit never runs over a newer one."""

    name: str = "rev"
    label: str | None = "Revision"
    read_only: bool | None = True
    searchable: bool | None = False
    exclude_from_list: bool | None = True
    exclude_from_detail: bool | None = True
    exclude_from_create: bool | None = True
    exclude_from_export: bool | None = True
    form_template: str = "crm/hidden.html"
    label_template: str = "crm/nothing.html"


def hidden() -> tuple[BaseField, ...]:
    """Return the fields every record has and no page shows."""
    key = IntegerField(
        "id",
        label="Id",
        exclude_from_list=True,
        exclude_from_detail=True,
        exclude_from_create=True,
        exclude_from_edit=True,
        searchable=False,
    )
    return key, RevisionField()
