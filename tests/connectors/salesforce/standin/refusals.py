"""What Salesforce says when it does not do what was asked: a status and a list of errors."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """One error, as it stands in the list that is the body."""

    def __init__(self, code: str, message: str, fields: list[str] | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields
        self.status = status

    @property
    def body(self) -> list[dict[str, Any]]:
        """As a body."""
        said: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            said["fields"] = self.fields
        return [said]

    @property
    def result(self) -> dict[str, Any]:
        """As one result among those of a collection, which names its code otherwise."""
        said = {"statusCode": self.code, "message": self.message, "fields": self.fields or []}
        return {"success": False, "errors": [said]}


def missing(obj: str) -> Refused:
    """There is no such row."""
    return Refused("NOT_FOUND", "The requested resource does not exist", status=404)


def deleted() -> Refused:
    """There was such a row."""
    return Refused("ENTITY_IS_DELETED", "entity is deleted", [], status=404)


def no_column(obj: str, name: str) -> Refused:
    """A query names a field that is not there or is hidden."""
    return Refused(
        "INVALID_FIELD",
        f"\nSELECT Id, {name} FROM {obj}\n           ^\nERROR at Row:1:Column:12\n"
        f"No such column '{name}' on entity '{obj}'. If you are attempting to use a custom field, be sure to append "
        "the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate "
        "names.",
    )
