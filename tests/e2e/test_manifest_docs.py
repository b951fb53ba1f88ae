"""What docs/manifest.md tells an author to write works: a field, a state and a job, to the CRM and back."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.port import Ref
from gateway.portals import load_portal
from tests.e2e.together import DEAL, Computer, Vendor, vendor_at

DOCS = Path(__file__).parents[2] / "docs" / "manifest.md"
HOME = "/etc/counterpart-gateway"


def written(folder: Path) -> Path:
    """Write the files of the page, as they stand there, and return the configuration file."""
    blocks = re.findall(r"```toml\n# file: (\S+)\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert [name for name, _ in blocks] == [
        "own.toml",
        "own-mapping.toml",
        "words/own.de.toml",
        "gateway.toml",
    ]
    for name, text in blocks:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(HOME, str(folder)), "utf-8")
    return folder / "gateway.toml"


@pytest.fixture
def vendor(tmp_path: Path) -> Iterator[Vendor]:
    config = written(tmp_path / "etc")
    with vendor_at(tmp_path / "gateway", config=config, console=False) as found:
        yield found


def test_a_field_a_state_and_a_job_by_the_manual(vendor: Vendor, tmp_path: Path) -> None:
    computer = Computer(vendor, vendor.person("admin", "Maya Okafor"), tmp_path / "computer")
    computer.sync()
    with computer.opened() as account:
        portal = account.open_portal(lambda: None)
        deal = portal.entity("deal_registration")
        assert deal.by_name["budget_holder"].label == "Who pays for it"
        portal.intents.edit(DEAL, {"budget_holder": "Ruth Adeyemi"})
        portal.intents.command(DEAL, "hold")
        (job,) = (one for one in portal.deriving.jobs(DEAL) if one.name == "special_price")
        draft, _ = portal.deriving.begin(job.name, DEAL)
        begun = portal.drafts.load(draft).data
        assert (begun["category"], begun["deal"]) == ("quote", DEAL)
        portal.drafts.save(draft, {**begun, "subject": "Ten per cent for the whole chain"}, text="All of it.")
        portal.drafts.submit(draft)
    computer.sync()
    crm = vendor.service.crm
    assert vendor.value(DEAL, "x_budget_holder") == "Ruth Adeyemi"
    assert vendor.value(DEAL, "stage_code") == "ON_HOLD"
    (ticket,) = (crm.read(Ref("ticket", key)) for key in crm.sweep("ticket", None, 10)[-1:])
    assert (ticket.fields["subject"], ticket.fields["topic_code"]) == (
        "Ten per cent for the whole chain",
        "QTE",
    )

    ref = crm.find_created("registration", DEAL)
    assert ref is not None
    desk = StaffDesk.of(crm, "Ingrid Solheim")
    desk.edit(ref, {"extra": {"x_budget_holder": "Ruth Adeyemi, finance"}})
    desk.set_status(ref, "PROTECTED")
    vendor.gateway.backfill()
    computer.sync()
    with computer.opened() as account:
        shown = account.open_portal(lambda: None).records.get(DEAL)
        assert shown is not None
        assert (shown.data["budget_holder"], shown.state_label) == ("Ruth Adeyemi, finance", "Approved")


def test_the_words_beside_it_are_read(tmp_path: Path) -> None:
    written(tmp_path)
    german = load_portal(tmp_path / "own.toml").words["de"]
    assert german["Put on hold"] == "Ruhen lassen"


def test_every_other_block_of_the_manual_is_toml() -> None:
    for text in re.findall(r"```toml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL):
        assert tomllib.loads(text)
