"""What docs/manifest.md tells an author to write works: a field, a state and a job, to the CRM and back."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.views.page import NEW, Place
from app.views.records.page import RecordsPage
from app.views.register.page import RegisterPage
from app.views.theme.theme import Theme
from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.port import Ref
from gateway.portals import examine
from tests.e2e.together import DEAL, Computer, Vendor, vendor_at
from tests.e2e.windows import window

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
        # Nobody has heard of it yet: what one puts aside oneself is not taken for something the vendor asks.
        shown = portal.records.get(DEAL)
        assert shown is not None
        assert shown.state_label == "On hold"
        assert portal.standing.verdict(shown) is None
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


def test_in_the_window_they_are_a_column_a_chip_a_field_and_buttons(
    vendor: Vendor, tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    computer = Computer(vendor, vendor.person("admin", "Maya Okafor"), tmp_path / "computer")
    computer.sync()
    with computer.opened() as account, window(account, theme) as shown:
        shown.go(Place("deal_registration"))
        page = shown.current
        assert isinstance(page, RecordsPage)
        qtbot.waitUntil(lambda: page.model.rowCount() == 1, timeout=15_000)
        heads = [page.model.headerData(n, Qt.Orientation.Horizontal) for n in range(page.model.columnCount())]
        assert heads[:4] == ["Customer", "Title", "Pays", "Amount"]
        page.table.choose_row(0)
        press(qtbot, page, "detail.command.hold")
        qtbot.waitUntil(lambda: vendor.value(DEAL, "stage_code") == "ON_HOLD", timeout=15_000)
        assert shown._portal.records.count("deal_registration", "on_hold") == 1
        press(qtbot, page, "detail.job.special_price")
        qtbot.waitUntil(lambda: isinstance(shown.current, RegisterPage), timeout=15_000)
        shown.go(Place(NEW, entity="deal_registration"))
        form = shown.current
        assert isinstance(form, RegisterPage)
        labels = [one.text() for one in form.findChildren(QLabel)]
        assert "Who pays for it optional" in labels, labels


def press(qtbot: QtBot, page: QWidget, name: str) -> None:
    """Click a button once it stands there."""

    def there() -> QPushButton | None:
        found = [
            one for one in page.findChildren(QPushButton, name) if one.isVisibleTo(page) and one.isEnabled()
        ]
        return found[0] if found else None

    qtbot.waitUntil(lambda: there() is not None, timeout=15_000)
    button = there()
    assert button is not None
    button.click()


def test_the_words_beside_it_are_read(tmp_path: Path) -> None:
    written(tmp_path)
    manifest, flaws = examine(tmp_path / "own.toml")
    assert manifest.words["de"]["Put on hold"] == "Ruhen lassen"
    assert [str(flaw) for flaw in flaws] == []


def test_every_other_block_of_the_manual_is_toml() -> None:
    for text in re.findall(r"```toml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL):
        assert tomllib.loads(text)
