"""9. No token, passphrase, e-mail address or word of a record is ever in a log, a crash report, what `doctor` says,
or the archive for support.

More: `tests/unit/test_session_logbook.py`, `tests/services/test_doctor.py`,
`tests/services/test_doctor_network.py`, `tests/gateway/test_logs.py`.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.composition.surroundings import log_of
from app.contract.errors import CounterpartError, Refused
from app.services.diagnostics.archive import packed
from app.services.diagnostics.contents import contents
from app.services.doctor.computer import RealComputer
from app.services.doctor.examination import Examination
from app.services.doctor.report import as_json
from app.session.installation import Installation, InstallationKind
from app.session.logbook.happenings import Happened
from app.session.policy.reading import managed
from app.session.policy.schema import Layer, Policy
from app.sync.engine import Wake
from tests.e2e.together import DEAL, PASSWORD, Computer, Vendor
from tests.security.canary import scan, sightings
from tests.security.conftest import Give

WORD = "canaryQx7wharf"


@pytest.fixture
def chatty(vendor: Vendor, computer: Give) -> Computer:
    """A computer on which everything is written down that ever is, with secrets in what its organisation set."""
    made = computer(vendor.person("manager"))
    # What is misspelt would close the app, as it should; here it goes on, to see what is said of it.
    found = replace(managed(Organisation()), blocking=())
    assert len(found.problems) >= 3
    made.around = replace(
        made.around, managed=found, log=log_of(made.around.root, vendor.clock, found.policy)
    )
    return made


class Organisation:
    """Sets things, and puts secrets where none belong."""

    name = "Group Policy"

    def layers(self) -> Sequence[Layer]:
        """What it sets."""
        values = {
            "LogLevel": "debug",
            "KioskHelp": WORD,
            "KioskPlace": WORD,
            "Proxy": f"htp://maya:{WORD}@proxy.corp.example:8080",
            "UpdateAddress": f"https://maya:{WORD}@updates.example/",
            "GatewayAddres": f"https://maya:{WORD}@portal.example/",
        }
        return (Layer("HKLM", forced=True, values=values),)


def busy(made: Computer) -> list[str]:
    """A day with everything: work, refusals, a network that goes, bugs. Returns what may be nowhere."""
    assert made.sync().ok
    with made.opened() as account:
        tokens = account.session._current
        assert tokens is not None
        portal = account.open_portal(lambda: None)
        portal.intents.edit(DEAL, {"competitor": WORD, "next_steps": WORD})
        portal.drafts.start("request", {"subject": WORD})
        portal.search.query(WORD)
        with pytest.raises(Refused):
            portal.intents.edit(DEAL, {"number": WORD})
        portal.close()
        made.wire.close()
        with account.open_store() as store:
            account.engine(store, lambda _event: None).cycle(Wake.USER)
        for bug in bugs(tokens.access, tokens.refresh, made):
            made.around.log.surprise(bug)
        made.around.log.note(Happened.OPENED, name=WORD)  # type: ignore[arg-type]  # what types forbid is withheld
    made.wire.open()
    return [WORD, tokens.access, tokens.refresh, made.person.email, PASSWORD]


def bugs(access: str, refresh: str, made: Computer) -> list[BaseException]:
    """Exceptions that carry everything: in their words, in their causes, and in the variables around them."""
    found: list[BaseException] = []
    secret = {"token": access, "authorization": f"Bearer {refresh}", "customer": WORD}
    for words in (
        f"cannot send to {made.person.email} with Bearer {access}",
        f"https://maya:{PASSWORD}@portal.example/?code={refresh}&state={WORD}",
        json.dumps(secret),
        repr(secret),
        f"no such file: {Path.home()}/{WORD}.pdf",
    ):
        try:
            try:
                raise KeyError(words)
            except KeyError as cause:
                raise RuntimeError(words) from cause
        except RuntimeError as error:
            found.append(error)
    found.append(Refused(f"The gateway said {WORD} of {made.person.email}", fields={"customer": WORD}))
    found.append(UnicodeDecodeError("utf-8", WORD.encode(), 0, 1, WORD))
    return found


def test_nothing_of_anybody_is_in_logs_crashes_doctor_or_archive(chatty: Computer, tmp_path: Path) -> None:
    secrets = busy(chatty)
    logs = chatty.around.root / "logs"
    written = sorted(path for path in logs.iterdir() if path.is_file())
    assert any(path.suffix == ".jsonl" for path in written), "something was written down"
    assert any(path.name.startswith("crash") for path in written)
    assert scan([logs], secrets) == {}

    examination = Examination(chatty.around, gateways=[chatty.wire.url])
    findings = examination.run()
    told: Any = as_json(findings, chatty.vendor.clock.now(), chatty.around.log.redactor)
    assert sightings(json.dumps(told).encode(), secrets) == []
    installation = Installation(InstallationKind.SOURCE, Path("counterpart"))
    items = contents(
        chatty.around, findings, examination.accounts, examination.insides, RealComputer(), installation
    )
    archive = packed(items)
    opened = tmp_path / "opened"
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        file.extractall(opened)
        names = file.namelist()
    assert {"doctor.json", "versions.json", "policy.json", "accounts.json"} <= {*names}
    assert any(name.startswith("logs/") for name in names)
    assert scan([opened], secrets) == {}
    assert chatty.person.name not in "".join(item.text for item in items)


def test_a_log_that_writes_what_it_is_given_would_be_caught(tmp_path: Path, chatty: Computer) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "naive.log").write_text(
        "".join(str(bug) for bug in bugs("access-Z9", "refresh-Z9", chatty))
    )
    found = scan([tmp_path / "logs"], [WORD, chatty.person.email, "access-Z9", "refresh-Z9", PASSWORD])
    assert len(*found.values()) >= 5


def test_telemetry_is_off_and_nothing_is_sent_by_itself() -> None:
    """There is one value, so that an organisation can see and force it."""
    assert Policy.model_fields["telemetry"].default == "off"
    with pytest.raises(ValueError, match="off"):
        Policy.model_validate({"telemetry": "on"})


def test_errors_a_person_reads_are_no_secret_either() -> None:
    from app.session.oauth import TokenSet
    from tests.services.conftest import StandingClock

    shown = repr(TokenSet("access-Z9", "refresh-Z9", StandingClock().now()))
    assert "Z9" not in shown
    assert issubclass(Refused, CounterpartError)
