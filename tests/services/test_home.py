"""Home tells what waits for the user, most urgent first, and what the vendor changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.contract.manifest import Tone, effective
from app.services.changes import group_of
from app.services.format import Formats
from app.services.views_model import Need
from gateway.portals import load_portal, shipped
from tests.services.conftest import StandingClock, World, open_world


def jobs(world: World) -> dict[str, Need]:
    return {need.title: need for need in world.portal.home.needs_me()}


def test_the_greeting_knows_the_time_of_day(world: World) -> None:
    assert world.portal.home.greeting() == ("Good morning, Maya", "Monday 23 November")
    world.clock.go(hours=5)
    assert world.portal.home.greeting()[0] == "Good afternoon, Maya"
    world.clock.go(hours=6)
    assert world.portal.home.greeting()[0] == "Good evening, Maya"


def test_every_kind_of_job(world: World, form: Mapping[str, Any], survey: Path) -> None:
    world.request("vpn", number="REQ-3318", subject="VPN drops after firmware 8.4", customer="Castellane Hotels",
                  state="waiting_on_partner", due_at="2026-11-23T12:00:00Z")  # fmt: skip
    world.deal("survey", number="DR-2026-0431", customer="Aldgate College", title="Campus core refresh",
               state="action_required", review_comment="Please add the site survey.")  # fmt: skip
    world.deal("claims", number="DR-2026-0355", customer="Tessel Insurance", title="Claims archive",
               protected_until="2026-11-28")  # fmt: skip
    world.put("renewal", "1", number="RN-1187", customer="Norvik Shipping", product="Vault seats", quantity=240,
              term_end="2026-11-25", amount="18720.00", currency="GBP", state="quoted")  # fmt: skip
    world.put("lead", "1", number="LD-0772", customer="Fennimore Dairy", need="Wi-Fi", sites=6,
              expires_at="2026-11-25", state="offered")  # fmt: skip
    world.clash({"decision_date": ("2026-12-18", "2027-01-15", "2026-12-22")})
    world.portal.drafts.start("deal_registration", form)
    found = jobs(world)
    assert found["Answer Halden on “VPN drops after firmware 8.4”"] == Need(
        icon="message-circle",
        tone=Tone.BAD,
        title="Answer Halden on “VPN drops after firmware 8.4”",
        detail="REQ-3318 · Castellane Hotels · waiting on you",
        due="Today 12:00",
        due_tone=Tone.BAD,
        due_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
        action_label="Reply",
        target=found["Answer Halden on “VPN drops after firmware 8.4”"].target,
    )
    assert found["Answer Halden on “VPN drops after firmware 8.4”"].target.focus == "reply"
    details = {
        title: (need.detail, need.due, need.action_label, need.target.focus) for title, need in found.items()
    }
    assert details["Complete “Campus core refresh”"] == (
        "DR-2026-0431 · Aldgate College · Please add the site survey.", "", "Open", ""
    )  # fmt: skip
    assert details["Extend protection on “Claims archive”"] == (
        "DR-2026-0355 · Tessel Insurance · ends in 5 days", "Sat 28 Nov", "Ask to extend", "command:ask_extension"
    )  # fmt: skip
    assert details["Confirm the renewal of 240 Vault seats"] == (
        "RN-1187 · Norvik Shipping · quoted £18,720.00", "Wed 25 Nov", "Send intent", "command:send_intent"
    )  # fmt: skip
    assert details["Take or decline the lead from Fennimore Dairy"] == (
        "LD-0772 · 6 sites · offer ends in 2 days", "Wed 25 Nov", "Accept", "command:accept"
    )  # fmt: skip
    conflict = found["Decide 1 field on “Branch edge, 14 sites”"]
    assert (conflict.tone, conflict.due, conflict.target.page) == ("clash", "Today", "conflict")
    draft = found["Finish “Sales office Wi-Fi”"]
    assert (draft.target.page, draft.target.entity) == ("new", "deal_registration")
    order = list(found)
    assert order.index("Answer Halden on “VPN drops after firmware 8.4”") < order.index(
        "Confirm the renewal of 240 Vault seats"
    )
    assert order.index("Complete “Campus core refresh”") < order.index(
        "Take or decline the lead from Fennimore Dairy"
    )
    assert order[-1] == "Finish “Sales office Wi-Fi”"
    assert world.portal.home.needs_summary(list(found.values())) == "7 jobs · 2 due today"


def test_an_answer_that_waits_to_be_sent_asks_for_nothing_more(world: World) -> None:
    lead = world.put(
        "lead", "1", customer="Fennimore Dairy", need="x", expires_at="2026-11-25", state="offered"
    )
    assert len(jobs(world)) == 1
    world.portal.intents.command(lead, "accept")
    assert jobs(world) == {}


def test_the_pipeline_by_stage_and_currency(world: World) -> None:
    world.deal("a", state="submitted", amount="100.00", protected_until=None, target_close="2026-12-30")
    world.deal("b", state="submitted", amount="50.00", currency="EUR", protected_until=None)
    world.deal(
        "c", state="approved", amount="200.00", protected_until="2026-12-10", target_close="2026-12-31"
    )
    world.deal("d", state="extension_requested", amount="25.00", protected_until="2027-06-01")
    world.deal("e", state="rejected", amount="999.00")
    pipeline = world.portal.home.pipeline()
    assert pipeline is not None
    assert (pipeline.open_count, pipeline.currencies) == (4, ("GBP", "EUR"))
    assert pipeline.totals == {"GBP": Decimal(325), "EUR": Decimal(50)}
    stages = {stage.label: (stage.index, stage.count, dict(stage.totals)) for stage in pipeline.stages}
    assert stages == {
        "Submitted": (1, 2, {"GBP": Decimal(100), "EUR": Decimal(50)}),
        "Under review": (2, 0, {}),
        "Action required": (3, 0, {}),
        "Pending approval": (4, 0, {}),
        "Approved": (5, 2, {"GBP": Decimal(225)}),
    }
    assert (pipeline.closing.count, pipeline.closing.totals) == (2, {"GBP": Decimal(300)})
    assert pipeline.ending == 1
    assert world.portal.home.pipeline("message") is None


def test_only_what_is_protected_loses_protection(world: World) -> None:
    world.put("renewal", "a", customer="a", product="Vault", quantity=1, term_end="2026-12-01", amount="9.00",
              currency="GBP", state="quoted")  # fmt: skip
    pipeline = world.portal.home.pipeline("renewal")
    assert pipeline is not None
    assert (pipeline.open_count, pipeline.ending) == (1, 0)


def test_renewals_in_windows_that_do_not_overlap(world: World) -> None:
    def renewal(name: str, end: str, state: str, amount: str) -> None:
        world.put("renewal", name, customer=name, product="Vault", quantity=1, term_end=end, amount=amount,
                  currency="GBP", state=state)  # fmt: skip

    renewal("a", "2026-12-01", "quoted", "100.00")
    renewal("b", "2026-12-23", "intent_sent", "50.00")
    renewal("c", "2026-12-24", "quoted", "20.00")
    renewal("d", "2027-02-21", "upcoming", "5.00")
    renewal("e", "2026-12-02", "ordered", "999.00")
    windows = world.portal.home.renewals()
    assert [(w.label, w.count, dict(w.totals), w.note, w.note_tone) for w in windows] == [
        ("Within 30 days", 2, {"GBP": Decimal(150)}, "1 not answered", Tone.WARN),
        ("31 to 60 days", 1, {"GBP": Decimal(20)}, "Quoted", Tone.NEUTRAL),
        ("61 to 90 days", 1, {"GBP": Decimal(5)}, "Quotes to come", Tone.NEUTRAL),
    ]


def test_what_the_vendor_changed_since_it_was_seen(world: World) -> None:
    world.deal(timeline=[
        {"at": "2026-11-17T10:00:00Z", "by": "Maya Okafor", "kind": "submit", "text": "Submitted"},
        {"at": "2026-11-23T08:57:00Z", "by": "Ingrid Solheim", "kind": "approved", "text": "Approved"},
        {"at": "2026-11-23T08:56:00Z", "by": "Tomasz Wilk", "kind": "edit", "text": "Next steps changed"},
        {"at": "2026-11-23T08:58:00Z", "by": "Maya Okafor", "kind": "edit", "text": "Edited"},
    ], updated_at="2026-11-23T08:58:00Z")  # fmt: skip
    request = world.request()
    world.put("message", "m", parent=request, body="Yes", author_name="Ingrid Solheim", side="vendor",
              sent_at="2026-11-23T08:05:00Z")  # fmt: skip
    world.put("document", "d", title="EMEA price list 2026.4", summary="Replaces 2026.3", state="current",
              sha256="a" * 64, published_at="2026-11-22T08:30:00Z", updated_at="2026-11-22T08:30:00Z")  # fmt: skip
    lines = world.portal.home.changed()
    assert [(line.title, line.detail, line.when, line.group) for line in lines[:3]] == [
        ("Approved, protected to 21 Feb 2027", "Kestrel Foods · Branch edge, 14 sites", "08:57", "Today"),
        ("Next steps changed by Tomasz Wilk", "Kestrel Foods · Branch edge, 14 sites", "08:56", "Today"),
        ("Ingrid Solheim answered", "REQ-3321 · Quote for HA pair", "08:05", "Today"),
    ]
    document = next(line for line in lines if line.title == "EMEA price list 2026.4 is out")
    assert (document.detail, document.group, document.when) == ("Replaces 2026.3", "Weekend", "Sun")
    assert world.portal.home.changed_since_words() == "Changed since Friday 09:41"
    before = world.portal.home.seen_at()
    world.portal.home.mark_seen()
    assert world.portal.home.changed() == []
    world.portal.home.unmark_seen(before)
    assert len(world.portal.home.changed()) == len(lines)


def test_what_the_user_did_is_no_news(world: World) -> None:
    now = "2026-11-23T08:05:00Z"
    world.put(
        "renewal",
        "1",
        number="RN-1",
        customer="Peakside",
        product="Vault",
        state="intent_sent",
        updated_at=now,
    )
    world.put("lead", "1", number="LD-1", customer="Fennimore", need="x", state="accepted", updated_at=now)
    world.put("document", "old", title="List 2026.3", state="superseded", sha256="a" * 64, updated_at=now)
    world.request(state="waiting_on_vendor", updated_at=now)
    assert world.portal.home.changed() == []
    world.put("order", "1", number="ORD-58214", customer="Norvik Shipping", state="fulfilled", updated_at=now)
    world.deal(state="rejected", reason="Already registered", updated_at=now, timeline=[
        {"at": now, "by": "Ingrid Solheim", "kind": "rejected", "text": "Rejected"}])  # fmt: skip
    assert {line.title for line in world.portal.home.changed()} == {
        "Order ORD-58214: fulfilled",
        "Rejected: already registered",
    }


def test_days_are_grouped_as_one_remembers_them() -> None:
    formats = Formats(StandingClock(), zone=UTC)
    day = [datetime(2026, 11, day, tzinfo=UTC).date() for day in (23, 22, 21, 20, 17, 16)]
    assert [group_of(formats, one) for one in day] == [
        "Today",
        "Weekend",
        "Weekend",
        "Friday",
        "Tuesday",
        "Mon 16 Nov",
    ]


def test_a_portals_lists_count_at_home_what_they_count_in_the_navigation(tmp_path: Path) -> None:
    manifest = effective(load_portal(shipped("client")), "admin")
    world = open_world(tmp_path / "client.db", role="admin", manifest=manifest)
    for number, state in enumerate(("handed_over", "handed_over", "in_work", "accepted")):
        world.put("deliverable", f"{number}", number=f"DL-{number}", title="Pages", state=state)
    world.put("project", "shop", number="PR-1", title="Shop", state="active")
    said = {one.entity: one.words for one in world.portal.home.glance()}
    counts = world.portal.lists.counts()
    assert counts["deliverable"] == 2
    assert said["deliverable"] == "To decide: 2"
    assert (said["project"], counts["project"]) == ("1 open", 1)
    world.put(
        "task", "brief", number="T-1", title="Brief for the shop", state="todo", template="project_brief"
    )
    job = jobs(world)["Brief for the shop"]
    assert job.action_label == "Fill in", "a button says what it does"
    world.store.close()


def test_a_place_may_be_called_otherwise_than_what_stands_in_it(world: World) -> None:
    kind = world.portal.entity("opportunity")
    assert (kind.place_name, kind.plural) == ("Co-selling", "Opportunities")
    assert world.portal.formats.things(5, kind) == "5 opportunities"
    assert world.portal.entity("renewal").place_name == "Renewals"
