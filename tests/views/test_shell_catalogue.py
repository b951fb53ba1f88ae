"""Every page there is can be loaded by the name under which it stands in the catalogue."""

from __future__ import annotations

import subprocess
import sys

from app.views.page import Page
from app.views.shell import catalogue


def test_every_entry_names_a_page() -> None:
    for place in (*catalogue._MADE_BY_HAND.values(), catalogue._LIST):
        made = catalogue._loaded(place)
        assert isinstance(made, type)
        assert issubclass(made, Page)


def test_no_page_brings_what_only_an_open_document_needs() -> None:
    load = "for place in (*catalogue._MADE_BY_HAND.values(), catalogue._LIST): catalogue._loaded(place)"
    check = f"import sys\nfrom app.views.shell import catalogue\n{load}\nsys.exit('pypdfium2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
