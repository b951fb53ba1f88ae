"""What a file shows: pages of a PDF, a picture, words, or nothing that this window can show.

`open_content` and every method of `Sheets` may run on any thread; they never touch a widget.
"""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Protocol

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from app.services.pdf import PdfFile

#: One page is never rendered beyond this many pixels, however far one zooms.
_MOST_PIXELS = 24_000_000
#: Text beyond this many characters is cut; the saved copy has it all.
_MOST_TEXT = 2_000_000
#: A text of more bytes, a table of more rows or columns, is no longer read in a pane beside a list.
_MOST_TEXT_BYTES = 5_000_000
_MOST_ROWS, _MOST_COLUMNS = 2_000, 60
#: A picture of more pixels would take the memory of the whole window; it is drawn smaller, or not at all.
_MOST_PICTURE = 40_000_000
_HOPELESS_PICTURE = 400_000_000
#: Pixels of a picture that count as one point, so that 100 % is one pixel to one.
_POINTS_PER_PIXEL = 0.75
#: What is decoded, and as what: a file is never guessed to be something else.
_PICTURES = {
    "image/png": b"png",
    "image/jpeg": b"jpeg",
    "image/gif": b"gif",
    "image/webp": b"webp",
    "image/bmp": b"bmp",
}
_TABLES = frozenset({"text/csv", "text/tab-separated-values"})

Box = tuple[float, float, float, float]


class Sheets(Protocol):
    """Pages that can be rendered. Sizes and boxes in points; a box is left, top, right, bottom from the top left."""

    @property
    def count(self) -> int:
        """Number of pages."""

    def size(self, index: int) -> tuple[float, float]:
        """Width and height of a page."""

    def render(self, index: int, scale: float) -> QImage:
        """Draw a page; `scale` in pixels a point."""

    def find(self, index: int, wanted: str) -> list[Box]:
        """Where `wanted` stands on a page."""

    def close(self) -> None:
        """Free what is held."""


@dataclass(frozen=True)
class Words:
    """A plain text; `cut` tells that only its beginning is shown."""

    text: str
    cut: bool


@dataclass(frozen=True)
class Table:
    """Rows of a table, the first one its head; `cut` tells that only its beginning is shown."""

    rows: tuple[tuple[str, ...], ...]
    cut: bool


class Why(StrEnum):
    """Why a file is not shown here."""

    KIND = "kind"  # another program opens such files
    LARGE = "large"
    DAMAGED = "damaged"  # it is not what it says it is, or it ends too early


@dataclass(frozen=True)
class Unshowable:
    """A file that is only saved, never opened here, and why."""

    media_type: str
    why: Why = Why.KIND


Content = Sheets | Words | Table | Unshowable


class PdfSheets:
    """The pages of a PDF."""

    def __init__(self, data: bytes) -> None:
        self._file = PdfFile(data)
        self._sizes = self._file.sizes()

    @property
    def count(self) -> int:
        return self._file.pages

    def size(self, index: int) -> tuple[float, float]:
        return self._sizes[index]

    def render(self, index: int, scale: float) -> QImage:
        width, height = self._sizes[index]
        most = (_MOST_PIXELS / max(1.0, width * height)) ** 0.5
        page = self._file.render(index, min(scale, most))
        image = QImage(page.pixels, page.width, page.height, page.stride, QImage.Format.Format_RGB32)
        # QImage only borrows the bytes.
        return image.copy()

    def find(self, index: int, wanted: str) -> list[Box]:
        width, height = self._sizes[index]
        return [
            (
                _within(left, width),
                _within(height - top, height),
                _within(right, width),
                _within(height - bottom, height),
            )
            for left, bottom, right, top in self._file.find(index, wanted)
        ]

    def close(self) -> None:
        self._file.close()


def _within(place: float, extent: float) -> float:
    """A file may write far beside its paper, where no screen reaches."""
    return min(max(0.0, place), max(0.0, extent))


