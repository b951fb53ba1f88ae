"""A real Odoo under the contract suite: its own API users as staff, SQL where they have no way, a wire of our own."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from importlib.resources import files
from typing import Any

import httpx
from pydantic import SecretStr

from gateway.checks.finding import Severity
from gateway.checks.systems import look_at_system, make_missing
from gateway.crm.digests import MemoryDigests
from gateway.crm.odoo.client import Protocol
from gateway.crm.odoo.connector import OdooCrm
from gateway.crm.port import Ref
from gateway.mapping import SystemMapping
from gateway.systems import System
from tests.connectors.lab import DEAL, Lab
from tests.connectors.odoo.server import Odoo
from tests.gateway.world import partner_manifest

_LEADS, _TICKETS, _PARTNERS, _MESSAGES = "crm.lead", "helpdesk.ticket", "res.partner", "mail.message"
_WRITES = frozenset({"load", "write", "create", "unlink", "message_post"})

#: Contract fields of a deal as Odoo has them; the company and the stage are led to.
_OF_DEALS = {
    "customer": "partner_name",
    "website": "website",
    "title": "name",
    "type": "x_counterpart_type",
    "amount": "expected_revenue",
    "currency": "x_counterpart_currency",
    "target_close": "date_deadline",
    "problem": "description",
    "competitor": "x_counterpart_competitor",
    "next_steps": "x_counterpart_next_steps",
    "contact_email": "email_from",
}
_STAGES = {
    "draft": "Draft",
    "submitted": "Submitted",
    "under_review": "Under review",
    "pending_approval": "Pending approval",
    "approved": "Approved",
    "rejected": "Rejected",
    "withdrawn": "Withdrawn",
}


class ShiftedClock:
    """The machine's clock, so many seconds ahead."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def monotonic(self) -> float:
        return self.now().timestamp()


class Wire(httpx.BaseTransport):
    """The way to Odoo: it can be cut, answer by itself, lose an answer, and shows Odoo's clock as it is turned."""

    def __init__(self, clock: ShiftedClock) -> None:
        self._inner = httpx.HTTPTransport()
        self._clock = clock
        self.answers: list[tuple[int, float | None]] = []
        self.loses = False
        self.before: Callable[[], object] | None = None
        self.calls_left: int | None = None
        self.asked: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.calls_left is not None:
            self.calls_left -= 1
            if self.calls_left < 0:
                raise httpx.ConnectError("the wire is cut", request=request)
        if self.answers:
            status, wait = self.answers.pop(0)
            headers = {"retry-after": f"{wait:g}"} if wait is not None else {}
            return httpx.Response(status, headers=headers, request=request)
        method = _method(request)
        self.asked.append(method)
        if method in _WRITES:
            act, self.before = self.before, None
            if act:
                act()
        response = self._inner.handle_request(request)
        response.read()
        if method in _WRITES and self.loses:
            self.loses = False
            raise httpx.ReadTimeout("the answer was lost", request=request)
        at = parsedate_to_datetime(response.headers["date"]) + timedelta(seconds=self._clock.ahead)
        response.headers["date"] = format_datetime(at, usegmt=True)
        return response

    def close(self) -> None:
        self._inner.close()


def _method(request: httpx.Request) -> str:
    path = request.url.path
    if path != "/jsonrpc":
        return path.rpartition("/")[2]
    arguments = json.loads(request.read())["params"]["args"]
    return str(arguments[4]) if len(arguments) > 4 else ""


class Staff:
    """Somebody who works in Odoo, by its API."""

    def __init__(self, odoo: Odoo, who: str) -> None:
        self._client = httpx.Client(
            base_url=odoo.url,
            timeout=60,
            headers={"authorization": f"bearer {odoo.keys[who]}", "x-odoo-database": odoo.database},
        )

    def call(self, model: str, method: str, ids: Sequence[int] = (), **named: Any) -> Any:
        """Call a method; what fails ends the test with Odoo's words."""
        body = {**({"ids": list(ids)} if ids else {}), **named}
        answer = self._client.post(f"/json/2/{model}/{method}", json=body)
        assert answer.status_code == 200, f"{model}.{method}: {answer.text[:600]}"
        return answer.json()

    def make(self, model: str, **values: Any) -> int:
        """Create a row."""
        return int(self.call(model, "create", vals_list=[values])[0])

    def rows(self, model: str, domain: list[Any], *fields: str) -> list[dict[str, Any]]:
        """Return rows, archived ones too."""
        asked: dict[str, Any] = {
            "domain": domain,
            "fields": list(fields),
            "order": "id",
            "context": {"active_test": False},
        }
        return list(self.call(model, "search_read", **asked))

    def close(self) -> None:
        self._client.close()


