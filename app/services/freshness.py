"""How the client stands, in words: the chip at the top right, the banner, and what a proof says."""

from __future__ import annotations

from typing import assert_never

from app.contract.changes import Source
from app.services.captured import span
from app.services.format import TIED, Formats
from app.services.sources import not_reached, stale_words
from app.services.views_model import (
    BucketProof,
    FirstSyncProgress,
    Freshness,
    Mode,
    Notice,
    Proof,
    ProofWords,
    Status,
)


def freshness(status: Status, formats: Formats, progress: FirstSyncProgress | None = None) -> Freshness:
    """Return the chip. `why` says why it is not live, and how old each source's truth is."""
    as_of = formats.time(status.as_of) if status.as_of else ""
    tail = formats.tr(" · as of {as_of}").format(as_of=as_of) if as_of else ""
    why = " ".join(
        formats.tr(part)
        for part in (status.cause, status.kept, status.next_step, _sources(status, formats))
        if part
    )
    match status.mode:
        case Mode.FIRST_SYNC:
            share = f" · {percent(progress)} %" if progress and progress.total else ""
            return Freshness("first", formats.tr("First sync{share}").format(share=share), why)
        case Mode.LIVE if not_reached(status, formats.tr):
            return Freshness(
                "partly",
                formats.tr("Live · {not_reached} not reached").format(
                    not_reached=not_reached(status, formats.tr)
                ),
                why,
            )
        case Mode.LIVE | Mode.SYNCING if status.proven_at is not None:
            return Freshness(
                "proven",
                formats.tr("Live · proven identical {time}").format(time=formats.time(status.proven_at)),
                why,
            )
        case Mode.LIVE:
            return Freshness("live", formats.tr("Live{tail}").format(tail=tail), why)
        case Mode.SYNCING:
            return Freshness("syncing", formats.tr("Syncing{tail}").format(tail=tail), why)
        case Mode.OFFLINE:
            return Freshness("offline", formats.tr("Offline{tail}").format(tail=tail), why)
        case Mode.SIGN_IN:
            return Freshness("sign_in", formats.tr("Sign in{tail}").format(tail=tail), why)
        case Mode.PROBLEM:
            return Freshness("problem", formats.tr("Needs attention{tail}").format(tail=tail), why)
        case _:
            assert_never(status.mode)


def _sources(status: Status, formats: Formats) -> str:
    parts = []
    for source in status.sources:
        if source.stale_reason:
            parts.append(stale_words(source, "", formats))
        elif source.read_at is not None:
            parts.append(
                formats.tr("{label} last read at {time}.").format(
                    label=source.label, time=formats.time(source.read_at)
                )
            )
    return " ".join(parts)


