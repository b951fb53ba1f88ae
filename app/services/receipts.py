"""Signed evidence in the user's words: what is attested, whose clock says so, and whose signature it bears."""

from __future__ import annotations

from app.contract.errors import Refused
from app.contract.evidence import Evidence, Verdict, check, fingerprint, to_file
from app.contract.mutations import Status
from app.contract.receipts import Receipt, ReceiptBody
from app.services.context import PortalContext
from app.services.timeline import said
from app.services.views_model import ReceiptFact, ReceiptView, Tone
from app.store.receipts import KeptReceipt


class ReceiptService:
    """Receipts of what this user asked for from this computer."""

    def __init__(self, context: PortalContext) -> None:
        self._context = context
        self._store = context.store

    def view(self, mutation_id: str) -> ReceiptView | None:
        """Return a receipt as it is told; None for what was never answered with one."""
        kept = self._store.receipts.get(mutation_id)
        trace = self._store.receipts.trace(mutation_id)
        if kept is None and (trace is None or not trace.name):
            return None
        if kept is None:
            assert trace is not None
            exact = self._context.formats.exact(trace.captured_at)
            captured = ReceiptFact("Captured", exact, "this computer’s clock")
            return ReceiptView(
                mutation_id,
                trace.name,
                self._about(mutation_id),
                here=False,
                tone=Tone.NEUTRAL,
                headline="Not on this computer yet",
                detail=f"{self._context.vendor}’s gateway keeps it; it is fetched and checked when you are online.",
                facts=(captured,),
            )
        return self._of(kept)

    def find(self, wanted: str) -> str:
        """Return the mutation of a receipt named *R-7F3C*, or by the mutation's own id. Raises Refused."""
        if self._store.receipts.get(wanted) is not None:
            return wanted
        named = [
            kept.receipt.body.mutation_id
            for kept in self._store.receipts.all()
            if Evidence(kept.receipt).name == wanted.upper()
        ]
        if len(named) == 1:
            return named[0]
        why = "Several receipts on this computer are" if named else "No receipt on this computer is"
        raise Refused(
            f"{why} called {wanted}.",
            kept="Nothing was changed.",
            next_step="Open the record and its receipt while you are online.",
        )

    def export(self, mutation_id: str) -> str:
        """Return the text of a file that anybody can check. Raises Refused when the receipt is not here."""
        kept = self._store.receipts.get(mutation_id)
        if kept is None:
            raise Refused(
                "This receipt is not on this computer yet.",
                kept=f"{self._context.vendor}’s gateway keeps it.",
                next_step="Open it while you are online.",
                code="not_here",
            )
        return to_file(kept.receipt)

    def trust(self, key: str) -> None:
        """Take receipts of another key from now on; a person has compared its fingerprint."""
        self._store.receipts.trust(key, self._context.now())

    def _about(self, mutation_id: str) -> str:
        settled = self._store.outbox.settled(mutation_id)
        item = self._store.outbox.get(mutation_id) if settled is None else None
        mutation = settled.mutation if settled is not None else item.mutation if item is not None else None
        if mutation is None:
            return ""
        return said(self._context.manifest.entity(mutation.entity), mutation)

    def _of(self, kept: KeptReceipt) -> ReceiptView:
        receipt, evidence = kept.receipt, Evidence(kept.receipt)
        # Checked each time it is shown: what is claimed of it is true of the bytes that are here now.
        verdict = check(evidence)
        if verdict is Verdict.VALID:
            tone, headline = Tone.OK, "Signed, and nothing in it was changed"
            detail = "Signature and path to the signed root were checked on this computer."
        else:
            tone, headline = Tone.BAD, "This receipt does not hold"
            detail = "What is stored here is not what was signed. Do not rely on it."
        return ReceiptView(
            receipt.body.mutation_id,
            evidence.name,
            self._about(receipt.body.mutation_id),
            here=True,
            tone=tone,
            headline=headline,
            detail=detail,
            facts=(*self._times(receipt.body), *self._signed(receipt, kept)),
        )

    def _times(self, body: ReceiptBody) -> tuple[ReceiptFact, ...]:
        exact, gateway = self._context.formats.exact, f"{self._context.vendor}’s gateway’s clock"
        ahead = body.captured_at > body.received_at
        mine = "this computer’s clock, which ran ahead" if ahead else "this computer’s clock"
        written = (
            ReceiptFact("Written", exact(body.written_at), gateway)
            if body.written_at is not None
            else ReceiptFact("Written", "Not written")
        )
        return (
            ReceiptFact("Outcome", outcome_words(body.status, f"{self._context.vendor}’s CRM")),
            ReceiptFact("Captured", exact(body.captured_at), mine),
            ReceiptFact("Received", exact(body.received_at), gateway),
            written,
        )

    def _signed(self, receipt: Receipt, kept: KeptReceipt) -> tuple[ReceiptFact, ...]:
        known = next((one for one in self._store.receipts.known_keys() if one.key == receipt.key), None)
        day = self._context.formats.day
        since = f"known here since {day(self._context.formats.local(known.since).date())}" if known else ""
        return (
            ReceiptFact("Signed by", fingerprint(receipt.key), since or "a key that is not known here"),
            ReceiptFact("Content", f"SHA-256 {receipt.body.body_hash}"),
            ReceiptFact("Mutation", receipt.body.mutation_id),
            ReceiptFact("Fetched", self._context.formats.exact(kept.kept_at)),
        )


def outcome_words(status: str, system: str) -> str:
    """Return what an attested status means: *Applied, written to Halden’s CRM*."""
    match status:
        case Status.APPLIED:
            return f"Applied, written to {system}"
        case Status.MERGED:
            return f"Merged with another change and written to {system}"
        case Status.CONFLICT:
            return "Clashed with another change; not written"
        case Status.REJECTED:
            return "Refused; not written"
        case Status.GONE:
            return "The record was gone; not written"
        case _:
            return status
