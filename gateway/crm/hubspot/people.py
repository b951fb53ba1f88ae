"""Contacts that portal users stand for."""

from __future__ import annotations

from collections.abc import Collection

from gateway.crm.hubspot.catalogue import Catalogue
from gateway.crm.hubspot.client import Client, objects_path
from gateway.crm.hubspot.errors import refusal
from gateway.crm.hubspot.records import read_ties
from gateway.crm.hubspot.types import CONTACTS
from gateway.crm.port import Ref


class People:
    """Finds and adds contacts."""

    def __init__(self, client: Client, catalogue: Catalogue) -> None:
        self._client = client
        self._catalogue = catalogue

    def person(self, company: Ref, name: str, email: str, taken: Collection[str]) -> Ref:
        """Return the contact with that address, linked to the company; adds one otherwise.

        An address is a contact's alone in HubSpot. So a second person of one address becomes a contact without it.
        """
        found = self._by_address(email)
        if found is None:
            found = self._add(company, name, email)
        elif found in taken:
            return Ref(CONTACTS, self._add(company, name, ""))
        else:
            self._link(found, company)
        return Ref(CONTACTS, found)

    def _by_address(self, email: str) -> str | None:
        answer = self._client.get(objects_path(CONTACTS, email), {"idProperty": "email"})
        if answer.well and isinstance(answer.data, dict):
            return str(answer.data["id"])
        if answer.status == 404:
            return None
        raise self._client.unexpected(answer)

    def _add(self, company: Ref, name: str, email: str) -> str:
        first, _, last = name.partition(" ")
        values = {"firstname": first, "lastname": last, "email": email}
        way = self._catalogue.way(CONTACTS, company.obj, "")
        links = [{"to": {"id": company.id}, "types": [way.spec]}] if way else []
        body = {"properties": {key: value for key, value in values.items() if value}, "associations": links}
        answer = self._client.write("POST", objects_path(CONTACTS), body)
        if answer.well and isinstance(answer.data, dict):
            return str(answer.data["id"])
        there = self._by_address(email) if answer.status == 409 and email else None
        if there:
            self._link(there, company)
            return there
        raise refusal(self._client, answer, {})

    def _link(self, contact: str, company: Ref) -> None:
        ties = read_ties(self._client, CONTACTS, company.obj, [contact]).get(contact, [])
        if any(tie.id == company.id for tie in ties):
            return
        path = objects_path(CONTACTS, contact, "associations", "default", company.obj, company.id)
        answer = self._client.write("PUT", path)
        if not answer.well:
            raise refusal(self._client, answer, {})
