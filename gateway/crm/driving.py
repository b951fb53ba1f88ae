"""Making several writes with a port: in few calls where its system can, one by one where it cannot."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.crm.port import (
    CrmError,
    CrmPort,
    CrmUnavailable,
    RowCreation,
    RowUpdate,
    RowWrite,
    SourceRow,
    WritesMany,
    Written,
)


def write_all(port: CrmPort, writes: Sequence[RowWrite], in_time: Callable[[], bool]) -> list[Written]:
    """Make writes of rows that differ; returns what became of each. Raises no CrmError.

    `in_time` is asked between calls; what is not made in time has CrmUnavailable for a result.
    """
    most = port.capabilities.writes_a_call if isinstance(port, WritesMany) else 1
    done: list[Written] = []
    for start in range(0, len(writes), most):
        part = writes[start : start + most]
        if start and not in_time():
            done += [CrmUnavailable("There was no time left for this.", 1.0)] * len(part)
        else:
            done += _call(port, part)
    return done


def _call(port: CrmPort, part: Sequence[RowWrite]) -> Sequence[Written]:
    if not isinstance(port, WritesMany):
        return [_one(port, write) for write in part]
    try:
        return port.write_many(part)
    except CrmError as error:
        return [error] * len(part)


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
