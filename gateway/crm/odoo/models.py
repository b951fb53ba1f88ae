"""What Odoo says its models are made of, asked once for each and kept for a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.crm.odoo.client import Client
from gateway.crm.odoo.errors import OdooSaid, translated

#: A field that an admin adds is met after so long at the latest.
_KEPT = timedelta(minutes=10)
_ATTRIBUTES = ["string", "type", "relation", "required", "readonly", "selection", "store"]


#: Of tasks everybody has stages of their own besides: field and value of those that are shared.
_NOBODY_S = {"project.task.type": ("user_id", False)}


def shared(model: str) -> dict[str, object]:
    """Return what rows hold that stand for everybody, where there are others as well."""
    found = _NOBODY_S.get(model)
    return {found[0]: found[1]} if found else {}


@dataclass(frozen=True)
class FieldInfo:
    """One field. `relation`: the model it leads to; `selection`: value to label, where it is a choice."""

    name: str
    label: str
    type: str
    relation: str = ""
    required: bool = False
    readonly: bool = False
    stored: bool = True
    selection: Mapping[str, str] | None = None

    @property
    def many(self) -> bool:
        """Whether it leads to any number of rows."""
        return self.type in ("one2many", "many2many")


class Models:
    """The fields of models, by name."""

    def __init__(self, client: Client, label: str) -> None:
        self._client = client
        self._label = label
        self._known: dict[str, tuple[datetime, Mapping[str, FieldInfo] | None]] = {}

    def fields(self, model: str) -> Mapping[str, FieldInfo] | None:
        """Return the fields of a model that the user may see; None where there is no such model.

        Raises CrmUnavailable.
        """
        at, found = self._known.get(model, (None, None))
        now = self._client.now()
        if at is None or now - at > _KEPT:
            found = self._ask(model)
            self._known[model] = (now, found)
        return found

    def forget(self) -> None:
        """Ask again next time: something was added."""
        self._known.clear()

    def field(self, model: str, name: str) -> FieldInfo | None:
        """Return one field."""
        return (self.fields(model) or {}).get(name)

    def may(self, model: str, operation: str) -> bool:
        """Tell whether the user may `read`, `write`, `create` or `unlink` rows of a model at all."""
        try:
            return bool(self._client.call(model, "has_access", operation=operation))
        except OdooSaid:
            pass
        try:  # before 18
            return bool(
                self._client.call(model, "check_access_rights", operation=operation, raise_exception=False)
            )
        except OdooSaid:
            return False

    def _ask(self, model: str) -> Mapping[str, FieldInfo] | None:
        try:
            told = self._client.call(model, "fields_get", attributes=_ATTRIBUTES)
        except OdooSaid as error:
            if error.what.kind in ("NotFound", "UserError", "KeyError", "AccessError"):
                return None
            raise translated(error.what, self._label, writing=False) from error
        return {name: _info(name, one) for name, one in told.items()}


def _info(name: str, told: Mapping[str, object]) -> FieldInfo:
    selection = told.get("selection")
    return FieldInfo(
        name,
        str(told.get("string") or name),
        str(told.get("type")),
        str(told.get("relation") or ""),
        bool(told.get("required")),
        bool(told.get("readonly")),
        bool(told.get("store", True)),
        {str(value): str(label) for value, label in selection} if isinstance(selection, list) else None,
    )