class PictureSheets:
    """A picture as a single page."""

    def __init__(self, image: QImage) -> None:
        self._image = image

    @property
    def count(self) -> int:
        return 1

    def size(self, index: int) -> tuple[float, float]:
        return self._image.width() * _POINTS_PER_PIXEL, self._image.height() * _POINTS_PER_PIXEL

    def render(self, index: int, scale: float) -> QImage:
        width, height = self.size(index)
        most = (_MOST_PIXELS / max(1.0, width * height)) ** 0.5
        used = min(scale, most)
        wanted = QSize(max(1, round(width * used)), max(1, round(height * used)))
        mode = Qt.TransformationMode.SmoothTransformation
        return self._image.scaled(wanted, Qt.AspectRatioMode.IgnoreAspectRatio, mode)

    def find(self, index: int, wanted: str) -> list[Box]:
        return []

    def close(self) -> None:
        self._image = QImage()


def open_content(data: bytes, media_type: str) -> Content:
    """Open a file by what it says it is. Raises Refused for a PDF that is damaged or needs a password."""
    if data.startswith(b"%PDF-"):
        return PdfSheets(data)
    if media_type in _PICTURES:
        return _picture(data, media_type)
    if media_type.startswith("text/") and media_type != "text/html":
        return _words(data, media_type)
    return Unshowable(media_type)


def can_show(media_type: str) -> bool:
    """Whether files of this kind open inside the window."""
    text = media_type.startswith("text/") and media_type != "text/html"
    return media_type == "application/pdf" or media_type in _PICTURES or text


def _picture(data: bytes, media_type: str) -> PictureSheets | Unshowable:
    """The first frame of a picture. Its size is read before anything is decoded: a small file may name a huge one."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(_PICTURES[media_type]))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    # Asked first: the decoders complain of a file that is none of theirs.
    size = reader.size() if reader.canRead() else QSize()
    if not size.isValid():
        return Unshowable(media_type, Why.DAMAGED)
    pixels = size.width() * size.height()
    if pixels > _HOPELESS_PICTURE:
        return Unshowable(media_type, Why.LARGE)
    if pixels > _MOST_PICTURE:
        part = (_MOST_PICTURE / pixels) ** 0.5
        reader.setScaledSize(QSize(max(1, int(size.width() * part)), max(1, int(size.height() * part))))
    image = reader.read()
    return Unshowable(media_type, Why.DAMAGED) if image.isNull() else PictureSheets(image)


def _words(data: bytes, media_type: str) -> Words | Table | Unshowable:
    if len(data) > _MOST_TEXT_BYTES:
        return Unshowable(media_type, Why.LARGE)
    text = decoded(data)
    if text is None:
        return Unshowable(media_type, Why.DAMAGED)
    table = _table(text, media_type) if media_type in _TABLES else None
    return table or Words(text[:_MOST_TEXT], len(text) > _MOST_TEXT)


def decoded(data: bytes) -> str | None:
    """Read text in the encodings that offices write: UTF-8, UTF-16 with its mark, else Western; None for no text."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8") if b"\x00" not in data else None
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _table(text: str, media_type: str) -> Table | None:
    """The cells of a table; None where it has but one column, which reads better as text."""
    try:
        known = csv.excel_tab if media_type != "text/csv" else csv.Sniffer().sniff(text[:4_000], ",;\t|")
        found = list(islice(csv.reader(io.StringIO(text), known), _MOST_ROWS + 2))
    except csv.Error:
        return None
    rows = [tuple(cell.strip() for cell in row[:_MOST_COLUMNS]) for row in found if any(row)]
    width = max((len(row) for row in rows), default=0)
    if width < 2:
        return None
    cut = len(found) > _MOST_ROWS + 1 or any(len(row) > _MOST_COLUMNS for row in found)
    return Table(tuple(row + ("",) * (width - len(row)) for row in rows[: _MOST_ROWS + 1]), cut)
