"""What is said of each of the vendor's systems: which lists grow old, since when, and nothing of the others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.contract.changes import Source
from app.services.format import Formats
from app.services.freshness import freshness
from app.services.sources import holds, page_notice, source_views
from app.services.views_model import Mode, Status
from app.services.words import Words
from tests.services.conftest import StandingClock, World

NOW = datetime(2026, 11, 23, 9, 40, tzinfo=UTC)  # a Monday
TODAY = datetime(2026, 11, 23, 8, 12, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 20, 17, 36, tzinfo=UTC)
CRM = Source(
    system="crm", label="HubSpot", read_at=TODAY, entities=("company", "deal_registration", "request")
)
DOWN = "Odoo cannot be reached."
ERP = Source(system="erp", label="Odoo", read_at=TODAY, stale_reason=DOWN, entities=("order", "invoice"))


@pytest.fixture
def formats() -> Formats:
    return Formats(StandingClock(), zone=UTC)


def status(*sources: Source, mode: Mode = Mode.LIVE) -> Status:
    return Status(mode, NOW, NOW, sources=sources)


@pytest.mark.parametrize(
    ("entity", "source", "text"),
    [
        ("invoice", ERP, "Invoices: Odoo cannot be reached; as of 08:12 today."),
        (
            "order", ERP.model_copy(update={"read_at": FRIDAY}),
            (
                "Orders: Odoo cannot be reached; as of Friday 17:36."
                " What you enter is kept here and sent when it is back."
            ),
        ),
        (
            "invoice", ERP.model_copy(update={"read_at": None}),
            "Invoices: Odoo cannot be reached; never read completely.",
        ),
        (
            "invoice", ERP.model_copy(update={"stale_reason": "Odoo could not be read in full."}),
            "Invoices: Odoo could not be read in full; as of 08:12 today.",
        ),
        ("invoice", ERP.model_copy(update={"stale_reason": ""}), None),
        ("deal_registration", ERP, None),
        ("invoice", ERP.model_copy(update={"entities": ()}), None),
        ("sync_centre", ERP, None),
        ("", ERP, None),
    ],
    ids=[
        "read only", "with what can be edited", "never read", "read in part", "well", "of another system",
        "an older gateway", "no list", "no page",
    ],
)  # fmt: skip
def test_the_banner_over_a_list(
    world: World, formats: Formats, entity: str, source: Source, text: str | None
) -> None:
    found = page_notice(status(CRM, source), world.portal.manifest, entity, formats)
    assert (found.text if found else None) == text


def test_every_system_with_what_it_holds(world: World, formats: Formats) -> None:
    found = source_views((CRM, ERP), world.portal.manifest, formats)
    assert [(view.label, view.holds, view.words, view.stale) for view in found] == [
        ("Odoo", "Orders and Invoices", "Odoo cannot be reached; as of 08:12 today.", True),
        ("HubSpot", "Deals and Requests", "Last read at 08:12.", False),
    ]
    fresh = CRM.model_copy(update={"read_at": None, "entities": ("company",)})
    assert source_views((fresh,), world.portal.manifest, formats)[0].words == "Not read completely yet."
    assert holds(fresh, world.portal.manifest, world.portal.formats.tr) == "Companies"


@pytest.mark.parametrize(
    ("words", "text"), [((), ""), (("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c"), "a, b and c")]
)
def test_words_are_joined(words: tuple[str, ...], text: str) -> None:
    assert Words().listed(words) == text


def test_the_chip_names_what_is_not_reached(formats: Formats) -> None:
    chip = freshness(status(CRM, ERP), formats)
    assert (chip.kind, chip.text) == ("partly", "Live · Odoo not reached")
    assert chip.why == "HubSpot last read at 08:12. Odoo cannot be reached; as of 08:12 today."
    both = CRM.model_copy(update={"stale_reason": "HubSpot cannot be reached."})
    assert freshness(status(both, ERP), formats).text == "Live · 2 systems not reached"
    assert freshness(status(CRM, ERP, mode=Mode.OFFLINE), formats).kind == "offline"
    assert freshness(status(CRM), formats).kind == "live"
