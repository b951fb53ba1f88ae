"""The writing call: a batch of mutations, one outcome each."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from app.contract.mutations import MAX_BATCH, PushAnswer
from gateway.api.admission import charge_mutations, check_mutations
from gateway.api.caller import Caller, TheBearer, TheGateway
from gateway.api.operation import TheOperation

router = APIRouter(prefix="/v1", tags=["writing"])


#: What is no mutation is answered as a rejected one, so that nothing is wrong with the batch.
_ANY = {"items": {"anyOf": [{"$ref": "#/components/schemas/Mutation"}, {}]}}


class Batch(BaseModel):
    """Mutations in the order they are to be applied. Each is understood alone: a bad one never fails the others."""

    model_config = ConfigDict(extra="forbid")

    mutations: Annotated[list[Any], Field(max_length=MAX_BATCH, json_schema_extra=_ANY)]


@router.post("/mutations", response_model=PushAnswer)
def push(
    gateway: TheGateway, operation: TheOperation, bearer: TheBearer, session: Caller, body: Batch
) -> Response:
    """Apply mutations. What cannot be finished in time is deferred, and finished later."""
    check_mutations(operation, bearer.token, len(body.mutations))
    answer = gateway.push_items(session, body.mutations)
    charge_mutations(operation, bearer.token, len(body.mutations))
    operation.metrics.mutations(outcome.status for outcome in answer.outcomes)
    return Response(answer.model_dump_json(), media_type="application/json")
