"""What is fixed about HubSpot's types of objects, in every account."""

from __future__ import annotations

from collections.abc import Mapping

#: Version of the date-based paths. The older numbered ones end in 2027.
VERSION = "2026-09"

#: Files on notes. HubSpot has no such object: a note lists the ids of its files.
ATTACHMENTS = "attachments"
NOTES = "notes"
CONTACTS = "contacts"
OWNER = "hubspot_owner_id"

#: One of them to all of them, as a mapping may call what a row is linked to.
PLURALS: Mapping[str, str] = {
    "company": "companies",
    "contact": CONTACTS,
    "deal": "deals",
    "ticket": "tickets",
    "note": NOTES,
    "task": "tasks",
    "order": "orders",
    "invoice": "invoices",
    "lead": "leads",
    "quote": "quotes",
    "line_item": "line_items",
}

#: What webhooks and the journal call an object. Objects of the account's own stand in a mapping by such an id.
TYPE_IDS: Mapping[str, str] = {
    "0-1": CONTACTS,
    "0-2": "companies",
    "0-3": "deals",
    "0-5": "tickets",
    "0-8": "line_items",
    "0-14": "quotes",
    "0-27": "tasks",
    "0-46": NOTES,
    "0-53": "invoices",
    "0-123": "orders",
    "0-136": "leads",
}

#: Property that names a stage, and the one that names the pipeline it is of.
PIPELINE_OF: Mapping[str, str] = {"dealstage": "pipeline", "hs_pipeline_stage": "hs_pipeline"}

#: Properties that hold HTML where the contract has text.
HTML = frozenset({"hs_note_body", "hs_task_body"})

#: What has to be given when a record is made, and is the present instant unless somebody says otherwise.
DATED: Mapping[str, str] = {NOTES: "hs_timestamp", "tasks": "hs_timestamp"}


def path_of(obj: str) -> str:
    """Return the name of an object in paths."""
    return NOTES if obj == ATTACHMENTS else obj


def modified_of(obj: str) -> str:
    """Return the property that tells when a record was written last."""
    return "lastmodifieddate" if obj == CONTACTS else "hs_lastmodifieddate"


def is_id(text: str) -> bool:
    """Tell whether a text can be an id of HubSpot's."""
    return text.isascii() and text.isdecimal() and len(text) <= 19


#: Digits a file's id takes at the end of an attachment's.
_FILE_DIGITS = 20


def attachment_id(note: str, file: str) -> str:
    """Return the id of a file on a note: a number, so that ids of one note follow one another."""
    return f"{note}{int(file):0{_FILE_DIGITS}d}"


def note_and_file(attachment: str) -> tuple[str, str]:
    """Take an attachment's id apart; empty texts where it is none."""
    note, file = attachment[:-_FILE_DIGITS], attachment[-_FILE_DIGITS:]
    if is_id(note) and file.isascii() and file.isdecimal():
        return note, str(int(file))
    return "", ""


def file_ids(values: Mapping[str, object]) -> list[str]:
    """Return the files a note lists, in the order of their ids."""
    listed = str(values.get("hs_attachment_ids") or "").split(";")
    return sorted({one.strip() for one in listed if is_id(one.strip())}, key=int)
