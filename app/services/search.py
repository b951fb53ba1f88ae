"""One search over everything that is kept on this computer, the text of documents included."""

from __future__ import annotations

import re

from app.services.context import PortalContext
from app.services.narrowed import narrowed
from app.services.one_line import answer
from app.services.records import Records
from app.services.views_model import Covers, Hit, RecordView, Target
from app.store.query import list_order, text_condition

_LONGEST = 90
_LONGEST_TITLE = 48
_WORD = re.compile(r"\w+", re.UNICODE)


class SearchService:
    """Full-text search, offline."""

    def __init__(self, context: PortalContext, records: Records) -> None:
        self._context = context
        self._store = context.store
        self._records = records

    def query(self, text: str, limit: int = 20) -> list[Hit]:
        """Return the best matches; messages and files lead to the record they belong to, each record once.

        Records of the kind that the search names (*order norvik*) lead.
        """
        hits = {hit.gid: hit for hit in self._of_kind(text, limit)}
        found = self._store.search.find(text, limit * 3)
        shown = self._store.projection.many([item.gid for item in found])
        for item in found:
            if item.gid not in shown or len(hits) == limit:
                continue
            record = self._context.view(shown[item.gid])
            parent = self._parent(record)
            hit = self._hit(parent or record, text, item.excerpt, child=record if parent else None)
            hits.setdefault(hit.gid, hit)
        return list(hits.values())

    def _of_kind(self, text: str, limit: int) -> list[Hit]:
        entity, rest = narrowed(self._context.manifest, text)
        if entity is None:
            return []
        order = list_order(entity, "").key
        ids = self._store.projection.ids(entity.name, text_condition(rest), order, limit)
        return [self._hit(record, rest, "", child=None) for record in self._records.rows(ids)]

    def _parent(self, record: RecordView) -> RecordView | None:
        gid = record.data.get("parent")
        shown = self._store.projection.get(str(gid)) if gid else None
        return self._context.view(shown) if shown else None

    def _hit(self, record: RecordView, text: str, excerpt: str, *, child: RecordView | None) -> Hit:
        entity = self._context.manifest.entity(record.entity)
        title, detail = record.title, record.subtitle
        # A deal is known by what is sold as much as by its customer: show the half that matched first.
        if not ranges(title, text) and ranges(detail, text) and len(detail) <= _LONGEST_TITLE:
            title, detail = detail, title
        told = answer(self._context, self._records, record).words if child is None else ""
        about = [detail, told]
        if child is not None:
            about = [record.number, child.title]
        elif ranges(record.number, text) and record.number not in (title, detail):
            about = [record.number, *about]
        elif not ranges(title, text) and not ranges(detail, text):
            # The words stand somewhere inside: show where.
            about = [" ".join(excerpt.split()) or record.number, told if record.state_label else ""]
        return Hit(
            gid=record.gid,
            entity=record.entity,
            icon=entity.icon if entity else "file",
            title=title,
            detail=" · ".join(_short(part) for part in about if part),
            sync=record.sync,
            ranges=ranges(title, text),
            target=Target(record.entity, gid=record.gid),
        )

    def covers(self) -> Covers:
        """Return what is searched, for the line below the results."""
        coverage = self._store.search.coverage()
        records, documents = coverage.records, coverage.documents
        words = self._context.tr("Searches everything kept on this computer: {records}").format(
            records=self._context.tr.plural(records, "%n record", "%n records")
        )
        if documents:
            words += self._context.tr(", the text of {documents}").format(
                documents=self._context.tr.plural(documents, "%n document", "%n documents")
            )
        return Covers(records, documents, words)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def ranges(title: str, text: str) -> tuple[tuple[int, int], ...]:
    """Return where words of `title` begin with a word of `text`, in order."""
    wanted = [word.casefold() for word in _WORD.findall(text)]
    found: list[tuple[int, int]] = []
    for match in _WORD.finditer(title):
        length = max((len(w) for w in wanted if match.group().casefold().startswith(w)), default=0)
        if length:
            found.append((match.start(), match.start() + length))
    return tuple(found)