class OdooLab(Lab):
    """The system under test, over a database that was just put back."""

    def __init__(self, odoo: Odoo, protocol: Protocol = Protocol.AUTO, mapping: str = "mapping.toml") -> None:
        self.odoo = odoo
        self.clock: ShiftedClock = ShiftedClock()
        self._protocol = protocol
        self._mapping = SystemMapping.load((files("gateway.crm.odoo") / mapping).read_text("utf-8"))
        self.wire = Wire(self.clock)
        self._digests = MemoryDigests()
        self._connectors: list[OdooCrm] = []
        self.clerk, self.admin = Staff(odoo, "clerk"), Staff(odoo, "admin")
        self.system = self.reopened()

    def close(self) -> None:
        self.clerk.close()
        self.admin.close()
        for one in self._connectors:
            one.close()

    def reopened(self) -> System:
        self.system = self.connected("portal")
        return self.system

    def connected(self, who: str) -> System:
        """Return a connector that signs in as somebody."""
        crm = OdooCrm(
            name="odoo",
            mapping=self._mapping,
            url=self.odoo.url,
            database=self.odoo.database,
            login={"portal": "counterpart", "clerk": "priya", "admin": "admin"}[who],
            key=SecretStr(self.odoo.keys[who]),
            clock=self.clock,
            digests=self._digests,
            protocol=self._protocol,
            transport=self.wire,
        )
        self._connectors.append(crm)
        return System(crm, self._mapping)

    def prepare(self) -> list[str]:
        """Make the fields and stages the mapping needs, as `check --create` does. Returns what is still missing."""
        system, manifest = self.connected("admin"), partner_manifest()
        _, missing = look_at_system(system, manifest)
        for line in make_missing(system, missing):
            assert line.endswith("was made."), line
        findings, _ = look_at_system(system, manifest)
        return [finding.cause for finding in findings if finding.severity is Severity.MEND]

    # ------------------------------------------------------------------------------------------- staff's hands

    def company(self, name: str) -> Ref:
        [country] = self.clerk.rows("res.country", [["code", "=", "GB"]], "code")
        made = self.clerk.make(
            _PARTNERS,
            name=name,
            is_company=True,
            country_id=country["id"],
            x_counterpart_stage="active",
            x_counterpart_tier="gold",
        )
        return Ref(_PARTNERS, str(made))

    def _of_deal(self, values: Mapping[str, Any]) -> dict[str, Any]:
        found = {_OF_DEALS[name]: value for name, value in values.items() if name in _OF_DEALS}
        if "amount" in values:
            found["expected_revenue"] = float(values["amount"])
        if "state" in values:
            found["stage_id"] = self._stage("crm.stage", _STAGES[values["state"]])
        return found

    def _stage(self, model: str, name: str) -> int:
        return int(self.clerk.rows(model, [["name", "=", name]], "name")[0]["id"])

    def deal(self, company: Ref, **values: Any) -> Ref:
        fields = self._of_deal({**DEAL, "state": "under_review", **values})
        made = self.clerk.make(
            _LEADS,
            type="opportunity",
            x_counterpart_kind="registration",
            x_counterpart_company_id=int(company.id),
            **fields,
        )
        return Ref(_LEADS, str(made))

    def request(self, company: Ref, subject: str) -> Ref:
        made = self.clerk.make(
            _TICKETS,
            name=subject,
            description="By telephone.",
            partner_id=int(company.id),
            stage_id=self._stage("helpdesk.ticket.stage", "In Progress"),
        )
        return Ref(_TICKETS, str(made))

    def edit(self, ref: Ref, **values: Any) -> None:
        fields = self._of_deal(values) if ref.obj == _LEADS else {"name": values["name"]}
        self.clerk.call(ref.obj, "write", [int(ref.id)], vals=fields)

    def look(self, ref: Ref) -> Mapping[str, Any]:
        names = {
            name: _OF_DEALS[name] for name in ("title", "customer", "competitor", "next_steps", "amount")
        }
        rows = self.clerk.rows(_LEADS, [["id", "=", int(ref.id)]], *names.values(), "stage_id", "active")
        if not rows or not rows[0]["active"]:
            return {}
        row = rows[0]
        state = next(name for name, stage in _STAGES.items() if stage == row["stage_id"][1])
        return {**{name: row[field] or None for name, field in names.items()}, "state": state}

    def count(self, customer: str) -> int:
        rows = self.clerk.rows(_LEADS, [["partner_name", "=", customer]], "active")
        return sum(row["active"] for row in rows)

    def note(self, parent: Ref, text: str, *, public: bool) -> Ref:
        subtype = "mail.mt_comment" if public else "mail.mt_note"
        made = self.clerk.call(
            parent.obj,
            "message_post",
            [int(parent.id)],
            body=text,
            message_type="comment",
            subtype_xmlid=subtype,
        )
        return Ref(_MESSAGES, str(made[0]))

    def texts(self, parent: Ref) -> list[str]:
        domain = [
            ["model", "=", parent.obj],
            ["res_id", "=", int(parent.id)],
            ["message_type", "=", "comment"],
        ]
        rows = self.clerk.rows(_MESSAGES, domain, "body")
        return [_stripped(row["body"]) for row in rows]

    def files(self, parent: Ref) -> Mapping[str, bytes]:
        domain = [["res_model", "=", parent.obj], ["res_id", "=", int(parent.id)]]
        rows = self.clerk.rows("ir.attachment", domain, "name", "datas")
        return {row["name"]: base64.b64decode(row["datas"]) for row in rows}

    def archive(self, ref: Ref) -> None:
        self.clerk.call(ref.obj, "write", [int(ref.id)], vals={"active": False})

    def delete(self, ref: Ref) -> None:
        self.admin.call(ref.obj, "unlink", [int(ref.id)])

    def merge(self, loser: Ref, winner: Ref) -> None:
        # Odoo keeps the one it has most confidence in.
        self.clerk.call(_LEADS, "write", [int(winner.id)], vals={"probability": 95})
        wizard = self.clerk.make(
            "crm.merge.opportunity", opportunity_ids=[[6, 0, [int(loser.id), int(winner.id)]]]
        )
        self.clerk.call("crm.merge.opportunity", "action_merge", [wizard])

    def move(self, ref: Ref, company: Ref) -> None:
        # As a merge of two partners does it: by SQL, which leaves the time of modification where it was.
        with self.odoo.sql() as connection:
            changed = "UPDATE crm_lead SET x_counterpart_company_id = %s WHERE id = %s"
            connection.execute(changed, (int(company.id), int(ref.id)))

    def herd(self, company: Ref, many: int) -> None:
        model = self.deal(company)
        with self.odoo.sql() as connection:
            names = [
                row[0]
                for row in connection.execute(
                    "SELECT column_name FROM information_schema.columns"
                    " WHERE table_name = 'crm_lead' AND table_schema = 'public' AND column_name <> 'id'"
                ).fetchall()
            ]
            columns = ", ".join(f'"{name}"' for name in names)
            copied = (
                f"INSERT INTO crm_lead ({columns}) SELECT {columns} FROM crm_lead, generate_series(2, %s)"
                " WHERE crm_lead.id = %s"
            )
            connection.execute(copied.encode(), (many, int(model.id)))

    def begin_late(self, ref: Ref, **values: Any) -> Callable[[], None]:
        fields = {_OF_DEALS[name]: value for name, value in values.items()}
        connection = self.odoo.sql(autocommit=False)
        changed = ", ".join(f"{name} = %s" for name in fields)
        connection.execute(
            f"UPDATE crm_lead SET {changed}, write_date = public.now() AT TIME ZONE 'UTC' WHERE id = %s".encode(),
            (*fields.values(), int(ref.id)),
        )

        def commit() -> None:
            connection.commit()
            connection.close()

        return commit

    # ------------------------------------------------------------------------------------------- time and wire

    def tick(self, seconds: float) -> None:
        self.clock.ahead += seconds
        self.odoo.turn_to(self.clock.ahead)

    def answer(self, status: int, *, retry_after: float | None = None, times: int = 1) -> None:
        self.wire.answers += [(status, retry_after)] * times

    def lose_answer(self) -> None:
        self.wire.loses = True

    def before_write(self, act: Callable[[], object]) -> None:
        self.wire.before = act

    def cut(self, after: int = 0) -> None:
        self.wire.calls_left = after

    def mend(self) -> None:
        self.wire.calls_left = None

    def refused(self) -> tuple[str, Any]:
        return "country", "ZZ"


def _stripped(markup: str) -> str:
    """Return what a piece of Odoo's HTML says, in the two forms that notes here have."""
    text = markup.replace("<br>", "\n")
    for tag in ("<p>", "</p>", "<span>", "</span>"):
        text = text.replace(tag, "")
    return text
