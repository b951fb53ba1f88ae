"""Documents nobody wishes for: bombs, and files that are two things at once."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping


def pdf_of(objects: Mapping[int, bytes]) -> bytes:
    """A PDF of these objects; the first is its catalogue."""
    most, out, places = max(objects), b"%PDF-1.4\n", {}
    for number, content in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % places[number] for number in sorted(places))
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n" % (most + 1)
        + table
        + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (most + 1, len(out))
    )


def page_bomb(levels: int) -> bytes:
    """A PDF of a kilobyte that has 10 ** levels pages, all the same one."""
    objects = {1: b"<</Type/Catalog/Pages 2 0 R>>"}
    for level in range(levels):
        number = level + 2
        above = b"/Parent %d 0 R" % (number - 1) if level else b""
        kids = b" ".join([b"%d 0 R" % (number + 1)] * 10)
        objects[number] = b"<</Type/Pages%s/Count %d/Kids[%s]>>" % (above, 10 ** (levels - level), kids)
    objects[levels + 2] = b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 200 200]>>" % (levels + 1)
    return pdf_of(objects)


def huge_page(edge: float) -> bytes:
    """A PDF with one page of so many points either way."""
    return pdf_of(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/UserUnit 1000>>" % (edge, edge),
        }
    )


def form_bomb(levels: int) -> bytes:
    """A PDF of some kilobytes whose one page draws 10 ** levels squares: a form that draws ten forms, and so on."""
    content = b" ".join([b"/F Do"] * 10)
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>",
        4: b"<</Length 5>>stream\n/F Do\nendstream",
    }
    for number in range(5, levels + 5):
        objects[number] = (
            b"<</Type/XObject/Subtype/Form/BBox[0 0 200 200]/Resources<</XObject<</F %d 0 R>>>>/Length %d>>"
            b"stream\n%s\nendstream" % (number + 1, len(content), content)
        )
    square = b"0 0 100 100 re f"
    objects[levels + 5] = (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 200 200]/Length %d>>stream\n%s\nendstream"
        % (len(square), square)
    )
    return pdf_of(objects)


def active_pdf(address: str) -> bytes:
    """A PDF that wants to run a script, start a program, send a form and open an address as soon as it is looked at."""
    return pdf_of(
        {
            1: b"<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R/AA<</WC 5 0 R>>/AcroForm<</XFA 7 0 R/Fields[]>>>>",
            2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/AA<</O 6 0 R>>/Annots[8 0 R]>>",
            4: b"<</S/JavaScript/JS(app.launchURL\\('%s'\\);)>>" % address.encode(),
            5: b"<</S/Launch/F(/bin/sh)/Win<</F(cmd.exe)>>>>",
            6: b"<</S/URI/URI(%s)>>" % address.encode(),
            7: b"<</Length 10>>stream\n<xdp:xdp/>\nendstream",
            8: b"<</Type/Annot/Subtype/Link/Rect[0 0 200 200]/A 6 0 R>>",
        }
    )


def png(width: int, height: int, body: bytes = b"") -> bytes:
    """A PNG that says it is that large; `body`: its pixels, packed, none for a file that ends too early."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pixel_bomb(edge: int) -> bytes:
    """A small PNG of edge × edge black pixels."""
    row = zlib.compressobj(9)
    packed = b"".join(row.compress(b"\0" * (edge + 1)) for _ in range(edge)) + row.flush()
    return png(edge, edge, packed)


def polyglot() -> bytes:
    """A file that is a picture to one, an archive with a program in it to another, and a page of the web to a third."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("setup.exe", b"MZ" + b"\0" * 60)
    return png(1, 1, zlib.compress(b"\0\0")) + b"<script>alert(1)</script>" + archive.getvalue()
