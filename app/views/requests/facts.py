"""What stands beside a conversation, read from the request and the manifest."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from app.contract.manifest import EntityType, FieldType
from app.services.portal import Portal
from app.services.views_model import FileView, MessageView, RecordView
from app.views.widgets.key_value import Fact

_DUE = "due_at"
_NOTHING: tuple[object, ...] = ("", None, [])


def _said(words: str) -> str:
    return QCoreApplication.translate("RequestFacts", words)


def facts_of(
    portal: Portal, record: RecordView, messages: Sequence[MessageView], files: Sequence[FileView]
) -> list[Fact]:
    """Return the manifest's detail fields of a request, then who takes part and which files it has."""
    entity = portal.entity(record.entity)
    shown = [name for name in entity.detail if name != _DUE and record.data.get(name) not in _NOTHING]
    facts = [_fact(portal, entity, record, name) for name in shown]
    people = list(dict.fromkeys(message.author for message in messages))
    if people:
        facts.append(Fact(_said("People"), ", ".join(people)))
    if files:
        size = portal.formats.size(sum(file.size for file in files))
        facts.append(Fact(_said("Files"), f"{len(files)} · {size}"))
    return facts


def _fact(portal: Portal, entity: EntityType, record: RecordView, name: str) -> Fact:
    spec = entity.field(name)
    label = spec.label if spec is not None else name
    words = portal.records.value_words(entity.name, name, record.data)
    refers = spec is not None and spec.type is FieldType.REFERENCE
    target = portal.records.get(str(record.data[name])) if refers else None
    if target is None:
        return Fact(label, words)
    # Within a request its customer is known; what tells deals apart is what is sold.
    return Fact(label, target.subtitle or target.title, link=name)
