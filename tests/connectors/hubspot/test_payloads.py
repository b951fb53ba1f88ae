"""Every payload the stand-in sends and takes fits the models of HubSpot's SDK: no member is missing or mistyped.

What the models do not know is listed here, with why it is sent all the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from hubspot_sdk.types.auth import AccessTokenResponse, ClientCredentialsTokenResponse
from hubspot_sdk.types.crm import (
    BatchResponsePublicAssociationMultiWithLabel,
    BatchResponsePublicDefaultAssociation,
    BatchResponseSimplePublicObject,
    BatchResponseSimplePublicUpsertObject,
    CollectionResponseAssociationSpecWithLabelNoPaging,
    CollectionResponseMultiAssociatedObjectWithLabelForwardPaging,
    CollectionResponsePipelineNoPaging,
    CollectionResponsePropertyNoPaging,
    CollectionResponsePublicOwnerForwardPaging,
    CollectionResponseSimplePublicObjectWithAssociationsForwardPaging,
    CollectionResponseWithTotalSimplePublicObject,
    LabelsBetweenObjectPair,
    SimplePublicObject,
)
from hubspot_sdk.types.crm import property_create_params as made
from hubspot_sdk.types.crm import property_update_params as changed
from hubspot_sdk.types.crm.associations import batch_get_params as ties
from hubspot_sdk.types.crm.objects import deal_create_params as create
from hubspot_sdk.types.crm.objects import deal_merge_params as merge
from hubspot_sdk.types.crm.objects import deal_search_params as search
from hubspot_sdk.types.crm.objects import deal_update_params as update
from hubspot_sdk.types.crm.objects.deals import (
    batch_create_params,
    batch_delete_params,
    batch_get_params,
    batch_update_params,
    batch_upsert_params,
)
from hubspot_sdk.types.crm.properties import group_create_params as grouped
from hubspot_sdk.types.files import File, SignedURL
from hubspot_sdk.types.shared import (
    BatchResponseJournalFetchResponse,
    ErrorData,
    JournalFetchResponse,
    Property,
    PropertyGroup,
    StandardError,
)
from pydantic import ValidationError

from gateway.crm.port import CrmError, FileBody, RowCreation, RowUpdate
from gateway.crm.schema import Kind, WantedProperty
from tests.connectors.hubspot.lab import HubSpotLab
from tests.connectors.hubspot.oracle import misfits, unfit
from tests.connectors.hubspot.standin.calls import Call, Reply
from tests.patience import PATIENCE

_OBJECT = r"[a-z0-9_-]+"

#: Method and path to what the SDK would hand in and take back. None: nothing, or not JSON.
_ROUTES: tuple[tuple[str, str, Any, Any], ...] = (
    (
        "POST",
        f"crm/objects/V/{_OBJECT}/search",
        search.DealSearchParams,
        CollectionResponseWithTotalSimplePublicObject,
    ),
    ("POST", f"crm/objects/V/{_OBJECT}/merge", merge.DealMergeParams, SimplePublicObject),
    (
        "POST",
        f"crm/objects/V/{_OBJECT}/batch/read",
        batch_get_params.BatchGetParams,
        BatchResponseSimplePublicObject,
    ),
    (
        "POST",
        f"crm/objects/V/{_OBJECT}/batch/create",
        batch_create_params.BatchCreateParams,
        BatchResponseSimplePublicObject,
    ),
    (
        "POST",
        f"crm/objects/V/{_OBJECT}/batch/update",
        batch_update_params.BatchUpdateParams,
        BatchResponseSimplePublicObject,
    ),
    (
        "POST",
        f"crm/objects/V/{_OBJECT}/batch/upsert",
        batch_upsert_params.BatchUpsertParams,
        BatchResponseSimplePublicUpsertObject,
    ),
    ("POST", f"crm/objects/V/{_OBJECT}/batch/archive", batch_delete_params.BatchDeleteParams, None),
    (
        "GET",
        f"crm/objects/V/{_OBJECT}",
        None,
        CollectionResponseSimplePublicObjectWithAssociationsForwardPaging,
    ),
    ("POST", f"crm/objects/V/{_OBJECT}", create.DealCreateParams, SimplePublicObject),
    ("GET", f"crm/objects/V/{_OBJECT}/[^/]+", None, SimplePublicObject),
    ("PATCH", f"crm/objects/V/{_OBJECT}/[^/]+", update.DealUpdateParams, SimplePublicObject),
    ("DELETE", f"crm/objects/V/{_OBJECT}/[^/]+", None, None),
    (
        "GET",
        f"crm/objects/V/{_OBJECT}/[^/]+/associations/{_OBJECT}",
        None,
        CollectionResponseMultiAssociatedObjectWithLabelForwardPaging,
    ),
    (
        "PUT",
        f"crm/objects/V/{_OBJECT}/[^/]+/associations/default/{_OBJECT}/[^/]+",
        None,
        BatchResponsePublicDefaultAssociation,
    ),
    ("PUT", f"crm/objects/V/{_OBJECT}/[^/]+/associations/{_OBJECT}/[^/]+", "specs", LabelsBetweenObjectPair),
    ("DELETE", f"crm/objects/V/{_OBJECT}/[^/]+/associations/{_OBJECT}/[^/]+", None, None),
    (
        "POST",
        f"crm/associations/V/{_OBJECT}/{_OBJECT}/batch/read",
        ties.BatchGetParams,
        BatchResponsePublicAssociationMultiWithLabel,
    ),
    (
        "GET",
        f"crm/associations/V/{_OBJECT}/{_OBJECT}/labels",
        None,
        CollectionResponseAssociationSpecWithLabelNoPaging,
    ),
    ("GET", f"crm/properties/V/{_OBJECT}", None, CollectionResponsePropertyNoPaging),
    ("POST", f"crm/properties/V/{_OBJECT}", made.PropertyCreateParams, Property),
    ("POST", f"crm/properties/V/{_OBJECT}/groups", grouped.GroupCreateParams, PropertyGroup),
    ("GET", f"crm/properties/V/{_OBJECT}/[^/]+", None, Property),
    ("PATCH", f"crm/properties/V/{_OBJECT}/[^/]+", changed.PropertyUpdateParams, Property),
    ("GET", f"crm/pipelines/V/{_OBJECT}", None, CollectionResponsePipelineNoPaging),
    ("GET", "crm/owners/V", None, CollectionResponsePublicOwnerForwardPaging),
    ("POST", "files/V/files", None, File),
    ("GET", "files/V/files/[^/]+", None, File),
    ("GET", "files/V/files/[^/]+/signed-url", None, SignedURL),
    ("POST", "oauth/V/token", None, (AccessTokenResponse, ClientCredentialsTokenResponse)),
    ("GET", "webhooks-journal/journal-local/V/(latest|earliest)", None, JournalFetchResponse),
    ("GET", "webhooks-journal/journal-local/V/offset/[^/]+/next", None, JournalFetchResponse),
    (
        "GET",
        "webhooks-journal/journal-local/V/batch/[^/]+/next/[0-9]+",
        None,
        BatchResponseJournalFetchResponse,
    ),
)

#: What the models do not know, and is sent by HubSpot all the same.
_UNKNOWN = {
    # "Multi-status": described in the guide to errors, not in the models.
    "BatchResponseSimplePublicObject.errors",
    "BatchResponseSimplePublicObject.numErrors",
    "BatchResponsePublicAssociationMultiWithLabel.errors",
    "BatchResponsePublicAssociationMultiWithLabel.numErrors",
    # Told with every error, and with those of limits.
    "ErrorData.status",
    "ErrorData.errorType",
    "ErrorData.policyName",
}


@pytest.fixture
def lab() -> Iterator[HubSpotLab]:
    lab = HubSpotLab(lag=0.0, app=True, journal=True)
    yield lab
    lab.close()


def test_every_payload_fits_the_models(lab: HubSpotLab) -> None:
    _all_the_connector_does(lab)
    _what_the_connector_does_not_do(lab)
    met = {_route(call) for call, _ in lab.server.seen if call.path[0] not in ("signed", "journal-files")}
    assert met == {route[:2] for route in _ROUTES}
    unknown: set[str] = set()
    for call, reply in lab.server.seen:
        if call.path[0] not in ("signed", "journal-files"):
            unknown |= _held(call, reply)
    assert unknown == _UNKNOWN


def test_what_does_not_fit_is_found() -> None:
    good = {"id": "1", "archived": False, "properties": {}, "createdAt": "2026-11-29T09:00:00Z"}
    good |= {"updatedAt": "2026-11-29T09:00:00Z"}
    assert unfit(SimplePublicObject, {**good, "more": 1}) == ["SimplePublicObject.more"]
    for bad in ({**good, "id": 1}, {**good, "properties": {"a": 1}}, {"id": "1"}):
        with pytest.raises(ValidationError):
            unfit(SimplePublicObject, bad)
    read = {"inputs": [{"id": "1"}], "properties": [], "propertiesWithHistory": []}
    assert [*misfits(batch_get_params.BatchGetParams, read)] == []
    for changed_ in ({"inputs": [{"id": 1}]}, {"properties": "a"}, {"more": 1}):
        assert [*misfits(batch_get_params.BatchGetParams, {**read, **changed_})]
    assert [*misfits(batch_get_params.BatchGetParams, {"inputs": []})]


def _route(call: Call) -> tuple[str, str]:
    path = "/".join("V" if one == "2026-09" else one for one in call.path)
    fitting = [route for route in _ROUTES if route[0] == call.method and re.fullmatch(route[1], path)]
    # A path of fixed words comes before one in which an id stands there.
    assert fitting, (call.method, path)
    return fitting[0][:2]


def _held(call: Call, reply: Reply) -> set[str]:
    place = _route(call)
    _, _, asked, told = next(route for route in _ROUTES if route[:2] == place)
    if asked == "specs":
        assert [one.keys() for one in call.json] == [{"associationCategory", "associationTypeId"}]
    elif asked is not None and reply.status < 400:
        known = {"object_type": "x", "objectType": "x", "fromObjectType": "x", "toObjectType": "x"}
        wrong = [*misfits(asked, {**call.json, **_in_path(asked, known)})]
        assert wrong == [], place
    if reply.status >= 400:
        return set(unfit(ErrorData, reply.data))
    if told is None or reply.status == 204:
        assert reply.status == 204
        return set()
    if isinstance(told, tuple):
        told = next(
            one for one in told if reply.data["token_use"] in str(one.model_fields["token_use"].annotation)
        )
    for part in reply.data.get("errors", ()):
        assert unfit(StandardError, part) == []
    return set(unfit(told, _without_nulls(reply.data)))


def _in_path(asked: Any, known: Mapping[str, str]) -> dict[str, str]:
    """The SDK counts what stands in the path among the members."""
    wanted = [line for line in misfits(asked, {}) if line.endswith(" is missing")]
    names = [line.removesuffix(" is missing").lstrip(".") for line in wanted]
    return {name: known[name] for name in names if name in known}


def _without_nulls(data: Any) -> Any:
    """An empty property is told as null. The models say that it is text, which it is when it is not empty."""
    if isinstance(data, list):
        return [_without_nulls(one) for one in data]
    if not isinstance(data, dict):
        return data
    found = {name: _without_nulls(one) for name, one in data.items()}
    if isinstance(found.get("properties"), dict):
        found["properties"] = {name: one for name, one in found["properties"].items() if one is not None}
    return found


def _all_the_connector_does(lab: HubSpotLab) -> None:
    port = lab.connector()
    company, other = lab.company("Brightwater IT"), lab.company("Calder & Rowe")
    place = port.journal(None, 10).next
    row = port.create("deals", lab.new_deal(company), "0198b7c0-0000-7000-8000-000000000001", lab.actor)
    port.create("deals", lab.new_deal(company), "0198b7c0-0000-7000-8000-000000000001", lab.actor)
    port.update(row.ref, {"counterpart_competitor": "Norrland", "@company": other.id}, "m1", lab.actor, None)
    creation = RowCreation("deals", lab.new_deal(company), "0198b7c0-0000-7000-8000-000000000002", lab.actor)
    bad = RowUpdate(row.ref, {"counterpart_contact_email": "a@gmail.example"}, "m2", lab.actor, None)
    assert isinstance(port.write_many([creation, bad])[1], CrmError)
    ticket = lab.request(company, "Where is it?")
    port.append("notes", ticket, {"hs_note_body": "Hello", "counterpart_public": True}, "n1", lab.actor)
    body = FileBody(hashlib.sha256(b"abc").hexdigest(), 3, "text/plain", "a.txt", iter((b"abc",)))
    file = port.attach("attachments", ticket, {"counterpart_public": True}, body, "n2", lab.actor)
    port.open_file(file.ref)
    port.person(company, "Maya Okafor", "maya@brightwater.example", ())
    port.person(other, "Maya Okafor", "maya@brightwater.example", ())
    port.changed_since("deals", None, None, 10)
    port.sweep("deals", None, 10)
    port.last_changes(row.ref, ["counterpart_competitor"])
    port.merged_into(row.ref)
    [note] = port.fetch([lab.note(ticket, "On its way", public=True)])
    assert note.fields["@author"] == "Ingrid Solheim"
    port.describe("tickets")
    region = WantedProperty("counterpart_region", "Region", Kind.CHOICE, {"north": "North"})
    port.add_property("deals", region)
    port.add_property(
        "deals", WantedProperty("counterpart_region", "Region", Kind.CHOICE, {"south": "South"})
    )
    port.add_property("deals", WantedProperty("counterpart_key", "Key", Kind.TEXT, unique=True))
    port.add_property("deals", WantedProperty("counterpart_vip", "Important", Kind.BOOLEAN))
    lab.edit(row.ref, title="Edited")
    port.journal(place, 10)
    port.journal(port.journal(None, 10).next, 10)
    port.archive(row.ref, "m3", lab.actor, None)
    lab.server.faults.answer(429, retry_after=None, times=1, only_writes=False)
    with pytest.raises(CrmError):
        port.fetch([row.ref])


def _what_the_connector_does_not_do(lab: HubSpotLab) -> None:
    company = lab.company("Brightwater IT")
    one, two, three = (lab.deal(company, title=f"Deal {n}") for n in range(3))
    headers = {"Authorization": "Bearer pat-eu1-service-key"}
    with httpx.Client(base_url=lab.server.address, timeout=PATIENCE, headers=headers) as client:
        input_ = {"id": "k1", "idProperty": "counterpart_id", "properties": {"dealname": "Upserted"}}
        stage = {"dealstage": lab.stage_id("deals", "Draft"), "pipeline": lab.pipeline_id("deals")}
        input_["properties"] |= stage  # type: ignore[operator]
        for new in (True, False):
            answer = client.post("/crm/objects/2026-09/deals/batch/upsert", json={"inputs": [input_]})
            assert answer.json()["results"][0]["new"] is new
        client.post("/crm/objects/2026-09/deals/batch/archive", json={"inputs": [{"id": three.id}]})
        client.post(
            "/crm/objects/2026-09/deals/merge", json={"primaryObjectId": one.id, "objectIdToMerge": two.id}
        )
        client.get(f"/crm/objects/2026-09/companies/{company.id}/associations/deals")
        client.get("/crm/properties/2026-09/deals/dealname")
        client.get("/crm/objects/2026-09/deals?limit=1")
    tokens = {"client_id": "client-id", "client_secret": "client-secret", "grant_type": "client_credentials"}
    with httpx.Client(base_url=lab.server.address, timeout=PATIENCE) as client:
        token = client.post("/oauth/2026-09/token", data=tokens).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        first = client.get("/webhooks-journal/journal-local/2026-09/earliest", headers=headers).json()
        client.get(
            f"/webhooks-journal/journal-local/2026-09/offset/{first['currentOffset']}/next", headers=headers
        )
