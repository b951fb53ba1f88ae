"""The vendor's side of the tour at the console, over HTTP, signed in as one of the staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.e2e.tour.vendor import Found

Row = dict[str, Any]
#: Name, bytes and media type.
Upload = tuple[str, bytes, str]

#: The embedded CRM's columns and codes behind the contract's fields and states, as its console shows them.
_COLUMNS = {"competitor": "rival", "next_steps": "next_action"}
_STATES = {"NEW": "submitted", "REVIEW": "under_review"}


class Console:
    """One member of the vendor's staff at the console, in its own words."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self._login, self._password = login, password
        self._client = httpx.Client(base_url=url, timeout=20, trust_env=False)

    def sign_in(self) -> None:
        """Sign in through the console's page. Raises httpx.HTTPError or ValueError."""
        self._client.cookies.clear()
        self._client.get("/console/login").raise_for_status()
        form = {"username": self._login, "password": self._password, "csrftoken": self._token}
        answer = self._client.post("/console/login", data=form)
        if answer.status_code != 303:
            raise ValueError(f"the console did not let {self._login} in: {answer.status_code}")

    @property
    def _token(self) -> str:
        return self._client.cookies.get("starlette_admin_csrftoken") or ""

    def rows(self, obj: str, **wanted: str) -> list[Row]:
        """List rows whose columns have these values."""
        answer = self._client.get(f"/console/data/{obj}", params={**wanted, "limit": "100"})
        answer.raise_for_status()
        found: list[Row] = answer.json()["items"]
        return found

    def row(self, obj: str, **wanted: str) -> Row:
        """Read the one row with these values, with its notes, files and history."""
        found = self.rows(obj, **wanted)
        if len(found) != 1:
            raise ValueError(f"{len(found)} rows of {obj} with {wanted}")
        return self.one(obj, found[0]["id"])

    def one(self, obj: str, key: str) -> Row:
        """Read a row by its id."""
        answer = self._client.get(f"/console/data/{obj}/{key}")
        answer.raise_for_status()
        found: Row = answer.json()
        return found

    def edit(self, obj: str, key: str, **changes: Any) -> None:
        """Change fields of a row."""
        answer = self._client.post(
            f"/console/data/{obj}/{key}", json={"changes": changes}, headers={"X-CSRFToken": self._token}
        )
        if answer.status_code != 200:
            raise ValueError(f"the console refused {changes}: {answer.text[:300]}")

    def act(
        self, obj: str, key: str, name: str, files: Mapping[str, Upload] | None = None, **form: str
    ) -> None:
        """Carry out an action of a row, with what its dialog asks for."""
        self._act(obj, {"pk": key, "name": name}, "row-action", form, files)

    def act_on_list(
        self, obj: str, name: str, files: Mapping[str, Upload] | None = None, **form: str
    ) -> None:
        """Carry out an action of a list, such as publishing something new."""
        self._act(obj, {"name": name}, "action", form, files)

    def _act(
        self, obj: str, about: Mapping[str, str], way: str, form: Mapping[str, str],
        files: Mapping[str, Upload] | None,
    ) -> None:  # fmt: skip
        headers = {"X-CSRFToken": self._token}
        url = f"/console/_api/{obj}/{way}"
        answer = self._client.post(url, params=about, data=form, files=files, headers=headers)
        if answer.status_code != 200:
            raise ValueError(f"the console refused {about['name']}: {answer.text[:300]}")

    def file(self, obj: str, key: str) -> bytes:
        """Fetch the bytes of a file."""
        answer = self._client.get(f"/console/file/{obj}/{key}")
        answer.raise_for_status()
        return answer.content

    def close(self) -> None:
        """Leave."""
        self._client.close()


class AtTheConsole:
    """`VendorSide` over the embedded CRM."""

    told = "Ingrid"

    def __init__(self, console: Console) -> None:
        self._console = console

    def sign_in(self) -> None:
        """Sign in, again where the session has ended."""
        self._console.sign_in()

    def deal(self, customer: str = "", number: str = "") -> Found:
        """Find a deal. The sample numbers its deals by the year it was made in."""
        wanted = {"cust_name": customer} if customer else {}
        if number:
            wanted = {"reg_no": f"DR-{datetime.now(UTC).year}-{number}"}
        row = self._console.row("registration", **wanted)
        company = self._console.one("account", str(row["account_id"]))["acct_name"]
        fields = {name: row[column] or "" for name, column in _COLUMNS.items()}
        fields |= {"state": _STATES.get(row["stage_code"], row["stage_code"]), "company": company}
        return self._found(row, row["reg_no"], fields)

    def request(self, subject: str) -> Found:
        """Find a request."""
        row = self._console.row("ticket", subject=subject)
        return self._found(row, row["req_no"], {"subject": row["subject"]})

    def _found(self, row: Row, number: str, fields: Mapping[str, str]) -> Found:
        bodies = tuple(self._console.file("attachment", file["id"]) for file in row["files"])
        return Found(str(row["id"]), number, fields, tuple(note["body"] for note in row["notes"]), bodies)

    def edit(self, deal: Found, **fields: str) -> None:
        """Change fields of a deal."""
        changes = {_COLUMNS[name]: value for name, value in fields.items()}
        self._console.edit("registration", deal.key, **changes)

    def start_review(self, deal: Found) -> None:
        """Take a deal into review."""
        self._console.act("registration", deal.key, "start_review")

    def move(self, deal: Found, company: str) -> None:
        """Give a deal to another partner company."""
        other = self._console.row("account", acct_name=company)
        self._console.act("registration", deal.key, "move", company=other["id"])

    def written(self, deal: Found, field: str, value: str) -> Sequence[str]:
        """Return who gave a field this value by which way, once for each time."""
        history = self._console.one("registration", deal.key)["history"]
        column = _COLUMNS[field]
        lines = [line for line in history if line["field"] == column and line["new"] == value]
        return [f"{line['by']}, {line['via']}" for line in lines]

    def notes(self, text: str) -> Sequence[str]:
        """Return who wrote a note of this text, once for each such note."""
        return [str(row.get("written_by")) for row in self._console.rows("note", body=text)]

    def close(self) -> None:
        """Leave."""
        self._console.close()
