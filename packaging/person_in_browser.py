"""Stands in for the system's browser in the smoke run: opens the address it is given and signs in there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.composition.browser import FormBrowser

browser = FormBrowser(os.environ["COUNTERPART_SMOKE_EMAIL"], os.environ["COUNTERPART_SMOKE_PASSWORD"])
browser.visit(sys.argv[1])
