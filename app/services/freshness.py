"""How the client stands, in words: the chip at the top right, the banner, and what a proof says."""

from __future__ import annotations

from typing import assert_never

from app.contract.changes import Source
from app.services.format import Formats, plural
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
    tail = f" · as of {as_of}" if as_of else ""
    why = " ".join(
        part for part in (status.cause, status.kept, status.next_step, _sources(status, formats)) if part
    )
    match status.mode:
        case Mode.FIRST_SYNC:
            share = f" · {percent(progress)} %" if progress and progress.total else ""
            return Freshness("first", f"First sync{share}", why)
        case Mode.LIVE if not_reached(status):
            return Freshness("partly", f"Live · {not_reached(status)} not reached", why)
        case Mode.LIVE | Mode.SYNCING if status.proven_at is not None:
            return Freshness("proven", f"Live · proven identical {formats.time(status.proven_at)}", why)
        case Mode.LIVE:
            return Freshness("live", f"Live{tail}", why)
        case Mode.SYNCING:
            return Freshness("syncing", f"Syncing{tail}", why)
        case Mode.OFFLINE:
            return Freshness("offline", f"Offline{tail}", why)
        case Mode.SIGN_IN:
            return Freshness("sign_in", f"Sign in{tail}", why)
        case Mode.PROBLEM:
            return Freshness("problem", f"Needs attention{tail}", why)
        case _:
            assert_never(status.mode)


def _sources(status: Status, formats: Formats) -> str:
    parts = []
    for source in status.sources:
        if source.stale_reason:
            parts.append(stale_words(source, "", formats))
        elif source.read_at is not None:
            parts.append(f"{source.label} last read at {formats.time(source.read_at)}.")
    return " ".join(parts)


def percent(progress: FirstSyncProgress) -> int:
    """Return the whole per cent of a first sync; 100 only when it is done."""
    if progress.total <= 0:
        return 0
    return min(99 if progress.done < progress.total else 100, progress.done * 100 // progress.total)


def notice(status: Status, formats: Formats) -> Notice | None:
    """Return the banner for what holds for the whole window, or None."""
    match status.mode:
        case Mode.OFFLINE:
            since = formats.since(status.since)
            kept = "Everything you enter is saved here and sent when you are back."
            if status.by_choice:
                return Notice(
                    "warn", "wifi-off", f"Offline since {since}, as you chose. {kept}", "online", "Go online"
                )
            return Notice("warn", "wifi-off", f"Offline since {since}. {kept}", "why", "Why offline?")
        case Mode.SIGN_IN:
            text = _joined(status.cause or "Your session has ended.", status.kept)
            return Notice("warn", "login", text, "sign_in", "Sign in")
        case Mode.PROBLEM:
            text = _joined(status.cause or "Sync has stopped.", status.kept, status.next_step)
            if status.missing:
                return Notice("bad", "alert-triangle", text, "remove", "Remove them")
            return Notice("bad", "alert-triangle", text, "why", "Details")
        case Mode.FIRST_SYNC if status.cause:
            text = _joined(status.cause, "What has arrived is kept, and it goes on from here.")
            return Notice("warn", "wifi-off", text, "why", "Why?")
        case Mode.FIRST_SYNC | Mode.LIVE | Mode.SYNCING:
            return None
        case _:
            assert_never(status.mode)


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def proof_words(proof: Proof, formats: Formats) -> ProofWords:
    """Return a proof as it is told. It claims what was compared, and names how old the vendor's own systems are."""
    total = sum(len(entity.identical) for entity in proof.entities)
    same = sum(sum(entity.identical) for entity in proof.entities)
    when = formats.since(proof.at)
    checked = f"checked {when} in {max(proof.seconds, 0.1):.1f} s"
    read = "; ".join(_read(source, formats) for source in proof.sources if source.read_at)
    if proof.inconclusive:
        note = (
            proof.note or "Something changed meanwhile, so nothing is claimed. It is checked again by itself."
        )
        return ProofWords("neutral", "Not compared to the end", note, checked)
    how = "stored bytes hashed afresh" if proof.rehashed else "stored hashes compared"
    mended = f"{plural(proof.repaired, 'record')} fetched again. " if proof.repaired else ""
    detail = f"{mended}{how[:1].upper()}{how[1:]}{'; ' + read if read else ''}."
    if proof.identical:
        return ProofWords("ok", f"Identical to the gateway at {when}", detail, checked)
    different = _different(proof) if not read else f"{_different(proof)} {read}."
    return ProofWords("warn", f"{same} of {total} buckets identical", different, checked)


def _read(source: Source, formats: Formats) -> str:
    """*Halden's CRM last read at 09:40*, and why not since when something stands in the way."""
    assert source.read_at is not None
    stale = f" ({source.stale_reason.rstrip('.')})" if source.stale_reason else ""
    return f"{source.label} last read at {formats.since(source.read_at)}{stale}"


def bucket_words(entity: BucketProof, proof: Proof, formats: Formats) -> str:
    """Return what was compared of one kind of record, and what differed and became of it, bucket by bucket."""
    how = "by hashing the stored bytes" if proof.rehashed else "by the stored hashes"
    counts = entity.counts or (0,)
    sizes = f"{min(counts)} to {max(counts)}" if min(counts) != max(counts) else f"{min(counts)}"
    size = f"{plural(entity.records, 'record')} in {len(entity.identical)} buckets of {sizes}"
    told = [f"{size}, compared {how} at {formats.exact(proof.at)}."]
    for index, identical in enumerate(entity.identical):
        mended = entity.mended[index] if index < len(entity.mended) else 0
        if not identical:
            again = f"; {plural(mended, 'record')} fetched again in vain" if mended else ""
            told.append(f"Bucket {index:X} still differs{again}.")
        elif mended:
            verb = "was" if mended == 1 else "were"
            told.append(f"Bucket {index:X}: {plural(mended, 'record')} differed and {verb} fetched again.")
    return " ".join(told)


def hashed_words(hashed: Proof | None, formats: Formats) -> str:
    """Return when the bytes of all records were hashed last: a proof by stored hashes does not see bytes that rot."""
    if hashed is None:
        return "The stored bytes of every record are hashed once a night."
    found = "identical" if hashed.identical else "not all identical"
    return f"The bytes of every record last hashed at {formats.since(hashed.at)}: {found}. It is done each night."


def _different(proof: Proof) -> str:
    if proof.note:
        return proof.note
    return (
        f"{plural(proof.repaired, 'record')} fetched again."
        if proof.repaired
        else "What differs is fetched now."
    )
