"""A canary token, e-mail, name or word of a record never appears in logs, crash reports or the diagnostics file.

A client works hard against a gateway, on good days and bad ones, with a canary wherever something of somebody's may
stand. Then everything that support may be given is searched for each, in each form. The last tests show that the
search bites.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

import app.__main__ as command_line
from app.composition.browser import FormBrowser
from app.contract.errors import CounterpartError
from app.services.diagnostics.archive import packed, save
from app.services.diagnostics.contents import contents, policy_facts
from app.services.diagnostics.examined import examined
from app.services.doctor.computer import RealComputer
from app.services.doctor.examination import Examination, Standing
from app.services.doctor.report import as_json
from app.services.open_account import OpenAccount
from app.services.opening import Opening
from app.services.surroundings import Surroundings
from app.session.installation import read_installation
from app.session.logbook.happenings import Happened, Level
from app.session.logbook.log import Log
from app.session.logbook.redacting import Redactor
from app.session.policy.schema import Managed, Policy
from app.sync.engine import Wake
from tests.canaries import found_in, found_under
from tests.services.conftest import StandingClock
from tests.services.small_gateway import SmallGateway, small_gateway
from tests.services.test_opening import entered, surroundings

CANARIES = {
    "access token": "CanaryAccess7Kq2vXw9Zt4mN8bR1cY6uP3s",
    "refresh token": "canary_refresh-0aJ4dF8hL2nQ6tW9yB3eG7kM",
    "passphrase": "canary grün otters über",
    "password": "canary-Pa55wörd!",
    "e-mail": "canary.okafor@brightwater-canary.example",
    "user": "user-canary-4711",
    "name": "Zörbänax Okafor-Canary",
    "vendor": "Canaryholm Systems",
    "company": "Canarywater IT Ltd",
    "customer": "Kestrel Canary Foods & Söhne",
    "amount": "48151623.42",
    "note": "they told canary Tomasz “over lunch” that",
    "file": "Kestrel-Canary-Offer final.pdf",
    "search": "canarysearchword",
    "order": "canary-wipe-order-42",
    "proxy user": "canaryproxyuser",
    "proxy password": "canary-proxy-pw9",
    "address user": "canaryaddressuser",
    "address password": "canaryaddresspw",
    "home": "/home/canary.okafor",
    "place": "Canary lounge, Rotterdam",
    "detail": "Refused because Canary Inc. holds it",
}
PROXY = f"http://{CANARIES['proxy user']}:{CANARIES['proxy password']}@127.0.0.1:9"


def around_of(root: Path) -> Surroundings:
    """Surroundings that log all there is, at a user's whose home names them."""
    log = Log.in_folder(root / "logs", StandingClock().now, Level.DEBUG, Redactor(Path(CANARIES["home"])))
    policy = Policy(
        proxy=PROXY,
        kiosk_place=CANARIES["place"],
        update_address=f"https://{CANARIES['address user']}:{CANARIES['address password']}@updates.example/x",
    )
    problem = f"Proxy: “{PROXY}” was not understood."
    return replace(
        surroundings(root, ring=False, password=CANARIES["password"]),
        open_browser=FormBrowser(CANARIES["e-mail"], CANARIES["password"]),
        log=log,
        managed=Managed(policy, frozenset({"proxy"}), source="Group Policy", problems=(problem,)),
    )


@pytest.fixture
def gateway() -> Iterator[SmallGateway]:
    with small_gateway() as made:
        made.user, made.name, made.email = CANARIES["user"], CANARIES["name"], CANARIES["e-mail"]
        made.password, made.vendor = CANARIES["password"], CANARIES["vendor"]
        made.company = CANARIES["company"]
        made.access, made.refresh = CANARIES["access token"], CANARIES["refresh token"]
        yield made


