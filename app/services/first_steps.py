"""What one tries first: at most four real actions, ticked off by doing them.

Offered once, after the first sync on this computer; which of them were done, and that somebody had enough of it, is
kept with the account.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.contract.manifest import Filter, Manifest
from app.services.context import PortalContext, file_field, is_paper
from app.services.prefs import Prefs
from app.store.query import Condition, QueryContext, chip_condition

_KEY = "first_steps"

CREATE, KEEP, OFFLINE, PALETTE = "create", "keep", "offline", "palette"


@dataclass(frozen=True)
class FirstStep:
    """One thing to try. `name` is one of the four; `entity` is what it is about, where it is about one."""

    name: str
    label: str
    icon: str
    entity: str
    done: bool


class FirstSteps:
    """Reads and remembers."""

    def __init__(self, context: PortalContext) -> None:
        self._context = context
        self._prefs = Prefs(context.store)

    def begin(self) -> None:
        """The first sync has ended here: offer them from now on."""
        if self._prefs.get(_KEY) is None:
            self._prefs.set(_KEY, {"done": []})

    def dismiss(self) -> None:
        """Somebody had enough of them."""
        self._prefs.set(_KEY, {"done": sorted(self._done()), "dismissed": True})

    def bring_back(self) -> None:
        """Undo `dismiss`."""
        self._prefs.set(_KEY, {"done": sorted(self._done())})

    def did(self, name: str) -> bool:
        """One was done, wherever. Returns whether that is news."""
        known = self._prefs.get(_KEY)
        if known is None or name in self._done():
            return False
        self._prefs.set(_KEY, {**known, "done": sorted({*self._done(), name})})
        return True

    def steps(self) -> tuple[FirstStep, ...]:
        """Return the steps, or nothing when they were never offered, were dismissed, or are all done."""
        known = self._prefs.get(_KEY)
        if not isinstance(known, dict) or known.get("dismissed"):
            return ()
        self._look()
        found = tuple(self._all())
        return () if all(step.done for step in found) else found

    def _done(self) -> frozenset[str]:
        known = self._prefs.get(_KEY)
        done = known.get("done") if isinstance(known, dict) else None
        return frozenset(str(name) for name in done) if isinstance(done, list) else frozenset()

    def _all(self) -> list[FirstStep]:
        tr, manifest, done = self._context.tr, self._context.manifest, self._done()
        found = []
        job = next((job for job in manifest.jobs if job.does == "create"), None)
        if job is not None:
            found.append(FirstStep(CREATE, job.label, job.icon, job.entity, CREATE in done))
        papers = paper_type(manifest)
        if papers:
            found.append(FirstStep(KEEP, tr("Keep a document offline"), "pin", papers, KEEP in done))
        found.append(FirstStep(OFFLINE, tr("Work offline for a moment"), "wifi-off", "", OFFLINE in done))
        found.append(FirstStep(PALETTE, tr("Find anything"), "search", "", PALETTE in done))
        return found

    def _look(self) -> None:
        """What can be read from the records is ticked off wherever it was done."""
        manifest, store = self._context.manifest, self._context.store
        job = next((job for job in manifest.jobs if job.does == "create"), None)
        if job is not None and CREATE not in self._done():
            born = Condition("record.version IS NULL AND record.sync <> 'draft'")
            if store.projection.ids(job.entity, born, most=1):
                self.did(CREATE)
        papers = manifest.entity(paper_type(manifest))
        field = file_field(papers)
        if papers is not None and field is not None and KEEP not in self._done():
            query = QueryContext(papers, self._context.me.user, self._context.formats.today())
            kept = chip_condition(query, (Filter(op="kept", field=field.name),))
            if store.projection.ids(papers.name, kept, most=1):
                self.did(KEEP)


def paper_type(manifest: Manifest) -> str:
    """Return the entity type whose records are files of the vendor's; empty where there is none."""
    return next((entity.name for entity in manifest.entities if entity.nav and is_paper(entity)), "")
