"""The chip, the banner and the proof claim exactly what is known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.contract.changes import Source
from app.services.format import Formats
from app.services.freshness import bucket_words, freshness, hashed_words, notice, percent, proof_words
from app.services.views_model import BucketProof, FirstSyncProgress, Mode, Proof, Status
from tests.services.conftest import StandingClock

AS_OF = datetime(2026, 11, 23, 8, 12, tzinfo=UTC)
CRM = Source(system="embedded", label="Halden's CRM", read_at=AS_OF)


@pytest.fixture
def formats() -> Formats:
    return Formats(StandingClock(), zone=UTC)


@pytest.mark.parametrize(
    ("status", "kind", "text"),
    [
        (Status(Mode.LIVE, AS_OF, AS_OF), "live", "Live · as of 08:12"),
        (Status(Mode.LIVE, AS_OF, AS_OF, proven_at=AS_OF), "proven", "Live · proven identical 08:12"),
        (Status(Mode.SYNCING, AS_OF, AS_OF), "syncing", "Syncing · as of 08:12"),
        (Status(Mode.OFFLINE, AS_OF, AS_OF, proven_at=AS_OF), "offline", "Offline · as of 08:12"),
        (Status(Mode.OFFLINE, None, AS_OF), "offline", "Offline"),
        (Status(Mode.FIRST_SYNC, None, AS_OF), "first", "First sync"),
        (Status(Mode.SIGN_IN, AS_OF, AS_OF), "sign_in", "Sign in · as of 08:12"),
        (Status(Mode.PROBLEM, AS_OF, AS_OF), "problem", "Needs attention · as of 08:12"),
    ],
)
def test_the_chip(formats: Formats, status: Status, kind: str, text: str) -> None:
    chip = freshness(status, formats)
    assert (chip.kind, chip.text) == (kind, text)


def test_the_chip_says_why_and_how_old_the_sources_are(formats: Formats) -> None:
    status = Status(Mode.OFFLINE, AS_OF, AS_OF, sources=(CRM,), cause="The gateway cannot be reached.")
    assert freshness(status, formats).why == "The gateway cannot be reached. Halden's CRM last read at 08:12."


def test_a_first_sync_in_per_cent(formats: Formats) -> None:
    progress = FirstSyncProgress(41_280, 64_524, 3_940.0, 6.0, {})
    assert freshness(Status(Mode.FIRST_SYNC, None, AS_OF), formats, progress).text == "First sync · 63 %"
    assert [percent(FirstSyncProgress(done, 1_000, 1.0, None, {})) for done in (0, 999, 1_000)] == [
        0,
        99,
        100,
    ]
    assert percent(FirstSyncProgress(0, 0, 0.0, None, {})) == 0


@pytest.mark.parametrize(
    ("status", "text", "action"),
    [
        (
            Status(Mode.OFFLINE, AS_OF, AS_OF, cause="x"),
            "Offline since 08:12. Everything you enter is saved here and sent when you are back.",
            "why",
        ),
        (
            Status(Mode.OFFLINE, AS_OF, AS_OF, by_choice=True),
            "Offline since 08:12, as you chose. Everything you enter is saved here and sent when you are back.",
            "online",
        ),
        (
            Status(Mode.SIGN_IN, AS_OF, AS_OF, kept="Everything you entered is kept on this computer."),
            "Your session has ended. Everything you entered is kept on this computer.",
            "sign_in",
        ),
        (Status(Mode.PROBLEM, AS_OF, AS_OF, cause="The disk is full."), "The disk is full.", "why"),
        (
            Status(Mode.FIRST_SYNC, None, AS_OF, cause="The gateway cannot be reached."),
            "The gateway cannot be reached. What has arrived is kept, and it goes on from here.",
            "why",
        ),
    ],
)
def test_the_banner(formats: Formats, status: Status, text: str, action: str) -> None:
    banner = notice(status, formats)
    assert banner is not None
    assert (banner.text, banner.action) == (text, action)


@pytest.mark.parametrize(("days", "words"), [(1, "within 1 day unless"), (3, "within 3 days unless")])
@pytest.mark.parametrize("mode", [Mode.OFFLINE, Mode.SIGN_IN, Mode.FIRST_SYNC])
def test_the_banner_says_when_the_account_locks(formats: Formats, mode: Mode, days: int, words: str) -> None:
    banner = notice(Status(mode, AS_OF, AS_OF, cause="The gateway cannot be reached."), formats, days)
    assert banner is not None
    assert words in banner.text


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.SYNCING, Mode.FIRST_SYNC])
def test_no_banner_while_all_is_well(formats: Formats, mode: Mode) -> None:
    assert notice(Status(mode, AS_OF, AS_OF), formats) is None


def proof(**changes: object) -> Proof:
    buckets = (True,) * 16
    values: dict[str, object] = {
        "at": AS_OF, "seconds": 1.2, "identical": True, "inconclusive": False, "rehashed": True,
        "entities": (BucketProof("deal_registration", 23, buckets), BucketProof("lead", 4, buckets)),
        "repaired": 0, "sources": (CRM,), **changes,
    }  # fmt: skip
    return Proof(**values)  # type: ignore[arg-type]


def test_a_proof_says_what_was_compared(formats: Formats) -> None:
    words = proof_words(proof(), formats)
    assert words.headline == "Identical to the gateway at 08:12"
    assert words.detail == "Stored bytes hashed afresh; Halden's CRM last read at 08:12."
    assert words.checked == "checked 08:12 in 1.2\u00a0s"


def test_a_proof_that_differs_or_claims_nothing(formats: Formats) -> None:
    one_off = (BucketProof("renewal", 96, (True,) * 15 + (False,)),)
    differs = proof_words(proof(identical=False, entities=one_off, repaired=1), formats)
    assert (differs.tone, differs.headline, differs.detail) == (
        "warn",
        "15 of 16 buckets identical",
        "1 record fetched again. Halden's CRM last read at 08:12.",
    )
    unsure = proof_words(proof(identical=False, inconclusive=True), formats)
    assert unsure.headline == "Not compared to the end"


def test_a_proof_of_another_day_says_so_and_a_system_that_lags_says_why(formats: Formats) -> None:
    friday = datetime(2026, 11, 20, 17, 36, tzinfo=UTC)
    lags = CRM.model_copy(update={"read_at": friday, "stale_reason": "It does not answer."})
    words = proof_words(proof(at=friday, sources=(lags,)), formats)
    assert words.headline == "Identical to the gateway at Friday 17:36"
    assert words.detail.endswith("Halden's CRM last read at Friday 17:36 (It does not answer).")
    assert words.checked.startswith("checked Friday 17:36")


def test_each_bucket_says_what_differed_and_what_became_of_it(formats: Formats) -> None:
    mended = BucketProof(
        "deal", 18, (True,) * 15 + (False,), (1,) * 14 + (4, 0), (0,) * 10 + (1, 2, 0, 0, 0, 3)
    )
    assert bucket_words(mended, proof(identical=False), formats) == (
        "18 records in 16 buckets of 0 to 4, compared by hashing the stored bytes at 23 Nov 2026, 08:12:00."
        " Bucket A: 1 record differed and was fetched again. Bucket B: 2 records differed and were fetched again."
        " Bucket F still differs; 3 records fetched again in vain."
    )
    even = BucketProof("deal", 16, (True,) * 16, (1,) * 16, (0,) * 16)
    said = bucket_words(even, proof(rehashed=False), formats)
    assert said == "16 records in 16 buckets of 1, compared by the stored hashes at 23 Nov 2026, 08:12:00."


def test_when_every_byte_was_hashed_is_told_beside_a_quicker_proof(formats: Formats) -> None:
    assert hashed_words(None, formats) == "The stored bytes of every record are hashed once a night."
    told = hashed_words(proof(), formats)
    assert told == "The bytes of every record last hashed at 08:12: identical. It is done each night."
    assert "not all identical" in hashed_words(proof(identical=False), formats)
