"""Messages in Odoo's chatter: posting one once, finding it again, and what the chatter remembers of a row.

A message is posted, not created, so that the row's followers are told. What makes it ours is its Message-Id. Odoo gives
other messages a Message-Id that names the row it was written on, which stays when a merge of two rows moves it: so it
can be told where a row went.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from gateway.crm.odoo.client import Client
from gateway.crm.odoo.computed import message_id
from gateway.crm.odoo.errors import OdooSaid, translated
from gateway.crm.odoo.models import Models
from gateway.crm.odoo.reading import Reader
from gateway.crm.odoo.values import moment, row_id, to_html
from gateway.crm.port import Actor, FieldChange, Ref

MESSAGES = "mail.message"


class Messages:
    """The chatter."""

    def __init__(self, client: Client, models: Models, reader: Reader, label: str) -> None:
        self._client = client
        self._models = models
        self._reader = reader
        self._label = label

    def find(self, marker: str) -> int | None:
        """Return the oldest message posted with that marker."""
        found = self._reader.search(MESSAGES, [["message_id", "=", message_id(marker)]], ["id"], limit=1)
        return int(found[0]["id"]) if found else None

    def post(self, model: str, key: int, fields: Mapping[str, Any], marker: str, actor: Actor) -> int:
        """Post a message that everybody may read. Raises CrmMissing, CrmRefused, CrmUnavailable."""
        there = self.find(marker)
        if there is not None:
            return there
        author = row_id(str(fields.get("author_id") or actor.id))
        try:
            self._client.call(
                model,
                "message_post",
                [key],
                body=to_html(str(fields.get("body") or "")),
                body_is_html=True,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                message_id=message_id(marker),
                **({"author_id": author} if author else {}),
                # The API user is nobody who reads answers.
                context={"mail_post_autofollow_author_skip": True},
            )
        except OdooSaid as error:
            raise translated(error.what, self._label, writing=True) from error
        return self._only(marker)

    def _only(self, marker: str) -> int:
        """Two that post the same at once see each other's message by now: the later one goes."""
        found = self._reader.search(MESSAGES, [["message_id", "=", message_id(marker)]], ["id"])
        for other in found[1:]:
            with suppress(OdooSaid):
                self._client.call(MESSAGES, "unlink", [other["id"]])
        return int(found[0]["id"])

    def moved_to(self, model: str, key: int) -> Ref | None:
        """Return the row that has messages of a row which is gone, or a note that the row was merged into it."""
        traces: list[Any] = [["message_id", "=like", f"%-openerp-{key}-{model}@%"]]
        if model == "res.partner":
            # What Odoo notes of contacts names none of them in its Message-Id, but a merge is noted with their ids.
            traces = [
                "|",
                *traces,
                "&",
                ["message_type", "=", "notification"],
                ["body", "like", f"(ID {key})"],
            ]
        found = self._reader.search(
            MESSAGES,
            [["model", "=", model], ["res_id", "not in", [key, 0, False]], *traces],
            ["res_id"],
            order="id desc",
            limit=1,
        )
        return Ref(model, str(found[0]["res_id"])) if found else None

    def changes(self, model: str, key: int, properties: Sequence[str]) -> Mapping[str, FieldChange]:
        """Return who changed properties last, of those that Odoo tracks."""
        heads = {name.partition(".")[0]: name for name in properties}
        rows = self._reader.search(
            "mail.tracking.value",
            [
                ["mail_message_id.model", "=", model],
                ["mail_message_id.res_id", "=", key],
                ["field_id.name", "in", sorted(heads)],
            ],
            ["field_id", "create_date", "create_uid"],
        )
        ids = [row["field_id"][0] for row in rows if row["field_id"]]
        names = self._reader.by_id("ir.model.fields", ids, ["name"]) if ids else {}
        found: dict[str, FieldChange] = {}
        for row in rows:
            name = heads.get(str(names.get(row["field_id"][0], {}).get("name"))) if row["field_id"] else None
            if name:
                by = row["create_uid"][1] if row["create_uid"] else self._label
                found[name] = FieldChange(name, by, moment(row["create_date"]), self._label)
        return found
