"""The published description: what FastAPI makes of the code, with every refusal as the problem document it is."""

from __future__ import annotations

import http
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.contract.changes import ProblemDocument
from app.contract.mutations import Mutation

#: What is published besides the models FastAPI finds by itself.
_ALSO = (ProblemDocument, Mutation)

_REF = "#/components/schemas/{model}"
_PROBLEM = {"application/problem+json": {"schema": {"$ref": _REF.format(model="ProblemDocument")}}}

#: What any call may be answered with: bodies that are cut off or too large, values that are none, too many calls, and
#: a gateway, or a system behind it, that cannot be reached. Calls that need a session have 401 besides.
_ALWAYS = (400, 408, 413, 422, 429, 503)

Responses = dict[int | str, dict[str, Any]]


def problems(*statuses: int) -> Responses:
    """Return what to pass as `responses` of a route that refuses with these, besides what any call may do."""
    return {status: {"description": _phrase(status), "content": _PROBLEM} for status in statuses}


def content(media_type: str, description: str = "", **schema: Any) -> dict[str, Any]:
    """Return what to pass as one of `responses` where the body is no model."""
    return {"description": description or "It is answered.", "content": {media_type: {"schema": schema}}}


def binary(media_type: str, description: str = "") -> dict[str, Any]:
    """Return what to pass as one of `responses` where the body is bytes."""
    return content(media_type, description, type="string", format="binary")


def pages(*statuses: int) -> Responses:
    """Return what to pass as `responses` of a page in the browser, which says what is wrong itself."""
    said = content("text/html", "The page says what is wrong.", type="string")
    return {303: {"description": "The browser is led on."}, **dict.fromkeys(statuses, said)}


class ProtocolError(BaseModel):
    """What the protocol refuses with (RFC 6749, section 5.2). `wipe`: an order to the device."""

    error: str
    error_description: str = ""
    wipe: str = ""


#: What a call of the sign-in protocol is refused with, in the protocol's own form.
PROTOCOL_ERRORS: Responses = {status: {"model": ProtocolError} for status in (400, 401)}


class DescribedApi(FastAPI):
    """An application whose description tells refusals, too: clients and tests go by it."""

    def openapi(self) -> dict[str, Any]:
        """Return the description, worked out once."""
        return self._whole

    @cached_property
    def _whole(self) -> dict[str, Any]:
        document = super().openapi()
        schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        _, ours = models_json_schema([(model, "serialization") for model in _ALSO], ref_template=_REF)
        schemas |= ours.get("$defs", {})
        for operation in _operations(document):
            _complete(operation)
        return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def _complete(operation: dict[str, Any]) -> None:
    """Add to one operation what it may be refused with. What its route says itself stays."""
    told: dict[str, Any] = operation["responses"]
    if "HTTPValidationError" in str(told.get("422")):
        del told["422"]
    for status in _ALWAYS + ((401,) if "security" in operation else ()):
        given = told.setdefault(str(status), {"description": _phrase(status)})
        given["content"] = {**_PROBLEM, **given.get("content", {})}


def _phrase(status: int) -> str:
    return http.HTTPStatus(status).phrase