def write_much(account: OpenAccount, folder: Path, form: Mapping[str, Any]) -> None:
    """Drafts, messages, files and edits, submitted and not; searches."""
    offer = folder / CANARIES["file"]
    offer.write_text(CANARIES["note"])
    portal = account.open_portal(lambda: None)
    draft = portal.drafts.start("request", {"subject": CANARIES["customer"], "company": "c" * 8})
    portal.drafts.save(draft, {**portal.drafts.load(draft).data}, text=CANARIES["note"])
    portal.drafts.add_file(draft, offer)
    deal = portal.drafts.start("deal_registration")
    filled = {"customer": CANARIES["customer"], "amount": CANARIES["amount"], "problem": CANARIES["note"]}
    portal.drafts.save(deal, {**form, **filled}, step=2)
    portal.drafts.add_file(deal, offer)
    portal.drafts.submit(deal)
    asked = portal.drafts.start("request")
    wanted = {"subject": CANARIES["customer"], "type": "question"}
    portal.drafts.save(asked, {**portal.drafts.load(asked).data, **wanted}, text=CANARIES["note"])
    portal.drafts.submit(asked)
    assert portal.outbox.count() > 0
    portal.search.query(CANARIES["search"])
    portal.close()


def problem(detail: str, status: int = 422) -> tuple[int, str, str]:
    document = {
        "title": detail,
        "detail": detail,
        "status": status,
        "code": "refused",
        "fields": {"customer": detail},
    }
    return status, "application/problem+json", json.dumps(document)


def work_on_bad_days(account: OpenAccount, around: Surroundings, gateway: SmallGateway) -> None:
    """Cycles in which the gateway and what lies in between answer in every wrong way there is."""
    detail = CANARIES["detail"]
    wrong = [
        problem(detail),
        problem(detail, 429),
        problem(detail, 404),
        (200, "application/json", json.dumps({"epoch": detail, "puts": CANARIES["customer"]})),
        (200, "text/html", f"<p>{detail} {CANARIES['e-mail']}</p>"),
        (500, "text/plain", detail),
        (302, "text/html", detail),
        (426, "application/problem+json", "{"),
    ]
    paths = ("/v1/me", "/v1/manifest", "/v1/snapshot", "/v1/mutations", "/v1/changes", "/v1/clashes")
    clock = around.clock
    assert isinstance(clock, StandingClock)
    sent = ("/v1/mutations", "/v1/uploads")
    well = {
        path: (200, "application/json", json.dumps(page, separators=(",", ":")))
        for path, page in (("/v1/snapshot", _LAST_PAGE), ("/v1/changes", _NO_NEWS))
    }
    gateway.says = well
    _exchange(account)
    refused = [(answer, sent) for answer in wrong]
    for answer, where in (*refused, *((answer, paths) for answer in wrong[::3])):
        gateway.says = {**well, **dict.fromkeys(where, answer)}
        _exchange(account)
        clock.go(minutes=30)
        for call in (account.transport.me, lambda: account.transport.manifest(None)):
            with suppress(CounterpartError), around.log.watched():
                call()
    gateway.says = {}


def _exchange(account: OpenAccount) -> None:
    with account.open_store() as store:
        engine = account.engine(store, lambda _event: None)
        engine.cycle(Wake.START)
        engine.cycle(Wake.USER)


_NO_NEWS = {"epoch": "e1", "cursor": "c1", "more": False, "as_of": "2026-11-23T09:41:00Z", "puts": []}
_LAST_PAGE: dict[str, Any] = {
    "epoch": "e1",
    "after": None,
    "cursor": "c1",
    "as_of": "2026-11-23T09:41:00Z",
    "sources": [],
    "counts": {},
    "puts": [],
}


def crash_with(around: Surroundings) -> None:
    """What nobody caught, with canaries in the message, the cause, the locals and the attributes."""

    def inner(customer: str) -> None:
        try:
            int(customer)
        except ValueError as error:
            raise KeyError(customer, CANARIES["e-mail"]) from error

    for name, canary in CANARIES.items():
        for shape in (canary, quote(canary, safe=""), base64.b64encode(canary.encode()).decode()):
            try:
                inner(f"{name}={shape} of {CANARIES['home']}/x")
            except KeyError as error:
                error.add_note(canary)
                around.log.surprise(error)
    for wrong in (
        FileNotFoundError(2, "No such file", f"{CANARIES['home']}/{CANARIES['file']}"),
        UnicodeDecodeError("utf-8", CANARIES["name"].encode(), 0, 1, CANARIES["note"]),
    ):
        around.log.surprise(wrong)


