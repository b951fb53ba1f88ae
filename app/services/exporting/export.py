"""Writing a list to a file the user named: whole or not at all, and nothing when it was cancelled."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from app.contract.errors import Refused
from app.contract.said import said
from app.services.exporting.clipboard import Copied, copied
from app.services.exporting.csv_file import csv_bytes
from app.services.exporting.sheet import Sheet, rows, sheet_columns
from app.services.exporting.xlsx import MOST_ROWS, xlsx_bytes
from app.services.file_names import safe_name
from app.services.going import Going
from app.services.portal import Portal
from app.services.views_model import SavedFile
from app.services.whole_file import write_whole

KEPT = said("The list is as it was.")


class Format(StrEnum):
    """What a list can be written as; the value is the file's ending."""

    XLSX = "xlsx"
    CSV = "csv"
    PDF = "pdf"


def suggested_name(portal: Portal, title: str, format_: Format) -> str:
    """Return a name for the file: what, whose, and of which day; the dialog may change it."""
    whole = title.replace("/", " ").replace("\\", " ")
    return safe_name(f"{whole} {portal.formats.today().isoformat()}.{format_.value}")


def write_list(
    portal: Portal, sheet: Sheet, format_: Format, path: Path, going: Going, *, mirrored: bool = False
) -> SavedFile | None:
    """Write a list as a workbook or as separated values; None when it was cancelled.

    Raises Refused when it is too long for its format or cannot be saved there, DiskFull.
    """
    going.total = len(sheet.ids)
    columns = sheet_columns(portal, sheet)
    if format_ is Format.XLSX and len(sheet.ids) >= MOST_ROWS:
        raise Refused(
            said("An Excel sheet holds {most} rows, and this list has more.", most=MOST_ROWS - 1),
            kept=KEPT,
            next_step=said("Export it as CSV."),
        )
    lines = rows(portal, sheet, going)
    if format_ is Format.XLSX:
        data = xlsx_bytes(sheet.title, columns, lines, portal.formats.locale, mirrored=mirrored)
    else:
        data = csv_bytes(columns, lines, portal.formats.tr("currency"))
    return save(path, data, going)


def save(path: Path, data: bytes, going: Going) -> SavedFile | None:
    """Put a finished file in its place, unless it is no longer wanted."""
    if going.cancelled:
        return None
    write_whole(path, data, KEPT)
    return SavedFile(path, marked=False)


def copy_list(portal: Portal, sheet: Sheet, going: Going) -> Copied:
    """Return a list for the clipboard."""
    going.total = len(sheet.ids)
    return copied(sheet_columns(portal, sheet), rows(portal, sheet, going))
