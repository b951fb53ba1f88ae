"""Documents that are not what they say, that want too much, or that want to do something: they are shown, or not,
within bounds of memory and time, and nothing is run, loaded, opened or believed.
"""

from __future__ import annotations

import resource
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.contract.errors import Refused
from app.services.files import read_file, sniff
from app.services.pdf import PdfFile, text_of
from app.views.documents.sheets import Sheets, Table, Unshowable, Why, Words, open_content
from tests.security.documents import active_pdf, huge_page, page_bomb, pixel_bomb, png, polyglot
from tests.security.source import ROOT
from tests.services.conftest import open_world
from tests.services.test_documents import pdf

pytestmark = pytest.mark.qt_log_level_fail("CRITICAL")  # decoders say what they think of such files

#: Most pixels that are ever drawn of a page, and what a row of them may be longer.
MOST = 24_000_000 * 1.1


@pytest.fixture(autouse=True)
def _drawing(qapp: QApplication) -> Iterator[None]:
    """Bounds are of memory and time: nothing here may take 400 MB more, or ten seconds of work."""
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    yield
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / (
        1024 if sys.platform == "linux" else 1024**2
    )
    assert grown < 400, f"{grown:.0f} MB"
    assert time.process_time() - began < 10


def shown(data: bytes, media_type: str) -> Sheets:
    content = open_content(data, media_type)
    assert not isinstance(content, Unshowable | Words | Table)
    assert hasattr(content, "render")
    return content


@pytest.mark.parametrize("zoom", [0.1, 1.0, 8.0, 1e6])
def test_a_page_of_any_size_is_drawn_within_bounds(zoom: float) -> None:
    sheets = shown(huge_page(14_400), "application/pdf")
    image = sheets.render(0, zoom)
    assert image.width() * image.height() <= MOST
    sheets.close()


def test_a_picture_of_any_size_is_drawn_within_bounds_or_not_at_all() -> None:
    sheets = shown(pixel_bomb(7_000), "image/png")
    drawn = sheets.render(0, 8.0)
    assert drawn.width() * drawn.height() <= MOST
    sheets.close()
    for width, height in ((60_000, 60_000), (2**31 - 1, 2**31 - 1), (1, 2**31 - 1)):
        content = open_content(png(width, height), "image/png")
        assert isinstance(content, Unshowable), (width, height)
        assert content.why in (Why.LARGE, Why.DAMAGED)


def test_a_bomb_of_pages_is_cut() -> None:
    began = time.process_time()
    sheets = shown(page_bomb(6), "application/pdf")
    assert sheets.count <= 10_000
    sheets.close()
    text_of(page_bomb(4))
    assert time.process_time() - began < 5


def test_what_a_pdf_wants_to_do_is_not_done() -> None:
    """No script, no program, no form, no address: the pages are drawn, and nobody listens to the rest."""
    called: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/beacon"

        def wait() -> None:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                return
            with connection:
                called.append(connection.recv(100))

        thread = threading.Thread(target=wait)
        thread.start()
        file = PdfFile(active_pdf(address))
        file.text(0)
        file.render(0, 1.0)
        file.close()
        thread.join()
    assert called == []
    source = (ROOT / "app/services/pdf_process.py").read_text("utf-8")
    assert "init_forms" not in source
    assert "may_draw_forms" not in source


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (polyglot(), "image/png"),
        (b"MZ\x90\x00" + b"\0" * 200, "application/pdf"),
        (b"<html><script>alert(1)</script></html>", "image/png"),
        (b"\x7fELF" + b"\0" * 200, "image/jpeg"),
        (b"GIF89a\x01\x00", "image/gif"),
        (b"BM" + b"\xff" * 60, "image/bmp"),
        (b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\xff" * 40, "image/webp"),
        (b"%PDF-1.7 %%EOF", "application/pdf"),
        (b"", "application/pdf"),
        (b"", "image/png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/svg+xml"),
        (b"<svg onload='x'/>", "image/png"),
        (b"[InternetShortcut]\nURL=file://attacker/x\n", "application/x-mswinurl"),
    ],
)
def test_a_file_is_only_ever_what_it_says_and_is(data: bytes, said: str) -> None:
    try:
        content = open_content(data, said)
    except Refused:
        return
    if isinstance(content, Unshowable):
        return
    assert hasattr(content, "render")
    assert said == "image/png"
    assert data.startswith(b"\x89PNG"), (
        "a picture is shown as the picture it is, and nothing else of it counts"
    )


def test_what_is_taken_in_is_called_what_its_bytes_say(tmp_path: Path) -> None:
    world = open_world(tmp_path / "store.db")
    disguised = tmp_path / "invoice\u202efdp.exe"
    disguised.write_bytes(b"MZ\x90\x00" + b"\0" * 200)
    found = read_file(world.portal.documents._context, disguised)
    assert found.info.name == "invoicefdp.exe"
    assert found.info.media_type != "application/pdf"
    assert sniff(pdf("x"), "invoice.exe") == "application/pdf"
    world.store.close()


def test_folders_devices_and_endless_files_are_not_taken_in(tmp_path: Path) -> None:
    world = open_world(tmp_path / "store.db")
    context = world.portal.documents._context
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "folder", Path("/dev/zero"), Path("/dev/null"), tmp_path / "missing"):
        with pytest.raises(Refused):
            read_file(context, path)
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(10 * 1024**3)
    with pytest.raises(Refused, match=r"50 MB|GB"):
        read_file(context, large)
    world.store.close()
