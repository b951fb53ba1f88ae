"""One cell of a generated form: a field of the manifest (an amount together with its currency) as a labelled control.

A cell speaks in record values by field name. What is written but is no value yet, such as *20 Nov* for a date, is
handed out as the text it is, so that a draft keeps it and the rules say how to mend it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, assert_never

from PySide6.QtCore import QCoreApplication

from app.contract.manifest import EntityType, FieldSpec, FieldType
from app.contract.predicates import Length, RequiredWhen
from app.services.explaining import Explained
from app.views.forms.reference import Candidate, ReferenceControl
from app.views.forms.references import ReferencesControl
from app.views.theme.theme import Theme
from app.views.widgets.choice_controls import (
    CheckControl,
    ChoiceControl,
    MultiChoiceControl,
    Option,
    SegmentedControl,
)
from app.views.widgets.control import Control
from app.views.widgets.date_control import DateControl
from app.views.widgets.field import Field
from app.views.widgets.money_control import MoneyControl, MoneyValue
from app.views.widgets.radio_control import RadioControl
from app.views.widgets.text_controls import LineControl, NumberControl, TextControl

#: Up to so many choices a needed one is picked from segments instead of a list.
_SEGMENTS = 3
#: More letters than this do not fit into segments.
_SEGMENT_LETTERS = 28
#: Up to so many are rows to choose from where they may be spread out.
_ROWS = 8
#: From this length on a text's counter is shown.
_COUNTED = 500


@dataclass(frozen=True)
class FormSources:
    """What a form asks of the outside. `candidates(entity, text)` lists records for a reference field."""

    today: Callable[[], date]
    countries: Callable[[], list[tuple[str, str]]]
    candidates: Callable[[str, str], list[Candidate]]
    title_of: Callable[[str], str]
    currencies: tuple[str, ...] = ()
    tr: Callable[[str], str] = str
    explain: Callable[[EntityType | None, FieldSpec], Explained] | None = None


class Cell:
    """A kit field bound to the names of the manifest's fields it edits."""

    def __init__(self, spec: FieldSpec, field: Field, currency: FieldSpec | None = None) -> None:
        self.spec = spec
        self.field = field
        self.currency = currency

    @property
    def names(self) -> tuple[str, ...]:
        """The fields this cell edits."""
        return (self.spec.name, self.currency.name) if self.currency else (self.spec.name,)

    @property
    def wide(self) -> bool:
        """Whether the cell wants a whole row."""
        return self.spec.type in (FieldType.LONG_TEXT, FieldType.CHOICES, FieldType.REFERENCES)

    def values(self) -> dict[str, Any]:
        """The values as they stand, by field name; None where nothing is given."""
        control = self.field.control
        if isinstance(control, MoneyControl):
            return self._money(control)
        if isinstance(control, DateControl):
            day = control.value()
            return {self.spec.name: day.isoformat() if day else control.edit.text().strip() or None}
        if isinstance(control, NumberControl):
            return {self.spec.name: _whole(control)}
        value = control.value()
        return {self.spec.name: list(value) if isinstance(value, tuple) else value}

    def show(self, data: Mapping[str, Any]) -> None:
        """Show the record's values; not an edit."""
        control = self.field.control
        value = data.get(self.spec.name)
        if isinstance(control, MoneyControl):
            self._show_money(control, data)
        elif isinstance(control, DateControl):
            _show_date(control, value)
        elif isinstance(control, NumberControl) and isinstance(value, str) and not value.strip("-").isdigit():
            control.edit.setText(value)
        elif isinstance(value, list):
            self.field.set_value(tuple(str(item) for item in value))
        elif isinstance(control, (TextControl, LineControl)) and value is not None:
            self.field.set_value(str(value))
        else:
            self.field.set_value(value)

    def _money(self, control: MoneyControl) -> dict[str, Any]:
        value = control.value()
        written = control.edit.text().strip() or None
        amount = value.amount if value else written
        data: dict[str, Any] = {self.spec.name: amount}
        if self.currency:
            data[self.currency.name] = control.combo.currentText()
        return data

    def _show_money(self, control: MoneyControl, data: Mapping[str, Any]) -> None:
        currency = str(
            (data.get(self.currency.name) if self.currency else None) or control.combo.currentText()
        )
        amount = data.get(self.spec.name)
        if amount is None or amount == "":
            control.set_value(None)
            control.set_currency(currency)
        else:
            control.set_value(MoneyValue(str(amount), currency))


def _whole(control: NumberControl) -> int | str | None:
    value = control.value()
    written = control.edit.text().strip() or None
    if value is None or control.problem():
        return written
    return int(value.partition(".")[0])


