"""One record on paper: what its detail says, its lines, its timeline and what was written about it."""

from __future__ import annotations

import html
from collections.abc import Iterable
from datetime import datetime

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice
from PySide6.QtGui import QFont, QPagedPaintDevice, QPdfWriter, QTextDocument

from app.services.portal import Portal
from app.services.views_model import Doubt, RecordView
from app.views.printing.list_pages import page_layout
from app.views.records.record.facts import facts_of, lines_of

_STYLE = """
body { color: #14171D; font-size: 9.5pt; }
h1 { font-size: 17pt; margin: 0 0 2pt 0; } h2 { font-size: 11pt; margin: 14pt 0 4pt 0; }
.soft { color: #626A79; } td { padding: 2pt 10pt 2pt 0; vertical-align: top; }
p { margin: 0 0 3pt 0; }
"""


def record_document(portal: Portal, record: RecordView, font: QFont) -> QTextDocument:
    """Return a record as a document; all that comes from the vendor's system is plain text in it."""
    document = QTextDocument()
    document.setDefaultFont(font)
    document.setDefaultStyleSheet(_STYLE)
    document.setHtml(record_html(portal, record))
    return document


def record_html(portal: Portal, record: RecordView) -> str:
    """Return the whole of it, in the order of the detail."""
    kind = portal.entity(record.entity)
    above = " · ".join(part for part in (kind.label, record.number, record.state_label) if part)
    parts = [f'<p class="soft">{_safe(above)}</p>', f"<h1>{_safe(record.title)}</h1>"]
    if record.subtitle:
        parts.append(f"<p>{_safe(record.subtitle)}</p>")
    facts = facts_of(portal, record, portal.records.files(record.gid))
    noted = ((fact.label, " · ".join(part for part in (fact.value, fact.note) if part)) for fact in facts)
    parts.append(_table(noted))
    for title, rows in lines_of(portal, record):
        parts += [f"<h2>{_safe(title)}</h2>", _table((row.label, row.value) for row in rows)]
    entries = portal.records.timeline(record.gid)
    if entries:
        when = ((_when(portal, entry.at, entry.doubt), entry.text) for entry in entries)
        parts += [f"<h2>{_safe(_tr('Timeline'))}</h2>", _table(when)]
    messages = portal.records.conversation(record.gid)
    if messages:
        parts.append(f"<h2>{_safe(_tr('Comments'))}</h2>")
    for message in messages:
        at = _when(portal, message.at, message.doubt)
        parts.append(f'<p><b>{_safe(message.author)}</b> <span class="soft">{_safe(at)}</span></p>')
        parts.append(f"<p>{_safe(message.body).replace(chr(10), '<br>')}</p>")
    words = _tr("From {vendor}'s portal, as this computer had it on {when}.")
    said = words.format(vendor=portal.vendor, when=portal.formats.stamp_of_day(portal.present()))
    parts.append(f'<p class="soft"><br>{_safe(said)}</p>')
    way = "rtl" if portal.formats.locale.text_direction == "rtl" else "ltr"
    return f'<body dir="{way}">{"".join(parts)}</body>'


def _when(portal: Portal, at: datetime | None, doubt: Doubt | None) -> str:
    """When something was, and what speaks against it."""
    told = (portal.formats.stamp_of_day(at) if at else "", doubt.words if doubt else "")
    return " · ".join(part for part in told if part)


def record_pdf(document: QTextDocument, title: str) -> bytes:
    """Return the document as a PDF."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    device = QPdfWriter(buffer)
    device.setTitle(title)
    print_document(document, device)
    buffer.close()
    return bytes(data.data())


def print_document(document: QTextDocument, device: QPagedPaintDevice) -> None:
    """Put a document on paper with the margins of the lists."""
    device.setPageLayout(page_layout(lying=False))
    document.print_(device)


def _table(rows: Iterable[tuple[str, str]]) -> str:
    lines = (f'<tr><td class="soft">{_safe(one)}</td><td>{_safe(other)}</td></tr>' for one, other in rows)
    return f'<table cellspacing="0">{"".join(lines)}</table>'


def _safe(words: str) -> str:
    return html.escape(words)


def _tr(words: str) -> str:
    return QCoreApplication.translate("RecordPaper", words)
