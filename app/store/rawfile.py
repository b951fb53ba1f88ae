"""Reads the rows of an encrypted SQLite file page by page, without SQLite: for files that SQLite refuses.

Formats: https://sqlite.org/fileformat2.html (b-tree pages, records, write-ahead log), `app.store.pages` (encryption).
Every page proves itself by its HMAC, so a damaged page is left out and never misread. The pages of committed
transactions in the write-ahead log take precedence over those of the file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.store.pages import PAGE_SIZE, RESERVE, PageReader

Value = int | float | str | bytes | None

_USABLE = PAGE_SIZE - RESERVE
_LEAF_TABLE = 13
_LOG_HEADER, _FRAME_HEADER = 32, 24
_INTEGER_SIZES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


@dataclass(frozen=True)
class RawRow:
    """One row of some table: its rowid and its stored columns in order."""

    rowid: int
    values: tuple[Value, ...]


class RawFile:
    """The pages of a file and its write-ahead log. `lost` counts what could not be read, so far."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._log_path = path.with_name(path.name + "-wal")
        self._reader = PageReader(key)
        self._count = path.stat().st_size // PAGE_SIZE if path.exists() else 0
        self._log = self._committed()
        self.lost = 0

    def rows(self) -> Iterator[RawRow]:
        """Yield the rows of all tables, page by page."""
        for number in range(1, max(self._count, *self._log, 0) + 1):
            page = self._page(number)
            if page is None:
                self.lost += 1
                continue
            yield from self._leaf_rows(page, 100 if number == 1 else 0)

    def _leaf_rows(self, page: bytes, start: int) -> Iterator[RawRow]:
        if page[start] != _LEAF_TABLE:
            return
        (cells,) = struct.unpack_from(">H", page, start + 3)
        for index in range(cells):
            (at,) = struct.unpack_from(">H", page, start + 8 + 2 * index)
            try:
                size, at = _varint(page, at)
                rowid, at = _varint(page, at)
                yield RawRow(rowid, _record(self._payload(page, at, size)))
            except (IndexError, ValueError, struct.error):
                self.lost += 1

    def _payload(self, page: bytes, at: int, size: int) -> bytes:
        """A cell's bytes, those on overflow pages included. Raises ValueError when one of these is lost."""
        if size <= _USABLE - 35:
            return page[at : at + size]
        least = (_USABLE - 12) * 32 // 255 - 23
        local = least + (size - least) % (_USABLE - 4)
        local = local if local <= _USABLE - 35 else least
        parts = [page[at : at + local]]
        (following,) = struct.unpack_from(">I", page, at + local)
        missing = size - local
        while missing > 0:
            overflow = self._page(following) if following else None
            if overflow is None:
                raise ValueError("an overflow page is lost")
            (following,) = struct.unpack_from(">I", overflow)
            parts.append(overflow[4 : 4 + missing])
            missing -= len(parts[-1])
        return b"".join(parts)

    def _page(self, number: int) -> bytes | None:
        """A page's plain bytes; the newest committed version that proves itself, or None."""
        for path, offset in self._places(number):
            with path.open("rb") as file:
                file.seek(offset)
                page = file.read(PAGE_SIZE)
            if self._reader.authentic(page, number):
                return self._reader.plain(page, number)
        return None

    def _places(self, number: int) -> list[tuple[Path, int]]:
        places = [(self._log_path, offset) for offset in reversed(self._log.get(number, []))]
        if number <= self._count:
            places.append((self._path, (number - 1) * PAGE_SIZE))
        return places

    def _committed(self) -> dict[int, list[int]]:
        """Offsets in the log of each page's versions up to the last commit, oldest first."""
        log = self._log_path.read_bytes() if self._log_path.exists() else b""
        if len(log) < _LOG_HEADER:
            return {}
        salts = log[16:24]
        found: dict[int, list[int]] = {}
        open_transaction: list[tuple[int, int]] = []
        step = _FRAME_HEADER + PAGE_SIZE
        for at in range(_LOG_HEADER, len(log) - step + 1, step):
            number, committed = struct.unpack_from(">II", log, at)
            if log[at + 8 : at + 16] != salts:
                break
            open_transaction.append((number, at + _FRAME_HEADER))
            if committed:
                for page, offset in open_transaction:
                    found.setdefault(page, []).append(offset)
                open_transaction.clear()
        return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(8):
        byte = data[at + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    value = value << 8 | data[at + 8]
    return (value - (1 << 64) if value >= 1 << 63 else value), at + 9


def _record(payload: bytes) -> tuple[Value, ...]:
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Value] = []
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    return tuple(values)


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind in (0, 8, 9):
        return (None, 0, 1)[(0, 8, 9).index(kind)], at
    if kind == 7:
        return float(struct.unpack_from(">d", payload, at)[0]), at + 8
    size = _INTEGER_SIZES.get(kind) or (kind - 12) // 2
    data = payload[at : at + size]
    if kind in (10, 11) or len(data) != size:
        raise ValueError("not a record")
    if kind in _INTEGER_SIZES:
        return int.from_bytes(data, "big", signed=True), at + size
    return (data.decode() if kind % 2 else data), at + size