def everything_for_support(
    around: Surroundings, folder: Path, gateways: list[str], keys: dict[str, bytes]
) -> Path:
    """What the window and the command line would give: findings as text and JSON, the archive, policy."""
    result = examined(around, lambda _finding: None, Standing(keys=keys), gateways)
    out = folder / "out"
    out.mkdir(exist_ok=True)
    (out / "copied.txt").write_text(result.text)
    redactor = around.log.redactor
    (out / "doctor.json").write_text(json.dumps(as_json(result.findings, around.clock.now(), redactor)))
    (out / "policy.json").write_text(json.dumps(policy_facts(around.managed)))
    save(result.items, out / "diagnostics.zip")
    accounts = next(item for item in result.items if item.name == "accounts.json")
    (out / "accounts.json").write_text(accounts.text)
    assert {"doctor.json", "versions.json", "policy.json", "accounts.json"} <= {
        item.name for item in result.items
    }
    assert any(item.name.startswith("logs/") for item in result.items)
    assert any(item.name.startswith("crashes/") for item in result.items)
    return out


@pytest.mark.nightly  # tests/security/test_09_logs.py looks into the same with each change
def test_no_canary_is_in_anything_that_support_may_see(
    gateway: SmallGateway, tmp_path: Path, form: Mapping[str, Any]
) -> None:
    root = tmp_path / "data"
    around = around_of(root)
    opening = Opening(around)
    with suppress(CounterpartError), around.log.watched():
        opening.sign_in(f"https://{CANARIES['address user']}:{CANARIES['address password']}@portal.example")
    account = entered(opening, gateway, CANARIES["passphrase"])
    write_much(account, tmp_path, form)
    work_on_bad_days(account, around, gateway)
    crash_with(around)
    with pytest.raises(CounterpartError), around.log.watched():
        opening.key(account.account, f"{CANARIES['passphrase']} wrong")
    keys = dict(account.unlocked)
    account.close()
    out = everything_for_support(around, tmp_path, [gateway.url, "https://portal.invalid"], keys)
    logs = [*(root / "logs").iterdir()]
    assert len([path for path in logs if path.name.startswith("crash-")]) == 5
    lines = [
        json.loads(line) for path in logs if path.suffix == ".jsonl" for line in path.read_text().splitlines()
    ]
    assert {line["event"] for line in lines} >= {
        "signed_in",
        "opened",
        "called",
        "call_failed",
        "bug",
        "trouble",
    }
    assert {line.get("call") for line in lines} >= {"/v1/mutations"}
    assert json.loads((out / "accounts.json").read_text())[0]["drafts"] > 0
    assert found_under([root / "logs", out], CANARIES) == []


