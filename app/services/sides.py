"""What both sides say about the same thing, row by row: stage, close, amount, who, next steps."""

from __future__ import annotations

from dataclasses import dataclass

from app.contract import rules
from app.contract.manifest import EntityType, FieldSpec, FieldType, Side
from app.services import timeline
from app.services.context import PortalContext
from app.services.format import NOTHING
from app.services.records import Records
from app.services.views_model import RecordView, TimelineEntry

#: Types of which two values either agree or do not; words and names are simply each side's own.
_COMPARED = (FieldType.CHOICE, FieldType.DATE, FieldType.MONEY, FieldType.INTEGER, FieldType.BOOLEAN)


@dataclass(frozen=True)
class SideCell:
    """What one side holds in a row. `editable`: this user may change it now."""

    field: str
    label: str
    words: str
    editable: bool


@dataclass(frozen=True)
class SideRow:
    """One row; `differs` where both hold something and it is not the same."""

    label: str
    cells: tuple[SideCell, ...]
    differs: bool


@dataclass(frozen=True)
class SidesView:
    """Both sides of a record: their names in the order of the cells, the rows, and which of them is the user's."""

    labels: tuple[str, ...]
    rows: tuple[SideRow, ...]
    own: int

    @property
    def differing(self) -> int:
        """How many rows differ."""
        return sum(row.differs for row in self.rows)

    @property
    def editable(self) -> bool:
        """Whether the user may change anything of their own side now."""
        return any(cell.editable for row in self.rows for cell in row.cells)


@dataclass(frozen=True)
class Shared:
    """A field both sides write: its words, whether the user may write now, and who wrote last (None: not known)."""

    field: str
    label: str
    words: str
    editable: bool
    last: TimelineEntry | None


class Sides:
    """Reads records that both sides keep."""

    def __init__(self, context: PortalContext, records: Records) -> None:
        self._context = context
        self._records = records

    def read(self, record: RecordView) -> SidesView | None:
        """Return both sides of a record; None where its type has none."""
        entity = self._context.manifest.entity(record.entity)
        if entity is None or not entity.sides:
            return None
        names = entity.sides[0].names
        count = min(len(side.fields) for side in entity.sides)
        editable = self._records.editable(record.gid)
        rows = []
        for number in range(count):
            specs = [entity.field(side.fields[number]) for side in entity.sides]
            cells = tuple(self._cell(entity, record, spec, editable) for spec in specs if spec is not None)
            label = names[number] if number < len(names) else (cells[0].label if cells else "")
            rows.append(SideRow(label, cells, _differ(record, [spec for spec in specs if spec], cells)))
        labels = tuple(side.label for side in entity.sides)
        return SidesView(labels, tuple(rows), _own(entity.sides))

    def _cell(
        self, entity: EntityType, record: RecordView, spec: FieldSpec, editable: frozenset[str]
    ) -> SideCell:
        words = self._records.value_words(entity.name, spec.name, record.data)
        if spec.name == entity.state_field:
            words = record.state_label or NOTHING
        return SideCell(spec.name, spec.label, "" if words == NOTHING else words, spec.name in editable)

    def shared(self, record: RecordView) -> tuple[Shared, ...]:
        """Return the long texts that both sides of such a record write together."""
        entity = self._context.manifest.entity(record.entity)
        if entity is None or not entity.sides:
            return ()
        specs = (entity.field(name) for name in together(entity))
        editable = self._records.editable(record.gid)
        entries = timeline.entries(self._context, record)
        return tuple(
            Shared(
                spec.name,
                spec.label,
                str(record.data.get(spec.name) or "").strip(),
                spec.name in editable,
                _last(entries, spec.label),
            )
            for spec in specs
            if spec is not None
        )


def together(entity: EntityType) -> tuple[str, ...]:
    """Return the fields that both sides write, of a type with sides."""
    return tuple(
        spec.name
        for spec in entity.fields
        if entity.sides and spec.owner == "shared" and spec.type is FieldType.LONG_TEXT
    )


def of_sides(entity: EntityType) -> frozenset[str]:
    """Return the fields that stand in the sides of a record or below them."""
    return frozenset(name for side in entity.sides for name in side.fields) | frozenset(together(entity))


def _own(sides: tuple[Side, ...]) -> int:
    return next((number for number, side in enumerate(sides) if side.side == "partner"), 0)


def _differ(record: RecordView, specs: list[FieldSpec], cells: tuple[SideCell, ...]) -> bool:
    held = [record.data.get(spec.name) for spec in specs]
    if len(specs) < 2 or any(spec.type not in _COMPARED for spec in specs) or any(map(rules.blank, held)):
        return False
    same_value = all(value == held[0] for value in held)
    return not same_value and len({cell.words.casefold() for cell in cells}) > 1


def _last(entries: list[TimelineEntry], label: str) -> TimelineEntry | None:
    wanted = label.casefold()
    return next((one for one in entries if wanted in one.text.casefold()), None)