def percent(progress: FirstSyncProgress) -> int:
    """Return the whole per cent of a first sync; 100 only when it is done."""
    if progress.total <= 0:
        return 0
    return min(99 if progress.done < progress.total else 100, progress.done * 100 // progress.total)


def notice(status: Status, formats: Formats, locks_in: int | None = None) -> Notice | None:
    """Return the banner for what holds for the whole window, or None.

    `locks_in`: in how many days the account locks unless the gateway is reached, when that is near.
    """
    match status.mode:
        case Mode.OFFLINE:
            since = _offline_since(status, formats)
            kept = _joined(
                formats.tr("Everything you enter is saved here and sent when you are back."),
                _lock_words(locks_in, formats),
            )
            if status.by_choice:
                return Notice(
                    "warn",
                    "wifi-off",
                    formats.tr("Offline since {since}, as you chose. {kept}").format(since=since, kept=kept),
                    "online",
                    formats.tr("Go online"),
                )
            return Notice(
                "warn",
                "wifi-off",
                formats.tr("Offline since {since}. {kept}").format(since=since, kept=kept),
                "why",
                formats.tr("Why offline?"),
            )
        case Mode.SIGN_IN:
            text = _joined(
                formats.tr(status.cause or "Your session has ended."),
                formats.tr(status.kept),
                _lock_words(locks_in, formats),
            )
            return Notice("warn", "login", text, "sign_in", formats.tr("Sign in"))
        case Mode.PROBLEM:
            text = _joined(
                formats.tr(status.cause or "Sync has stopped."),
                formats.tr(status.kept),
                formats.tr(status.next_step),
            )
            if status.missing:
                return Notice("bad", "alert-triangle", text, "remove", formats.tr("Remove them"))
            return Notice("bad", "alert-triangle", text, "why", formats.tr("Details"))
        case Mode.FIRST_SYNC if status.cause:
            text = _joined(
                formats.tr(status.cause),
                formats.tr("What has arrived is kept, and it goes on from here."),
                _lock_words(locks_in, formats),
            )
            return Notice("warn", "wifi-off", text, "why", formats.tr("Why?"))
        case Mode.FIRST_SYNC | Mode.LIVE | Mode.SYNCING:
            return clock_notice(status.clock_off, formats)
        case _:
            assert_never(status.mode)


def _lock_words(locks_in: int | None, formats: Formats) -> str:
    if locks_in is None:
        return ""
    return formats.tr.plural(
        locks_in,
        "This account locks within %n day unless its gateway is reached.",
        "This account locks within %n days unless its gateway is reached.",
    )


def clock_notice(minutes: int, formats: Formats) -> Notice | None:
    """Return the banner about this computer's clock; None while it is right. `minutes`: ahead, negative: behind."""
    if not minutes:
        return None
    tr = formats.tr
    words = (
        tr("This computer’s clock is {span} ahead.")
        if minutes > 0
        else tr("This computer’s clock is {span} behind.")
    )
    means = tr(
        "Days are reckoned by the gateway’s. What you enter is kept, with this computer’s time. Set the clock."
    )
    return Notice("warn", "clock", f"{words.format(span=span(minutes, formats))} {means}", "", "")


def _offline_since(status: Status, formats: Formats) -> str:
    """*08:12*, and by which clock where that is wrong: it is this computer's."""
    since, off = formats.since(status.since), status.clock_off
    if not off:
        return since
    words = (
        formats.tr("{since} by this computer’s clock, which is {span} ahead")
        if off > 0
        else formats.tr("{since} by this computer’s clock, which is {span} behind")
    )
    return words.format(since=since, span=span(off, formats))


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def proof_words(proof: Proof, formats: Formats) -> ProofWords:
    """Return a proof as it is told. It claims what was compared, and names how old the vendor's own systems are."""
    total = sum(len(entity.identical) for entity in proof.entities)
    same = sum(sum(entity.identical) for entity in proof.entities)
    when = formats.since(proof.at)
    lasted = formats.tr("checked {when} in {seconds} s").replace("{seconds} s", f"{{seconds}}{TIED}s")
    checked = lasted.format(when=when, seconds=formats.decimal(max(proof.seconds, 0.1)))
    read = "; ".join(_read(source, formats) for source in proof.sources if source.read_at)
    if proof.inconclusive:
        note = formats.tr(proof.note) or formats.tr(
            "Something changed meanwhile, so nothing is claimed. It is checked again by itself."
        )
        return ProofWords("neutral", formats.tr("Not compared to the end"), note, checked)
    how = formats.tr("stored bytes hashed afresh") if proof.rehashed else formats.tr("stored hashes compared")
    mended = (
        formats.tr.plural(proof.repaired, "%n record fetched again.", "%n records fetched again.") + " "
        if proof.repaired
        else ""
    )
    detail = f"{mended}{how[:1].upper()}{how[1:]}{'; ' + read if read else ''}."
    if proof.identical:
        return ProofWords(
            "ok", formats.tr("Identical to the gateway at {when}").format(when=when), detail, checked
        )
    different = _different(proof, formats) if not read else f"{_different(proof, formats)} {read}."
    return ProofWords(
        "warn",
        formats.tr("{same} of {total} buckets identical").format(same=same, total=total),
        different,
        checked,
    )


def _read(source: Source, formats: Formats) -> str:
    """*Halden's CRM last read at 09:40*, and why not since when something stands in the way."""
    assert source.read_at is not None
    stale = f" ({formats.tr(source.stale_reason).rstrip('.')})" if source.stale_reason else ""
    return formats.tr("{label} last read at {since}{stale}").format(
        label=source.label, since=formats.since(source.read_at), stale=stale
    )


def bucket_words(entity: BucketProof, proof: Proof, formats: Formats) -> str:
    """Return what was compared of one kind of record, and what differed and became of it, bucket by bucket."""
    how = formats.tr("by hashing the stored bytes") if proof.rehashed else formats.tr("by the stored hashes")
    counts = entity.counts or (0,)
    sizes = (
        formats.tr("{least} to {most}").format(least=min(counts), most=max(counts))
        if min(counts) != max(counts)
        else f"{min(counts)}"
    )
    size = formats.tr("{records} in {buckets} buckets of {sizes}").format(
        records=formats.tr.plural(entity.records, "%n record", "%n records"),
        buckets=len(entity.identical),
        sizes=sizes,
    )
    told = [
        formats.tr("{size}, compared {how} at {exact}.").format(
            size=size, how=how, exact=formats.exact(proof.at)
        )
    ]
    for index, identical in enumerate(entity.identical):
        mended = entity.mended[index] if index < len(entity.mended) else 0
        if not identical:
            again = (
                formats.tr.plural(
                    mended, "; %n record fetched again in vain", "; %n records fetched again in vain"
                )
                if mended
                else ""
            )
            told.append(
                formats.tr("Bucket {index} still differs{again}.").format(
                    index=format(index, "X"), again=again
                )
            )
        elif mended:
            words = formats.tr.plural(
                mended,
                "Bucket {index}: %n record differed and was fetched again.",
                "Bucket {index}: %n records differed and were fetched again.",
            )
            told.append(words.format(index=format(index, "X")))
    return " ".join(told)


def hashed_words(hashed: Proof | None, formats: Formats) -> str:
    """Return when the bytes of all records were hashed last: a proof by stored hashes does not see bytes that rot."""
    if hashed is None:
        return formats.tr("The stored bytes of every record are hashed once a night.")
    found = formats.tr("identical") if hashed.identical else formats.tr("not all identical")
    return formats.tr(
        "The bytes of every record last hashed at {since}: {found}. It is done each night."
    ).format(since=formats.since(hashed.at), found=found)


def _different(proof: Proof, formats: Formats) -> str:
    if proof.note:
        return formats.tr(proof.note)
    if not proof.repaired:
        return formats.tr("What differs is fetched now.")
    return formats.tr.plural(proof.repaired, "%n record fetched again.", "%n records fetched again.")
