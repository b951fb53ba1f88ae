"""How the client stands, in words: the chip at the top right, the banner, and what a proof says."""

from __future__ import annotations

from typing import assert_never

from app.services.format import Formats, plural
from app.services.views_model import FirstSyncProgress, Freshness, Mode, Notice, Proof, ProofWords, Status


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
            parts.append(f"{source.label}: {source.stale_reason}")
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
    checked = f"checked {formats.time(proof.at)} in {max(proof.seconds, 0.1):.1f} s"
    read = "; ".join(
        f"{source.label} last read at {formats.time(source.read_at)}"
        for source in proof.sources
        if source.read_at
    )
    if proof.inconclusive:
        note = (
            proof.note or "Something changed meanwhile, so nothing is claimed. It is checked again by itself."
        )
        return ProofWords("neutral", "Not compared to the end", note, checked)
    if proof.identical:
        how = "stored bytes hashed afresh" if proof.rehashed else "stored hashes compared"
        mended = f"{plural(proof.repaired, 'record')} fetched again. " if proof.repaired else ""
        detail = f"{mended}{how[:1].upper()}{how[1:]}{'; ' + read if read else ''}."
        return ProofWords("ok", f"Identical to the gateway at {formats.time(proof.at)}", detail, checked)
    return ProofWords("warn", f"{same} of {total} buckets identical", _different(proof), checked)


def _different(proof: Proof) -> str:
    if proof.note:
        return proof.note
    return (
        f"{plural(proof.repaired, 'record')} fetched again."
        if proof.repaired
        else "What differs is fetched now."
    )
