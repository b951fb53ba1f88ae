"""The stand-in answers as Salesforce does, also where the connector does not look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.connectors.salesforce.lab import SalesforceLab
from tests.connectors.salesforce.standin.server import CLIENT_ID, CLIENT_SECRET, TOKEN, VERSION
from tests.patience import PATIENCE

_DATA = f"/services/data/v{VERSION}"


@pytest.fixture
def http(lab: SalesforceLab) -> Iterator[httpx.Client]:
    """A client that is signed in, by a refresh token."""
    with httpx.Client(
        base_url=f"http://127.0.0.1:{lab.standin.port}", timeout=PATIENCE, trust_env=False
    ) as client:
        form = {"grant_type": "refresh_token", "refresh_token": TOKEN}
        form |= {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        token = client.post("/services/oauth2/token", data=form).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def _lead(**more: Any) -> dict[str, Any]:
    return {"LastName": "Lovelace", "Company": "Kestrel", **more}


def test_rows_are_made_read_changed_and_deleted(http: httpx.Client) -> None:
    made = http.post(f"{_DATA}/sobjects/Lead", json=_lead())
    assert (made.status_code, made.json()["success"]) == (201, True)
    path = f"{_DATA}/sobjects/Lead/{made.json()['id']}"
    assert http.get(path).json()["Company"] == "Kestrel"
    assert http.get(path[:-3]).json()["Company"] == "Kestrel"
    assert http.patch(path, json={"City": "Leeds"}).status_code == 204
    assert http.delete(path).status_code == 204
    gone = http.get(path)
    assert (gone.status_code, gone.json()[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")
    assert http.delete(path).status_code == 404
    assert http.get(f"{_DATA}/sobjects/Lead/00Q5g0000099999AAA").json()[0]["errorCode"] == "NOT_FOUND"


def test_external_ids_name_rows(http: httpx.Client, lab: SalesforceLab) -> None:
    path = f"{_DATA}/sobjects/Lead/Counterpart_Ref__c/ref-1"
    assert http.get(path).status_code == 404
    assert http.patch(path, json=_lead()).status_code == 201
    again = http.patch(path, json={"City": "Leeds"})
    assert (again.status_code, again.json()["created"]) == (200, False)
    assert http.get(path).json()["City"] == "Leeds"
    two = [lab.add("Lead", **_lead()) for _ in range(2)]
    for ref in two:
        lab.org.rows["Lead"][ref.id].values["Counterpart_Ref__c"] = "twice"
    many = http.get(f"{_DATA}/sobjects/Lead/Counterpart_Ref__c/twice")
    assert (many.status_code, len(many.json())) == (300, 2)


def test_conditions_on_rows(http: httpx.Client, lab: SalesforceLab) -> None:
    ref = lab.add("Lead", **_lead())
    path, before = f"{_DATA}/sobjects/Lead/{ref.id}", "Mon, 23 Nov 2026 09:00:00 GMT"
    assert http.patch(path, json={"City": "X"}, headers={"If-Unmodified-Since": before}).status_code == 412
    assert http.patch(path, json={"City": "X"}, headers={"If-Unmodified-Since": "soon"}).status_code == 400
    assert http.delete(path, headers={"If-Unmodified-Since": before}).status_code == 400
    after = "Wed, 25 Nov 2026 09:00:00 GMT"
    assert http.get(path, headers={"If-Modified-Since": after}).status_code == 304
    assert http.get(path, headers={"If-Modified-Since": before}).status_code == 200


def test_collections_fail_one_by_one(http: httpx.Client, lab: SalesforceLab) -> None:
    def records(*values: dict[str, Any]) -> dict[str, Any]:
        return {"allOrNone": False, "records": [{"attributes": {"type": "Lead"}, **one} for one in values]}

    made = http.post(f"{_DATA}/composite/sobjects", json=records(_lead(), {"LastName": "Alone"})).json()
    assert [one["success"] for one in made] == [True, False]
    assert made[1]["errors"] == [
        {
            "statusCode": "REQUIRED_FIELD_MISSING",
            "message": "Required fields are missing: [Company]",
            "fields": ["Company"],
        }
    ]
    key = made[0]["id"]
    changed = http.patch(f"{_DATA}/composite/sobjects", json=records({"id": key, "City": "Leeds"})).json()
    assert changed[0]["success"]
    path = f"{_DATA}/composite/sobjects/Lead/Counterpart_Ref__c"
    upserted = http.patch(
        path, json=records(_lead(Counterpart_Ref__c="r1"), _lead(Counterpart_Ref__c="r1"))
    ).json()
    assert [one["created"] for one in upserted] == [True, False]
    gone = http.delete(f"{_DATA}/composite/sobjects", params={"ids": f"{key},{key}"}).json()
    assert [one["success"] for one in gone] == [True, False]
    many = http.post(f"{_DATA}/composite/sobjects", json=records(*[_lead()] * 201))
    assert many.json()[0]["errorCode"] == "EXCEEDED_ID_LIMIT"
    assert len(list(lab.org.all("Lead"))) == 1


def test_a_composite_is_taken_back_as_a_whole(http: httpx.Client, lab: SalesforceLab) -> None:
    ref = lab.add("Lead", **_lead())
    url = f"{_DATA}/sobjects/Lead/{ref.id}"
    parts = [
        {"method": "PATCH", "url": url, "referenceId": "a", "body": {"City": "Leeds"}},
        {"method": "PATCH", "url": url, "referenceId": "b", "body": {"Nothing__c": 1}},
    ]
    told = http.post(f"{_DATA}/composite", json={"allOrNone": True, "compositeRequest": parts}).json()
    codes = [one["body"][0]["errorCode"] for one in told["compositeResponse"]]
    assert codes == ["PROCESSING_HALTED", "INVALID_FIELD"]
    assert lab.org.rows["Lead"][ref.id].values["City"] is None
    told = http.post(f"{_DATA}/composite", json={"allOrNone": False, "compositeRequest": parts}).json()
    assert [one["httpStatusCode"] for one in told["compositeResponse"]] == [204, 400]
    assert lab.org.rows["Lead"][ref.id].values["City"] == "Leeds"


def test_what_was_deleted_is_told_for_fifteen_days(http: httpx.Client, lab: SalesforceLab) -> None:
    ref = lab.add("Lead", **_lead())
    lab.archive(ref)
    span = {"start": "2026-11-23T00:00:00+00:00", "end": "2026-11-25T00:00:00+00:00"}
    told = http.get(f"{_DATA}/sobjects/Lead/deleted", params=span).json()
    assert [one["id"] for one in told["deletedRecords"]] == [ref.id]
    assert http.get(f"{_DATA}/sobjects/Lead/updated", params=span).json()["ids"] == []
    lab.tick(16 * 86_400)
    refused = http.get(f"{_DATA}/sobjects/Lead/deleted", params=span)
    assert refused.json()[0]["errorCode"] == "INVALID_REPLICATION_DATE"


def test_whoever_is_not_signed_in_is_told(http: httpx.Client, lab: SalesforceLab) -> None:
    lab.standin.end_sessions()
    answer = http.get(f"{_DATA}/query", params={"q": "SELECT Id FROM Lead"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")
    assert http.get("/services/data").json()[0]["version"] == VERSION
