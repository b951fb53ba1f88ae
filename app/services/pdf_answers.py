"""What the reader of PDF files may answer. It may have been taken over by what it reads: each number has its bounds."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.services.pdf_wire import MOST_FOUND, MOST_PAGES

_Extent = Annotated[int, Field(ge=1, le=1 << 20)]
_Points = Annotated[float, Field(allow_inf_nan=False)]


class _Plain(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Opened(_Plain):
    """How many pages a document says it has."""

    pages: Annotated[int, Field(ge=0)]


class Sizes(_Plain):
    """Width and height of each page, in points."""

    sizes: Annotated[list[tuple[_Points, _Points]], Field(max_length=MOST_PAGES)]


class Drawn(_Plain):
    """A page's rows, in pixels, and the bytes of each row."""

    width: _Extent
    height: _Extent
    stride: Annotated[int, Field(ge=4, le=1 << 23)]


class Found(_Plain):
    """Where words stand: left, bottom, right, top, in points from the bottom left."""

    boxes: Annotated[list[tuple[_Points, _Points, _Points, _Points]], Field(max_length=MOST_FOUND)]
