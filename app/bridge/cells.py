"""What stands in each cell of a list: words, tone, icon and mark, from a record and the manifest's column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.contract.manifest import Column, FieldType
from app.services.format import NOTHING, date_of, duration, moment_of, sync_words
from app.services.portal import Portal
from app.services.views_model import DocState, Due, RecordView, SyncState, Tone, TransferProgress

#: Columns whose values are compared by eye, so they stand at the trailing edge.
FIGURES = ("money", "countdown")

_SOON_DAYS = 30
#: A second line so short is told with the name of its field.
_BARE = 3
_ICONS: tuple[tuple[str, str, str], ...] = (
    ("pdf", "file-type-pdf", Tone.BAD),
    ("sheet", "file-spreadsheet", Tone.OK),
    ("excel", "file-spreadsheet", Tone.OK),
    ("csv", "file-spreadsheet", Tone.OK),
    ("zip", "file-zip", "text3"),
    ("image", "photo", "text3"),
    ("text", "file-text", "text3"),
    ("word", "file-text", "text3"),
)


@dataclass(frozen=True)
class Cell:
    """One cell of a table. `tone`, `icon`, `icon_tone` and `mark` are empty when the column's own hold.

    `kind`: name, text, detail, figure, pill or mark; empty where the column says it. `tone` is that of the words or of
    the pill; the icon stands before the words or inside the pill.
    """

    text: str
    kind: str = "text"
    tone: str = ""
    icon: str = ""
    icon_tone: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Movement:
    """A transfer of a row: share 0 to 1, and its words."""

    share: float
    progress: str
    rate: str


def cell(portal: Portal, record: RecordView, column: Column) -> Cell:
    """Return what stands under a column for a record."""
    match column.show:
        case "name":
            text = portal.records.value_words(record.entity, column.field, record.data)
            return Cell(record.title if text == NOTHING else text, "name")
        case "money":
            return Cell(portal.records.value_words(record.entity, column.field, record.data), "figure")
        case "pill":
            return Cell(record.state_label, "pill", tone=record.tone) if record.state_label else Cell(NOTHING)
        case "countdown":
            return _countdown(portal, portal.records.due(record))
        case "sync":
            return _sync(portal, record)
        case "file":
            return _file(portal, record)
        case "state_mark":
            mark = portal.documents.mark(record)
            return Cell(mark.label, "pill", tone=mark.tone, icon=mark.icon)
        case "kept":
            return _kept(portal, record)
        case "date":
            return _date(portal, record, column.field)
        case _:
            words = portal.records.value_words(record.entity, column.field, record.data)
            return Cell(" ".join(words.split()))


def tip(portal: Portal, record: RecordView, column: Column) -> str:
    """Return what a cell says to the pointer beyond its text: the day a countdown ends; mostly nothing."""
    due = portal.records.due(record) if column.show == "countdown" else None
    return portal.formats.long_day(portal.formats.local(due.at).date()) if due and due.at else ""


def _countdown(portal: Portal, due: Due | None) -> Cell:
    if due is None:
        return Cell(NOTHING, "figure", tone="text3")
    return Cell(due.words, "figure", tone="" if due.tone == Tone.NEUTRAL else due.tone)


def _sync(portal: Portal, record: RecordView) -> Cell:
    words = portal.formats.tr(sync_words(record.sync))
    if record.sync is SyncState.DRAFT:
        # A draft is no state of sync: it has not been handed in.
        return Cell(words, "text", tone="text3", icon="pencil", icon_tone="text3")
    return Cell(words, "mark", mark=record.sync.value)


def _file(portal: Portal, record: RecordView) -> Cell:
    icon, tone = file_icon(str(record.data.get("media_type") or ""), record.title)
    quiet = portal.documents.lapsed(record)
    return Cell(record.title, "name", tone="text3" if quiet else "", icon=icon, icon_tone=tone)


def file_icon(media_type: str, name: str = "") -> tuple[str, str]:
    """Return icon and tone of a kind of file."""
    told = f"{media_type} {name.rpartition('.')[2]}".lower()
    return next(((icon, tone) for word, icon, tone in _ICONS if word in told), ("file", "text3"))


def _kept(portal: Portal, record: RecordView) -> Cell:
    state = portal.documents.state_of(record)
    if state.kept and state.state is DocState.HERE:
        return Cell(portal.formats.tr("Kept"), tone="accent", icon="pinned-filled", icon_tone="accent")
    if state.kept:
        return Cell(portal.formats.tr("Waiting"), tone="warn", icon="clock", icon_tone="warn")
    if record.state in ("expired", "revoked") or not state.sha256:
        return Cell(NOTHING, tone="text3")
    if state.state is DocState.HERE:
        return Cell(portal.formats.tr("Here"), tone="text3", icon="check", icon_tone="text3")
    return Cell(portal.formats.tr("Keep"), tone="text3", icon="pin", icon_tone="text3")


def _date(portal: Portal, record: RecordView, field: str) -> Cell:
    day = date_of(record.data.get(field))
    if day is None:
        return Cell(NOTHING, tone="text3")
    left = (day - portal.formats.today()).days
    is_end = field in ("valid_until", "expires_at", "term_end")
    tone = "" if not is_end else Tone.BAD if left < 0 else Tone.WARN if left <= _SOON_DAYS else ""
    if record.state == "superseded":
        tone = "text3"
    return Cell(portal.formats.day(day), tone=tone)


@dataclass(frozen=True)
class TwoLines:
    """A row of two or three lines, as requests have."""

    title: str
    subtitle: str
    time: str
    pill: str
    pill_tone: str
    countdown: str
    countdown_tone: str


def two_lines(portal: Portal, record: RecordView) -> TwoLines:
    """Return a record as a row of lines."""
    entity = portal.manifest.entity(record.entity)
    sort = entity.list.sort.removeprefix("-") if entity else ""
    spec = entity.field(sort) if entity else None
    latest = (
        moment_of(record.data.get(sort)) if spec is not None and spec.type is FieldType.DATETIME else None
    )
    latest = latest or moment_of(record.data.get("updated_at"))
    due = portal.records.due(record)
    about = entity.field(entity.subtitle_field) if entity and len(record.subtitle) <= _BARE else None
    # A bare figure says nothing: *Version 2*.
    subtitle = f"{about.label} {record.subtitle}" if about and record.subtitle else record.subtitle
    unsent = record.sync is not SyncState.SYNCED
    formats = portal.formats
    quiet = due is None or due.tone == Tone.NEUTRAL
    return TwoLines(
        title=record.title,
        subtitle=" · ".join(part for part in (record.number, subtitle) if part),
        time=formats.short_moment(latest) if latest else "",
        pill=formats.tr(sync_words(record.sync)) if unsent and record.version is None else record.state_label,
        pill_tone=Tone.WARN if unsent and record.version is None else record.tone,
        countdown=due.words if due else "",
        countdown_tone="text3" if quiet or due is None else due.tone,
    )


def line_mark(record: RecordView) -> str:
    """Return the sync mark of a row of lines: what its pill tells already, or a draft, has none."""
    told = record.version is None and record.sync is not SyncState.SYNCED
    return "" if told or record.sync is SyncState.DRAFT else record.sync.value


def movement(portal: Portal, transfers: Mapping[str, TransferProgress], sha256: str) -> Movement | None:
    """Return how a blob moves, or None when it does not."""
    found = transfers.get(sha256)
    if found is None or not sha256:
        return None
    formats = portal.formats
    share = min(1.0, found.done / found.total) if found.total else 0.0
    left = (found.total - found.done) / found.rate if found.rate > 0 else None
    parts = [
        formats.rate(found.rate) if found.rate > 0 else "",
        formats.tr("{time} left").format(time=duration(left)) if left else "",
    ]
    return Movement(
        share, formats.size_of(found.done, found.total), " · ".join(part for part in parts if part)
    )
