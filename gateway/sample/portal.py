"""Samples of the other portals: rows of the CRM in one TOML file each, dated from the day they are made.

    [[project]]                     # a row of the CRM's object `project`
    key = "shop"                    # how other rows of the file name it: "#shop"
    made = -120                     # how many days ago it was added
    by = "#ines"                    # who added it, of the staff or of the contacts; without it the CRM itself
    account_id = "#lindqvist"       # a reference: the id of that row
    end_on = "@45"                  # a day: in 45 days; "@-2T14:05" in a column that ends with _ms is a moment
    paper = { title = "…", text = ["…"] }   # a PDF, whose digest, size and name go into the row's columns
    under = "#shop"                 # of notes and attachments: the row they hang on

People who may sign in are contacts with a `role` of the manifest; staff have a `login` and a `role` of the console.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from app.contract.ids import source_gid
from gateway.console.auth import StaffAuth
from gateway.crm.embedded import files
from gateway.crm.embedded.codes import StaffRole
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.sheet import Column, Paper, Sheet
from gateway.crm.embedded.times import to_ms
from gateway.crm.embedded.unit import AUTOMATION, Hand, Unit
from gateway.crm.port import Ref
from gateway.identity.people import Contact, NewUser
from gateway.sample.dice import Dice
from gateway.sample.passwords import SampleAccounts, SampleStaff, SampleUser, sample_password
from gateway.sample.users import AddsUsers

_DATA = Path(__file__).with_name("data") / "portals"

#: In which order rows are made: what others name comes first.
_ORDER = (
    "staff",
    "account",
    "contact",
    "document",
    "membership",
    "order",
    "invoice",
    "contract",
    "approval",
    "project",
    "milestone",
    "deliverable",
    "task",
    "ticket",
    "change_request",
    "note",
    "attachment",
)

#: What stands in a row's table and is none of its columns.
_ASIDE = frozenset({"key", "made", "by", "paper", "under", "role"})

_DAY = re.compile(r"@(-?\d+)(?:T(\d\d):(\d\d))?")


def build_portal(
    name: str, crm: EmbeddedCrm, identity: AddsUsers, today: date, seed: int = 1
) -> SampleAccounts:
    """Fill an empty CRM with the sample of a portal and add the users. Raises ValueError when it is not empty."""
    if crm.sweep("account", None, 1):
        raise ValueError("The sample needs an empty CRM.")
    data = tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))
    with crm.writing() as unit:
        made = _Rows(unit, crm.now(), today, crm.vendor)
        for obj in _ORDER:
            for row in data.get(obj, ()):
                made.add(obj, row)
    return _accounts(crm, identity, data, made, Dice(f"sample-{name}-{seed}"))


class _Rows:
    """The rows of one file as they are made. `ids`: by key, the object and id."""

    def __init__(self, unit: Unit, now: datetime, today: date, vendor: str) -> None:
        self._unit = unit
        self._now = now
        self._today = today
        self._vendor = vendor
        self._people: dict[str, Hand] = {}
        self.ids: dict[str, tuple[str, int]] = {}

    def add(self, obj: str, row: Mapping[str, Any]) -> None:
        """Make one row."""
        moment = self._moment(int(row.get("made", -400)), time(9, 20))
        self._unit.now_ms = to_ms(moment)
        hand = self._hand(row.get("by", ""))
        values = {name: self._value(name, value) for name, value in row.items() if name not in _ASIDE}
        if "paper" in row:
            values |= self._paper(row["paper"], values)
        if "under" in row:
            values["parent_obj"], values["parent_id"] = self.ids[row["under"].removeprefix("#")]
        values |= self._of_kind(obj, row, hand, moment)
        row_id = self._unit.insert(obj, values, hand)
        if key := row.get("key"):
            self.ids[key] = obj, row_id
            self._meet(obj, key, row, row_id)

    def _of_kind(self, obj: str, row: Mapping[str, Any], hand: Hand, moment: datetime) -> dict[str, Any]:
        """What follows from who does something when, and not from the file."""
        match obj:
            case "note":
                by = {"contact_id": hand.contact_id, "staff_id": hand.staff_id}
                return {**by, "written_by": hand.name, "sent_ms": to_ms(moment)}
            case "attachment":
                return {"added_by": hand.name}
            case "document":
                return {"published_ms": to_ms(moment)}
            case "staff":
                return {"role_code": StaffRole[str(row["role"]).upper()].value}
            case _:
                return {}

    def _meet(self, obj: str, key: str, row: Mapping[str, Any], row_id: int) -> None:
        if obj == "staff":
            self._people[key] = Hand(row["full_name"], "web, in the CRM", staff_id=row_id)
        elif obj == "contact":
            self._people[key] = Hand(row["full_name"], "portal, Counterpart", contact_id=row_id)

    def _hand(self, name: str) -> Hand:
        return self._people[name.removeprefix("#")] if name else AUTOMATION

    def _value(self, column: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(column, item) for item in value]
        if not isinstance(value, str):
            return value
        if value.startswith("#"):
            return self.ids[value[1:]][1]
        found = _DAY.fullmatch(value)
        if found is None:
            return value
        days, hour, minute = int(found[1]), int(found[2] or 10), int(found[3] or 0)
        if column.endswith("_ms"):
            return to_ms(self._moment(days, time(hour, minute), may_be_ahead=days > 0))
        return (self._today + timedelta(days=days)).isoformat()

    def _moment(self, days: int, at: time, *, may_be_ahead: bool = False) -> datetime:
        day = self._today + timedelta(days=days)
        moment = datetime.combine(day, at, self._now.tzinfo)
        return moment if may_be_ahead else min(moment, self._now)

    def _paper(self, told: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
        paper = write_paper(self._vendor, told)
        stored = files.store(self._unit.connection, [paper.body])
        found = {
            "digest": stored.digest,
            "byte_count": stored.size,
            "mime": "application/pdf",
            "file_name": row.get("file_name") or f"{_plain(str(told['title']))}.pdf",
        }
        return {**found, "page_count": paper.pages} if "doc_title" in row else found


def write_paper(vendor: str, told: Mapping[str, Any]) -> Paper:
    """Write a small paper: `title`, and as there are `below`, `text`, `points`, and a table of `head` and `rows`."""
    sheet = Sheet(told["title"], vendor, told.get("corner", ""), told.get("code", ""), plain=True)
    sheet.title(told["title"], told.get("below", ""))
    for paragraph in told.get("text", ()):
        sheet.paragraph(paragraph)
    if told.get("points"):
        sheet.points(told["points"])
    if told.get("rows"):
        columns = [Column(label, 3 if number == 0 else 1) for number, label in enumerate(told["head"])]
        sheet.table(columns, told["rows"])
    return sheet.finish()


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _accounts(
    crm: EmbeddedCrm, identity: AddsUsers, data: Mapping[str, Any], made: _Rows, dice: Dice
) -> SampleAccounts:
    users, staff, auth = [], [], StaffAuth(crm)
    companies = {row["key"]: row["acct_name"] for row in data["account"]}
    for person in data["contact"]:
        if "role" not in person:
            continue
        company = str(person["account_id"]).removeprefix("#")
        gids = (source_gid(crm.system, "account", str(made.ids[company][1])),)
        contact = Contact(crm.system, Ref("contact", str(made.ids[person["key"]][1])))
        password = sample_password(dice)
        new = NewUser(person["full_name"], person["mail"], person["role"], gids, password, (contact,))
        user = identity.add_user(new)
        told = new.name, new.email, password, new.role, companies[company]
        users.append(SampleUser(*told, user, gids))
    for person in data["staff"]:
        password, role = sample_password(dice), StaffRole[person["role"].upper()].value
        auth.set_password(made.ids[person["key"]][1], password)
        staff.append(SampleStaff(person["full_name"], person["login"], password, person["job_title"], role))
    return SampleAccounts(tuple(users), tuple(staff))
