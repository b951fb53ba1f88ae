"""A draft is durable with each save; submitting sends it whole; a refused one comes back and is sent again rightly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.contract.clashing import make_filter
from app.contract.errors import NotAllowed, Refused
from app.contract.mutations import Kind
from app.services.portal import Portal
from app.services.views_model import SyncState
from app.store.clashes import ClashStore
from app.store.database import Store
from tests.services.conftest import COMPANY, KEY, World, before_each_transaction, open_world


def written(world: World, form: Mapping[str, Any], survey: Path) -> str:
    draft = world.portal.drafts.start("deal_registration")
    world.portal.drafts.save(draft, form, step=2)
    world.portal.drafts.add_file(draft, survey)
    return draft


def test_a_new_draft_has_the_manifests_defaults_and_the_only_company(world: World) -> None:
    draft = world.portal.drafts.load(world.portal.drafts.start("deal_registration"))
    assert draft.data == {"type": "new", "currency": "GBP", "company": COMPANY}
    shown = world.portal.records.get(draft.gid)
    assert shown is not None
    assert (shown.sync, shown.title, shown.state_label) == (SyncState.DRAFT, "New deal", "Draft")
    assert world.portal.records.commands(draft.gid) == ()


def test_who_acts_for_two_companies_picks_one(tmp_path: Path) -> None:
    world = open_world(tmp_path / "two.db", role="field_rep", companies=2)
    draft = world.portal.drafts.load(world.portal.drafts.start("deal_registration"))
    assert "company" not in draft.data
    world.store.close()


def test_a_role_that_may_not_add_is_told_so(tmp_path: Path) -> None:
    world = open_world(tmp_path / "ro.db", role="read_only")
    with pytest.raises(NotAllowed, match="Your role does not add deals"):
        world.portal.drafts.start("deal_registration")
    world.store.close()


def test_what_is_saved_survives_the_process(world: World, form: Mapping[str, Any], survey: Path) -> None:
    draft = written(world, form, survey)
    with Store.open(world.store.path, KEY) as other:
        kept = other.drafts.load(draft)
        assert kept is not None
        assert kept.data["customer"] == "Ledbury Homes"
        assert other.blobs.content(str(kept.children[0].data["sha256"])) == survey.read_bytes()


def test_a_file_that_is_added_while_words_are_saved_stays(
    world: World, other: Portal, form: Mapping[str, Any], survey: Path
) -> None:
    draft = world.portal.drafts.start("deal_registration")
    before_each_transaction(world.store, lambda: other.drafts.add_file(draft, survey))
    world.portal.drafts.save(draft, form)
    kept = world.portal.drafts.load(draft)
    assert (kept.data, [file.name for file in kept.files]) == (form, [survey.name])
    assert world.store.blobs.content(kept.files[0].sha256) == survey.read_bytes()


@pytest.mark.parametrize("removed", [False, True])
def test_words_that_are_saved_while_a_file_is_added_or_removed_stay(
    world: World, other: Portal, survey: Path, removed: bool
) -> None:
    drafts = world.portal.drafts
    draft = drafts.start("deal_registration")
    file = drafts.add_file(draft, survey) if removed else None
    typed = iter("abcdefgh")
    said: list[str] = []

    def type_on() -> None:
        said.append(next(typed))
        other.drafts.save(draft, {"customer": "".join(said)})

    before_each_transaction(world.store, type_on)
    if file is not None:
        drafts.remove_file(draft, file.sha256)
    else:
        drafts.add_file(draft, survey)
    kept = drafts.load(draft)
    assert kept.data == {"customer": "".join(said)}
    assert [one.name for one in kept.files] == ([] if removed else [survey.name])


def test_a_file_that_is_added_while_a_draft_is_handed_in_goes_along(
    world: World, other: Portal, survey: Path
) -> None:
    drafts = world.portal.drafts
    draft = drafts.start("request", {"subject": "Demo unit"})
    drafts.save(draft, drafts.load(draft).data, text="May we have one for Derby?")
    before_each_transaction(world.store, lambda: other.drafts.add_file(draft, survey))
    drafts.submit(draft)
    assert [mutation.changes.get("name") for mutation in world.sent()] == [None, None, survey.name]


def test_a_file_that_is_added_while_a_draft_is_given_up_comes_back_with_it(
    world: World, other: Portal, survey: Path
) -> None:
    draft = world.portal.drafts.start("deal_registration")
    before_each_transaction(world.store, lambda: other.drafts.add_file(draft, survey))
    discarded = world.portal.drafts.discard(draft)
    assert [*discarded.contents.values()] == [survey.read_bytes()]


def test_problems_are_told_by_field_and_section(world: World) -> None:
    draft = world.portal.drafts.start("deal_registration", {"customer": "L", "target_close": "2026-11-20"})
    problems = world.portal.drafts.problems(draft)
    assert problems["customer"] == "Too short. Write 1 more character."
    assert problems["target_close"] == "Has passed. Pick 24 Nov 2026 or later."
    assert problems["website"] == "Needed. Fill this in to go on."
    assert problems["file"] == "Add at least one evidence file."
    assert world.portal.drafts.section_problems(draft) == [3, 4, 1]
    with pytest.raises(Refused) as refused:
        world.portal.drafts.submit(draft)
    assert refused.value.fields == problems
    assert world.sent() == []


def test_submitting_a_deal_sends_record_file_and_command(
    world: World, form: Mapping[str, Any], survey: Path
) -> None:
    draft = written(world, {**form, "competitor": "", "products": []}, survey)
    done = world.portal.drafts.submit(draft)
    create, file, command = world.sent()
    assert (create.kind, create.gid, create.base_version) == (Kind.CREATE, draft, None)
    assert create.changes == dict(form), "blank fields are not sent"
    assert (file.changes["parent"], file.depends_on) == (draft, (create.mutation_id,))
    assert command.command is not None
    assert (command.command.name, command.command.expected_state) == ("submit", "draft")
    assert command.depends_on == (create.mutation_id, file.mutation_id)
    assert (done.words, done.mutation_id) == ("Deal submitted", command.mutation_id)
    shown = world.portal.records.get(draft)
    assert shown is not None
    assert (shown.state_label, shown.sync) == ("Submitted", SyncState.WAITING)
    assert world.portal.drafts.load(draft).submitted
    with pytest.raises(Refused, match="submitted already"):
        world.portal.drafts.save(draft, form)


def test_submitting_a_request_sends_its_first_message(world: World, survey: Path) -> None:
    draft = world.portal.drafts.start("request", {"subject": "Demo unit"})
    assert world.portal.drafts.problems(draft) == {"message": "Needed. Tell Halden what you need."}
    data = world.portal.drafts.load(draft).data
    world.portal.drafts.save(draft, data, text="May we have one for Derby?")
    world.portal.drafts.add_file(draft, survey)
    world.portal.drafts.submit(draft)
    create, message, file = world.sent()
    assert message.changes == {"parent": draft, "body": "May we have one for Derby?"}
    assert file.changes["message"] == message.gid
    assert file.depends_on == (create.mutation_id, message.mutation_id)


def test_taking_back_a_submission_that_was_not_sent(
    world: World, form: Mapping[str, Any], survey: Path
) -> None:
    draft = written(world, form, survey)
    done = world.portal.drafts.submit(draft)
    assert world.portal.drafts.undo(done)
    assert world.sent() == []
    again = world.portal.drafts.load(draft)
    assert (again.submitted, [file.name for file in again.files]) == (False, ["ledbury-site-survey.txt"])
    assert world.store.blobs.content(again.files[0].sha256) == survey.read_bytes()
    world.portal.drafts.submit(draft)
    world.store.outbox.mark_sending([world.sent()[0].mutation_id])
    with pytest.raises(Refused, match="on its way already"):
        world.portal.drafts.take_back(draft)


def test_what_leaves_at_this_moment_is_not_taken_back(
    world: World, form: Mapping[str, Any], survey: Path
) -> None:
    draft = written(world, form, survey)
    done = world.portal.drafts.submit(draft)
    create, *others = [mutation.mutation_id for mutation in world.sent()]
    with Store.open(world.store.path, KEY) as engine:
        before_each_transaction(world.store, lambda: engine.outbox.mark_sending([create]))
        assert not world.portal.drafts.undo(done)
    assert world.portal.drafts.load(draft).submitted
    assert [mutation.mutation_id for mutation in world.sent()] == [create, *others]


def test_a_submission_stays_when_what_depends_on_it_has_left(
    world: World, form: Mapping[str, Any], survey: Path
) -> None:
    draft = written(world, form, survey)
    done = world.portal.drafts.submit(draft)
    world.portal.intents.message(draft, "One more thing.")
    sent = [mutation.mutation_id for mutation in world.sent()]
    world.store.outbox.mark_sending(sent[-1:])
    assert not world.portal.drafts.undo(done)
    assert world.portal.drafts.load(draft).submitted
    assert [mutation.mutation_id for mutation in world.sent()] == sent


def test_a_refused_creation_is_sent_again_as_one(world: World, form: Mapping[str, Any], survey: Path) -> None:
    draft = written(world, form, survey)
    world.portal.drafts.submit(draft)
    create, file, command = world.sent()
    reject(world, draft, {"website": "Already registered by another partner."}, create.mutation_id)
    for other in (file, command):
        world.settle(other.mutation_id, "taken_back")
    back = world.portal.drafts.load(draft)
    assert (back.submitted, back.problems) == (False, {"website": "Already registered by another partner."})
    assert world.portal.records.is_draft(draft)
    assert world.portal.records.editable(draft) == frozenset(), "it is mended in its form"
    world.portal.drafts.save(draft, {**form, "website": "ledbury-homes.example"})
    assert world.portal.drafts.load(draft).problems == {}
    world.portal.drafts.submit(draft)
    again, _, last = world.sent()
    assert (again.kind, again.gid, again.supersedes) == (Kind.CREATE, draft, create.mutation_id)
    assert again.mutation_id != create.mutation_id
    assert last.supersedes is None, "the command itself was never refused"


def test_a_refused_submission_is_mended_at_the_vendors_record(
    world: World, form: Mapping[str, Any], survey: Path, tmp_path: Path
) -> None:
    draft = written(world, form, survey)
    world.portal.drafts.submit(draft)
    create, file, command = world.sent()
    arrive(world, draft, "deal_registration", {**form, "state": "draft", "number": "DR-2026-0500"})
    world.settle(create.mutation_id)
    arrive(world, file.gid, "file", dict(file.changes))
    world.settle(file.mutation_id)
    reject(world, draft, {"amount": "More than the programme covers."}, command.mutation_id)

    plan = tmp_path / "plan.txt"
    plan.write_text("A second file.")
    world.portal.drafts.add_file(draft, plan)
    world.portal.drafts.save(draft, {**form, "amount": "20000.00"})
    world.portal.drafts.submit(draft)
    patch, more, again = world.sent()
    assert patch.kind is Kind.PATCH
    assert patch.changes == {"amount": "20000.00", "currency": "GBP"}
    assert patch.base == {"amount": "22480.00", "currency": "GBP"}
    assert patch.base_version is not None
    assert more.changes["name"] == "plan.txt"
    assert again.command is not None
    assert again.command.expected_state == "draft"
    assert again.depends_on == (patch.mutation_id, more.mutation_id)
    assert again.supersedes == command.mutation_id


def test_the_reason_on_a_field_goes_with_its_first_change(
    world: World, form: Mapping[str, Any], survey: Path
) -> None:
    draft = written(world, form, survey)
    world.portal.drafts.submit(draft)
    reject(world, draft, {"amount": "Too high.", "title": "Too vague."}, world.sent()[0].mutation_id)
    world.portal.drafts.save(draft, {**form, "title": "Sales office Wi-Fi, 3 sites"})
    assert world.portal.drafts.load(draft).problems == {"amount": "Too high."}


def test_a_discarded_draft_can_be_brought_back(world: World, form: Mapping[str, Any], survey: Path) -> None:
    draft = written(world, form, survey)
    discarded = world.portal.drafts.discard(draft)
    assert world.portal.records.get(draft) is None
    assert world.store.blobs.all() == []
    world.portal.drafts.restore(discarded)
    back = world.portal.drafts.load(draft)
    assert (back.data, [file.name for file in back.files]) == (form, ["ledbury-site-survey.txt"])
    assert world.store.blobs.content(back.files[0].sha256) == survey.read_bytes()


def test_what_a_composer_holds_survives(world: World, survey: Path) -> None:
    request = world.request()
    info = world.portal.drafts.add_to_unfinished(request, survey)
    world.portal.drafts.keep_unfinished(request, "Thank you. Deliv")
    assert world.portal.drafts.unfinished(request) == ("Thank you. Deliv", (info,))
    assert world.portal.drafts.open_drafts() == []
    assert world.portal.records.conversation(request) == []
    world.portal.intents.message(request, "Thank you. Delivery by Friday.", taken=[info])
    assert world.portal.drafts.unfinished(request) == ("", ())
    assert [mutation.entity for mutation in world.sent()] == ["message", "file"]
    assert world.store.blobs.content(info.sha256) == survey.read_bytes()
    world.portal.drafts.keep_unfinished(request, "More")
    world.portal.drafts.keep_unfinished(request, "")
    assert world.store.drafts.all() == []


def test_a_composer_loses_neither_the_words_nor_a_file_that_comes_meanwhile(
    world: World, other: Portal, survey: Path
) -> None:
    request = world.request()
    drafts = world.portal.drafts
    before_each_transaction(world.store, lambda: other.drafts.add_to_unfinished(request, survey))
    drafts.keep_unfinished(request, "Here is the survey.")
    text, files = drafts.unfinished(request)
    assert (text, [file.name for file in files]) == ("Here is the survey.", [survey.name])
    before_each_transaction(world.store, lambda: other.drafts.keep_unfinished(request, "Typed on."))
    drafts.remove_from_unfinished(request, files[0].sha256)
    assert drafts.unfinished(request) == ("Typed on.", ())
    assert world.store.blobs.all() == []


def test_a_file_that_comes_while_a_message_is_sent_stays_for_the_next_one(
    world: World, other: Portal, survey: Path
) -> None:
    request = world.request()
    world.portal.drafts.keep_unfinished(request, "First")
    before_each_transaction(world.store, lambda: other.drafts.add_to_unfinished(request, survey))
    world.portal.intents.message(request, "First")
    text, files = other.drafts.unfinished(request)
    assert (text, [file.name for file in files]) == ("", [survey.name])
    other.intents.message(request, "Second", taken=files)
    first, second, file = world.sent()
    assert first.gid != second.gid
    assert file.changes["message"] == second.gid
    assert world.store.blobs.content(files[0].sha256) == survey.read_bytes()


def test_a_message_from_elsewhere_leaves_alone_what_a_composer_holds(world: World, survey: Path) -> None:
    request = world.request()
    drafts, intents = world.portal.drafts, world.portal.intents
    info = drafts.add_to_unfinished(request, survey)
    drafts.keep_unfinished(request, "Half a sent")
    (begun,) = world.store.drafts.all()
    intents.message(request, "Never mind", composed=False)
    intents.attach(request, survey)
    assert world.store.drafts.all() == [begun]
    intents.message(request, "Half a sentence.", taken=[info])
    other, alone, whole, file = world.sent()
    assert (whole.gid, file.gid) == (begun.gid, begun.children[0].gid), "each goes under its own id"
    assert len({one.gid for one in (other, alone, whole, file)}) == 4
    assert drafts.unfinished(request) == ("", ())


@pytest.mark.parametrize("way", ["draft", "composer", "at once"])
def test_bytes_that_are_taken_in_while_a_snapshot_ends_stay(world: World, survey: Path, way: str) -> None:
    """What nothing names goes with it; what was just taken in is never without a name."""
    request, drafts = world.request(), world.portal.drafts
    draft = drafts.start("deal_registration")
    with Store.open(world.store.path, KEY) as engine:
        before_each_transaction(world.store, lambda: engine.mirror.sweep_generation(0))
        if way == "draft":
            drafts.add_file(draft, survey)
        elif way == "composer":
            drafts.add_to_unfinished(request, survey)
        else:
            world.portal.intents.attach(request, survey)
        engine.mirror.sweep_generation(0)
    (blob,) = world.store.blobs.all()
    assert world.store.blobs.content(blob.sha256) == survey.read_bytes()


def test_a_file_that_is_not_taken_leaves_no_bytes_behind(
    world: World, form: Mapping[str, Any], survey: Path
) -> None:
    draft = written(world, form, survey)
    world.portal.drafts.submit(draft)
    plan = survey.with_name("plan.txt")
    plan.write_text("A second file.")
    with pytest.raises(Refused, match="submitted already"):
        world.portal.drafts.add_file(draft, plan)
    assert [blob.name for blob in world.store.blobs.all()] == [survey.name]


def test_a_file_without_its_bytes_is_not_sent(world: World, form: Mapping[str, Any], survey: Path) -> None:
    """A damaged store may have kept the draft and not the bytes."""
    draft = written(world, form, survey)
    world.store.connection.run("DELETE FROM blob")
    with pytest.raises(Refused, match="no longer on this computer") as refused:
        world.portal.drafts.submit(draft)
    assert refused.value.next_step == "Add the file again."
    assert world.sent() == []
    assert not world.portal.drafts.load(draft).submitted
    world.portal.drafts.add_file(draft, survey)
    world.portal.drafts.submit(draft)


def test_a_hint_for_the_same_website_and_product_family(world: World) -> None:
    other = world.deal(
        "earlier",
        website="https://www.LedburyHomes.example/",
        products=["edge_440"],
        owner="tomasz",
        owner_name="Tomasz Wilk",
        protected_until="2026-12-04",
        number="DR-2026-0288",
    )
    world.deal("closed", website="ledburyhomes.example", state="rejected", products=["edge_440"])
    world.deal("elsewhere", website="notledburyhomes.example", products=["edge_440"])
    draft = world.portal.drafts.start(
        "deal_registration", {"website": "ledburyhomes.example", "products": ["edge_220"]}
    )
    hint = world.portal.drafts.may_clash(draft)
    assert hint is not None
    assert (hint.gid, hint.number) == (other, "DR-2026-0288")
    assert hint.detail == (
        "Your colleague Tomasz Wilk registered the same website and product family, protected until 4 Dec 2026."
        " You can still submit; Halden decides when it arrives."
    )
    world.portal.drafts.save(draft, {"website": "ledburyhomes.example", "products": ["vault"]})
    assert world.portal.drafts.may_clash(draft) is None


def others_registered(world: World, *keys: str) -> None:
    """Let the gateway's filter hold what other partners, and one's own company, have registered."""
    made = make_filter(b"salt", keys, world.clock.now())
    ClashStore(world.store.settings).keep(made.model_dump(mode="json"), "tag", world.clock.now())


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"website": "https://www.Kestrel.example/"}, "Somebody has registered this website."),
        (
            {"customer": "KESTREL Ltd", "country": "GB", "website": "kestrel-new.example"},
            "Somebody has registered a customer of this name in this country.",
        ),
        ({"customer": "Kestrel", "country": "DE"}, ""),
        ({"customer": "Kestrel"}, ""),
        ({"website": "kestrel"}, ""),
        ({"website": "ours.example"}, ""),
        ({"customer": "Ours", "country": "GB"}, ""),
        ({}, ""),
    ],
)
def test_another_partners_registration_is_hinted_at_without_a_name(
    world: World, typed: dict[str, object], says: str
) -> None:
    others_registered(world, "d:kestrel.example", "n:kestrel|GB", "d:ours.example", "n:ours|GB")
    world.deal("ours", website="ours.example", customer="Ours plc", products=["vault"])
    draft = world.portal.drafts.start("deal_registration", {"products": ["edge_220"], **typed})
    hint = world.portal.drafts.may_clash(draft)
    if not says:
        assert hint is None
        return
    assert hint is not None
    assert (hint.title, hint.gid, hint.number) == (
        "May clash with a registration of another partner",
        "",
        "",
    )
    assert hint.detail == f"{says} You can go on; Halden decides. As of 09:41."


def test_nothing_is_hinted_at_once_the_vendor_gives_no_hints(world: World) -> None:
    others_registered(world, "d:kestrel.example")
    manifest = world.store.manifest
    assert manifest is not None
    world.store.adopt_manifest(manifest.changed(clash_hints=False).model_dump_json(), "other")
    world.portal.reload()
    draft = world.portal.drafts.start("deal_registration", {"website": "kestrel.example"})
    assert world.portal.drafts.may_clash(draft) is None


def reject(world: World, draft: str, problems: dict[str, str], mutation_id: str) -> None:
    with world.store.transaction():
        world.store.drafts.reopen(draft, problems, "Not accepted as it is.", world.clock.now())
        world.settle(mutation_id, "rejected")


def arrive(world: World, gid: str, entity: str, data: dict[str, Any]) -> None:
    from app.contract.canonical import record_hash
    from app.contract.records import Record

    world.store.mirror.put(Record(gid=gid, entity=entity, version="7", hash=record_hash(data), data=data))