def _show_date(control: DateControl, value: Any) -> None:
    try:
        control.set_value(value)
    except (ValueError, TypeError):
        control.edit.setText(str(value))


def make_cell(
    theme: Theme,
    entity: EntityType | None,
    spec: FieldSpec,
    sources: FormSources,
    *,
    lines: int = 3,
    spread: bool = False,
) -> Cell:
    """Build the cell of a field. `entity` is None where no other field belongs to it; `lines`: of a long text.

    `spread`: a needed choice shows all its values.
    """
    currency = entity.field(spec.currency_field) if entity and spec.currency_field else None
    limit = next((rule.max for rule in spec.rules.items if isinstance(rule, Length)), None)
    counted = spec.type is FieldType.LONG_TEXT and limit is not None and limit >= _COUNTED
    field = Field(
        theme,
        "" if spec.type is FieldType.BOOLEAN else spec.label,
        TextControl(theme, spec.placeholder, lines=lines)
        if spec.type is FieldType.LONG_TEXT
        else _control(theme, spec, currency, sources, spread=spread),
        optional=not needed(spec),
        help=spec.help,
        limit=limit if counted else None,
    )
    return Cell(spec, field, currency)


#: Types without a control of their own.
_READ_ONLY = (
    FieldType.EVENTS,
    FieldType.LINES,
    FieldType.ANSWERS,
    FieldType.UNKNOWN,
    FieldType.DATETIME,
)


def needed(spec: FieldSpec) -> bool:
    """Whether the label leaves out *optional*: a value is needed, always or in some cases."""
    return spec.required or any(isinstance(rule, RequiredWhen) for rule in spec.rules.items)


def editable_type(kind: FieldType) -> bool:
    """Whether a form can offer a control for this type; the others are shown as read-only text."""
    return kind not in _READ_ONLY


def _control(
    theme: Theme, spec: FieldSpec, currency: FieldSpec | None, sources: FormSources, *, spread: bool = False
) -> Control:
    match spec.type:
        case FieldType.TEXT | FieldType.EMAIL | FieldType.PHONE | FieldType.URL | FieldType.DATETIME:
            return LineControl(theme, spec.placeholder)
        case FieldType.LONG_TEXT:
            return TextControl(theme, spec.placeholder)
        case FieldType.CHOICE:
            return _choice(theme, spec, spread=spread)
        case FieldType.CHOICES:
            return MultiChoiceControl(theme, _options(spec))
        case FieldType.DATE:
            return DateControl(theme, today=sources.today)
        case FieldType.MONEY:
            codes = tuple(choice.value for choice in currency.choices) if currency else ()
            return MoneyControl(theme, codes or sources.currencies)
        case FieldType.CURRENCY:
            codes = tuple(choice.value for choice in spec.choices) or sources.currencies
            return ChoiceControl(
                theme, [Option(code, code) for code in codes], may_be_empty=not spec.required
            )
        case FieldType.COUNTRY:
            words = QCoreApplication.translate("Forms", "Choose a country")
            options = [Option(code, name) for code, name in sources.countries()]
            return ChoiceControl(theme, options, words, may_be_empty=not spec.required)
        case FieldType.INTEGER:
            return NumberControl(theme, whole=True)
        case FieldType.BOOLEAN:
            return CheckControl(theme, spec.label)
        case FieldType.REFERENCE:
            return ReferenceControl(
                theme,
                lambda text: sources.candidates(spec.target, text),
                sources.title_of,
                may_be_empty=not spec.required,
            )
        case FieldType.REFERENCES:
            return ReferencesControl(
                theme, lambda text: sources.candidates(spec.target, text), sources.title_of
            )
        case FieldType.EVENTS | FieldType.LINES | FieldType.ANSWERS | FieldType.UNKNOWN:
            raise ValueError(f"a field of type {spec.type} cannot be edited")
        case _:
            assert_never(spec.type)


def _choice(theme: Theme, spec: FieldSpec, *, spread: bool) -> Control:
    if spread and spec.required and 1 < len(spec.choices) <= _ROWS:
        return RadioControl(theme, _options(spec))
    letters = sum(len(choice.label) for choice in spec.choices)
    if spec.required and 1 < len(spec.choices) <= _SEGMENTS and letters <= _SEGMENT_LETTERS:
        return SegmentedControl(theme, _options(spec))
    return ChoiceControl(theme, _options(spec), may_be_empty=not spec.required)


def _options(spec: FieldSpec) -> list[Option]:
    return [Option(choice.value, choice.label) for choice in spec.choices]