def test_the_commands_show_nothing_either(
    gateway: SmallGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "data"
    around = around_of(root)
    account = entered(Opening(around), gateway, CANARIES["passphrase"])
    account.close()
    crash_with(around)
    monkeypatch.setattr("app.composition.surroundings.real_surroundings", lambda _data: around)
    target = tmp_path / "out.zip"
    for arguments in (["doctor"], ["doctor", "--json"], ["diagnostics", "--show", "--to", str(target)]):
        result = CliRunner().invoke(command_line.cli, arguments)
        assert result.exit_code in (0, 1)
        assert len(result.stdout) > 300
        assert found_in(result.output.encode(), CANARIES) == []
    assert found_under([target], CANARIES) == []


def test_a_file_that_is_left_out_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.composition.surroundings.real_surroundings", lambda _data: around_of(tmp_path))
    target = tmp_path / "out.zip"
    arguments = ["diagnostics", "--to", str(target), "--leave-out", "accounts.json"]
    result = CliRunner().invoke(command_line.cli, arguments)
    assert result.exit_code == 0
    assert "accounts.json" not in result.stdout
    assert "sent to nobody" in result.stdout
    assert b"accounts.json" not in target.read_bytes()


def test_the_same_files_make_the_same_archive(tmp_path: Path) -> None:
    around = around_of(tmp_path)
    examination = Examination(around)
    made = contents(around, [], examination.accounts, {}, RealComputer(), read_installation())
    assert packed(made) == packed(reversed(made))


def test_an_account_that_is_erased_as_the_last_one_empties_the_log(
    gateway: SmallGateway, tmp_path: Path
) -> None:
    around = around_of(tmp_path)
    account = entered(Opening(around), gateway, CANARIES["passphrase"])
    crash_with(around)
    account.erase(CANARIES["order"])
    left = sorted((tmp_path / "logs").iterdir())
    assert [path.suffix for path in left] == [".jsonl"]
    assert [json.loads(line)["event"] for line in left[0].read_text().splitlines()] == ["emptied"]


def test_signing_out_of_one_of_two_accounts_keeps_the_log(gateway: SmallGateway, tmp_path: Path) -> None:
    around = around_of(tmp_path)
    entered(Opening(around), gateway, CANARIES["passphrase"]).close()
    gateway.user = "somebody else"
    second = entered(Opening(around), gateway, CANARIES["passphrase"])
    second.sign_out()
    events = [json.loads(line)["event"] for line in _log_of(tmp_path).splitlines()]
    assert events[-1] == "signed_out"
    assert "emptied" not in events


def _log_of(root: Path) -> str:
    return "".join(path.read_text() for path in sorted((root / "logs").glob("*.jsonl")))


_SLOT = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from app.composition.surprises import Surprises
from app.composition.surroundings import log_of
from app.services import one_line
from app.session.policy.schema import Policy
from app.sync.clock import SystemClock

log = log_of(Path(sys.argv[1]), SystemClock(), Policy())
canary = sys.argv[2]
app = QCoreApplication([])

class Odd:
    def __str__(self):
        raise LookupError(canary)

def in_a_slot():
    secret = canary
    QTimer.singleShot(0, app.quit)
    raise RuntimeError("record " + secret)

with Surprises(lambda error: None, lambda: None, log.surprise):
    QTimer.singleShot(0, in_a_slot)
    app.exec()
"""


def test_a_crash_inside_a_slot_leaves_a_report_without_what_it_said(tmp_path: Path) -> None:
    canary = f"{CANARIES['customer']} {CANARIES['e-mail']}"
    ran = subprocess.run(
        [sys.executable, "-c", _SLOT, str(tmp_path), canary], check=False, capture_output=True, timeout=60
    )
    assert b"RuntimeError" in ran.stderr
    (report,) = (tmp_path / "logs").glob("crash-*.json")
    assert json.loads(report.read_text())["error"][0]["type"] == "RuntimeError"
    assert found_under([tmp_path / "logs"], CANARIES) == []


# -- that it bites ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CANARIES)
def test_a_careless_log_is_caught_in_every_form(name: str, tmp_path: Path) -> None:
    canary = CANARIES[name]
    for number, text in enumerate(
        (
            canary,
            f"https://x.example/?q={quote(canary)}",
            base64.b64encode(b"ab" + canary.encode()).decode(),
            base64.urlsafe_b64encode(b"a" + canary.encode() + b"zz").decode(),
            json.dumps({"said": canary}),
            json.dumps({"inner": json.dumps({"said": canary})}),
            repr({"said": canary}),
            canary.encode().hex(),
        )
    ):
        folder = tmp_path / str(number)
        careless = Log.in_folder(folder, StandingClock().now, Level.DEBUG, _Nothing())
        assert careless.files is not None
        careless.files.append(text.encode(), StandingClock().now())
        assert found_under([folder], {name: canary}), text


class _Nothing(Redactor):
    """Redacts nothing."""

    def value(self, value: object, name: str = "") -> object:
        return value


def test_a_report_of_an_exception_as_python_shows_it_is_caught(tmp_path: Path) -> None:
    careless = Log.in_folder(tmp_path, StandingClock().now, Level.DEBUG, _Nothing())
    careless.report({"error": str(KeyError(CANARIES["customer"])), "locals": {"mail": CANARIES["e-mail"]}})
    assert {one.split(" in ")[0] for one in found_under([tmp_path], CANARIES)} == {"customer", "e-mail"}


def test_a_canary_inside_an_archive_is_caught(tmp_path: Path) -> None:
    careless = Log.in_folder(tmp_path / "logs", StandingClock().now, Level.DEBUG, _Nothing())
    careless.report({"user": CANARIES["user"]})
    around = replace(around_of(tmp_path), log=careless)
    made = contents(around, [], (), {}, RealComputer(), read_installation())
    save(made, tmp_path / "out.zip")
    assert "user in out.zip/crashes/" in " ".join(found_under([tmp_path / "out.zip"], CANARIES))


def test_every_event_can_be_written_without_anybody_in_it(tmp_path: Path) -> None:
    log = Log.in_folder(tmp_path, lambda: StandingClock().now() + timedelta(days=1), Level.DEBUG, Redactor())
    for happened in Happened:
        log.note(happened, **dict.fromkeys(("a", "b"), CANARIES["e-mail"]))  # type: ignore[arg-type]
    assert found_under([tmp_path], CANARIES) == []
