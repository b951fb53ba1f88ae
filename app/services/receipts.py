"""Signed evidence in the user's words: what is attested, whose clock says so, and whose signature it bears."""

from __future__ import annotations

from app.contract.errors import Refused
from app.contract.evidence import Evidence, Verdict, check, fingerprint, to_file
from app.contract.mutations import Status
from app.contract.receipts import Receipt, ReceiptBody
from app.services.captured import span
from app.services.context import PortalContext
from app.services.timeline import done_words
from app.services.views_model import ReceiptFact, ReceiptView, Tone
from app.services.words import Words
from app.store.receipts import KeptReceipt

#: How the names of exported receipts end; packages tell the desktop that such files open here.
RECEIPT_ENDING = ".counterpart-receipt"


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
            captured = ReceiptFact(self._context.tr("Captured"), exact, self._our_clock(mutation_id))
            return ReceiptView(
                mutation_id,
                trace.name,
                self._about(mutation_id),
                here=False,
                tone=Tone.NEUTRAL,
                headline=self._context.tr("Not on this computer yet"),
                detail=self._context.tr(
                    "{vendor}’s gateway keeps it; it is fetched and checked when you are online."
                ).format(vendor=self._context.vendor),
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
        why = (
            self._context.tr("Several receipts on this computer are")
            if named
            else self._context.tr("No receipt on this computer is")
        )
        raise Refused(
            self._context.tr("{why} called {wanted}.").format(why=why, wanted=wanted),
            kept=self._context.tr("Nothing was changed."),
            next_step=self._context.tr("Open the record and its receipt while you are online."),
        )

    def export(self, mutation_id: str) -> str:
        """Return the text of a file that anybody can check. Raises Refused when the receipt is not here."""
        kept = self._store.receipts.get(mutation_id)
        if kept is None:
            raise Refused(
                self._context.tr("This receipt is not on this computer yet."),
                kept=self._context.tr("{vendor}’s gateway keeps it.").format(vendor=self._context.vendor),
                next_step=self._context.tr("Open it while you are online."),
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
        entity = self._context.manifest.entity(mutation.entity)
        return done_words(entity, mutation, self._context.tr)

    def _of(self, kept: KeptReceipt) -> ReceiptView:
        receipt, evidence = kept.receipt, Evidence(kept.receipt)
        # Checked each time it is shown: what is claimed of it is true of the bytes that are here now.
        verdict = check(evidence)
        if verdict is Verdict.VALID:
            tone, headline = Tone.OK, self._context.tr("Signed, and nothing in it was changed")
            detail = self._context.tr("Signature and path to the signed root were checked on this computer.")
        else:
            tone, headline = Tone.BAD, self._context.tr("This receipt does not hold")
            detail = self._context.tr("What is stored here is not what was signed. Do not rely on it.")
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
        exact = self._context.formats.exact
        gateway = self._context.tr("{vendor}’s gateway’s clock").format(vendor=self._context.vendor)
        ahead = body.captured_at > body.received_at
        mine = self._our_clock(body.mutation_id, ahead=ahead)
        written = (
            ReceiptFact(self._context.tr("Written"), exact(body.written_at), gateway)
            if body.written_at is not None
            else ReceiptFact(self._context.tr("Written"), self._context.tr("Not written"))
        )
        return (
            ReceiptFact(
                self._context.tr("Outcome"),
                outcome_words(
                    body.status,
                    self._context.tr("{vendor}’s CRM").format(vendor=self._context.vendor),
                    self._context.tr,
                ),
            ),
            ReceiptFact(self._context.tr("Captured"), exact(body.captured_at), mine),
            ReceiptFact(self._context.tr("Received"), exact(body.received_at), gateway),
            written,
        )

    def _our_clock(self, mutation_id: str, *, ahead: bool = False) -> str:
        """Whose clock a capture was told by, and how wrong that was as far as it was known; `ahead` it was anyway."""
        tr, settled = self._context.tr, self._store.outbox.settled(mutation_id)
        off = settled.clock_off if settled is not None else 0
        if not off:
            return tr("this computer’s clock, which ran ahead") if ahead else tr("this computer’s clock")
        words = (
            tr("this computer’s clock, which was {span} ahead")
            if off > 0
            else tr("this computer’s clock, which was {span} behind")
        )
        return words.format(span=span(off, self._context.formats))

    def _signed(self, receipt: Receipt, kept: KeptReceipt) -> tuple[ReceiptFact, ...]:
        known = next((one for one in self._store.receipts.known_keys() if one.key == receipt.key), None)
        day = self._context.formats.day
        since = (
            self._context.tr("known here since {day}").format(
                day=day(self._context.formats.local(known.since).date())
            )
            if known
            else ""
        )
        return (
            ReceiptFact(
                self._context.tr("Signed by"),
                fingerprint(receipt.key),
                since or self._context.tr("a key that is not known here"),
            ),
            ReceiptFact(
                self._context.tr("Content"),
                f"SHA-256 {receipt.body.body_hash}",
            ),
            ReceiptFact(self._context.tr("Mutation"), receipt.body.mutation_id),
            ReceiptFact(self._context.tr("Fetched"), self._context.formats.exact(kept.kept_at)),
        )


def outcome_words(status: str, system: str, tr: Words) -> str:
    """Return what an attested status means: *Applied, written to Halden’s CRM*."""
    match status:
        case Status.APPLIED:
            return tr("Applied, written to {system}").format(system=system)
        case Status.MERGED:
            return tr("Merged with another change and written to {system}").format(system=system)
        case Status.CONFLICT:
            return tr("Clashed with another change; not written")
        case Status.REJECTED:
            return tr("Refused; not written")
        case Status.GONE:
            return tr("The record was gone; not written")
        case _:
            return status
