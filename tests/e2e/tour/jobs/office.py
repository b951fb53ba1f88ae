"""The vendor's side of the jobs: one of the staff at the console, who finds records by their words and acts on them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.e2e.tour.console import Console, Row, Upload

__all__ = ["Office", "Row", "must"]


class Office:
    """Somebody at the console. Rows are `Row`s of the console's own interface, in the CRM's columns and codes."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self._console = Console(url, login, password)
        self._console.sign_in()

    def find(self, obj: str, **wanted: str) -> Row:
        """The one row with these values, with its notes, files and history. Raises ValueError."""
        return self._console.row(obj, **wanted)

    def every(self, obj: str, **wanted: str) -> list[Row]:
        """All rows with these values."""
        return self._console.rows(obj, **wanted)

    def act(self, obj: str, row: Row, name: str, **form: str) -> None:
        """Carry out an action of a row, with what its dialog asks for. Raises ValueError when it is refused."""
        self._console.act(obj, str(row["id"]), name, None, **form)

    def publish(self, paper: Upload, **form: str) -> None:
        """Publish a new document for every partner: code, category, version, title. Raises ValueError."""
        self._console.act_on_list("document", "publish", {"file": paper}, audience="ALL", **form)

    def replace(self, row: Row, paper: Upload, **form: str) -> None:
        """Publish the next version of a document. Raises ValueError."""
        self._console.act("document", str(row["id"]), "replace", {"file": paper}, **form)

    def edit(self, obj: str, row: Row, **changes: Any) -> None:
        """Change columns of a row. Raises ValueError."""
        self._console.edit(obj, str(row["id"]), **changes)

    def bytes_of(self, obj: str, row: Row) -> bytes:
        """The bytes of a row's file."""
        return self._console.file(obj, str(row["id"]))

    def wait_for(self, what: str, look: Callable[[], Row | None], seconds: float = 20.0) -> Row:
        """Wait for a row that a partner made to arrive. Raises ValueError after the time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                found = look()
            except (ValueError, httpx.HTTPError):
                found = None
            if found is not None:
                return found
            time.sleep(0.1)
        raise ValueError(f"{what} did not arrive in {seconds:.0f} s")

    def close(self) -> None:
        """Leave."""
        self._console.close()


def must(holds: object, otherwise: str) -> None:
    """Raise AssertionError unless it holds."""
    if not holds:
        raise AssertionError(otherwise)
