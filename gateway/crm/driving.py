"""Making several writes with a port: in few calls where its system can, one by one where it cannot."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.crm.port import CrmError, CrmPort, RowCreation, RowUpdate, RowWrite, SourceRow, WritesMany, Written


def write_all(port: CrmPort, writes: Sequence[RowWrite]) -> list[Written]:
    """Make writes of rows that differ; returns what became of each. Raises no CrmError."""
    most = port.capabilities.writes_a_call
    if most <= 1 or not isinstance(port, WritesMany):
        return [_one(port, write) for write in writes]
    done: list[Written] = []
    for start in range(0, len(writes), most):
        part = writes[start : start + most]
        try:
            done += port.write_many(part)
        except CrmError as error:
            done += [error] * len(part)
    return done


def _one(port: CrmPort, write: RowWrite) -> Written:
    try:
        return _made(port, write)
    except CrmError as error:
        return error


def _made(port: CrmPort, write: RowWrite) -> SourceRow:
    match write:
        case RowUpdate(ref, fields, marker, actor, if_revision):
            return port.update(ref, fields, marker, actor, if_revision)
        case RowCreation(obj, fields, marker, actor, None):
            return port.create(obj, fields, marker, actor)
        case RowCreation(obj, fields, marker, actor, parent):
            assert parent is not None
            return port.append(obj, parent, fields, marker, actor)
