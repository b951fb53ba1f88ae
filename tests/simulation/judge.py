"""The oracle: judges by the CRM's own rows and history, and by what a client still shows its user.

It uses nothing of the merge, the engine's decisions or the ledger.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from app.store.states import ItemState
from gateway.crm.port import Ref
from tests.simulation.world import Client, World, Written

#: Contract field to CRM column, for the fields the simulation edits.
COLUMNS = {
    "competitor": "rival",
    "next_steps": "next_action",
    "contact_name": "ct_name",
    "customer": "cust_name",
}


def always(world: World) -> list[str]:
    """Return what is violated at this very moment."""
    found = []
    for client in world.clients:
        found += [f"promise 6: {text}" for text in _lost_from_sight(world, client)]
        found += [f"promise 3: {text}" for text in _twice(world, client)]
    return found


def finally_(world: World) -> list[str]:
    """Return what is violated once everything had time to come to rest."""
    found = always(world)
    for client in world.clients:
        found += [f"promise 1: {text}" for text in _not_converged(world, client)]
        found += [f"promise 2: {text}" for text in _lost(world, client)]
        found += [f"promise 9: {text}" for text in _residue(world, client)]
    return found


def _lines(world: World, gid: str, column: str) -> list[tuple[Any, str]]:
    """`(new value, marker)` of every change the CRM keeps of one column."""
    ref = _ref(world, gid)
    if ref is None:
        return []
    return [(line.new, line.marker or "") for line in world.crm.crm.history(ref) if line.field == column]


def _ref(world: World, gid: str) -> Ref | None:
    return next((ref for ref in _registrations(world) if world.gid(ref) == gid), None)


def _registrations(world: World) -> list[Ref]:
    crm = world.crm.crm
    ids: list[str] = []
    while batch := crm.sweep("registration", ids[-1] if ids else None, 200):
        ids += batch
    return [Ref("registration", id_) for id_ in ids]


def _twice(world: World, client: Client) -> list[str]:
    found = []
    for written in client.written:
        for name, value in written.values.items():
            hits = sum(
                1
                for new, marker in _lines(world, written.gid, COLUMNS[name])
                if new == value and marker == written.mutation_id
            )
            if hits > 1:
                found.append(f"{name} = {value!r} was written {hits} times by one mutation")
    texts = Counter(
        row.fields.get("body") for ref in world.requests for row in world.crm.crm.children("note", ref)
    )
    found += [f"message {text!r} stands {texts[text]} times" for text in client.messages if texts[text] > 1]
    return found


def _lost_from_sight(world: World, client: Client) -> list[str]:
    """A pending edit must be what its user sees, unless they wrote something newer."""
    found = []
    latest: dict[tuple[str, str], Written] = {}
    for written in client.written:
        for name in written.values:
            latest[written.gid, name] = written
    for (gid, name), written in latest.items():
        item = client.store.outbox.get(written.mutation_id)
        if item is None or item.state in (ItemState.SETTLED, ItemState.QUARANTINED):
            continue
        shown = client.store.projection.get(gid)
        if shown is None or shown.data.get(name) != written.values[name]:
            found.append(f"{name} = {written.values[name]!r} is pending but not shown")
    return found


def _lost(world: World, client: Client) -> list[str]:
    """Every accepted edit is in the CRM's history, or in front of its user, or was decided by them."""
    found = []
    for written in client.written:
        for name, value in written.values.items():
            if any(new == value for new, _ in _lines(world, written.gid, COLUMNS[name])):
                continue
            if not _in_sight(client, written, name, value):
                found.append(f"{name} = {value!r} ({written.mutation_id}) is nowhere")
    for text, parent in client.messages.items():
        there = any(
            row.fields.get("body") == text
            for ref in world.requests
            if world.gid(ref) == parent
            for row in world.crm.crm.children("note", ref)
        )
        kept = any(item.mutation.changes.get("body") == text for item in client.store.outbox.open_items())
        if not there and not kept:
            found.append(f"message {text!r} is nowhere")
    return found


def _in_sight(client: Client, written: Written, name: str, value: Any) -> bool:
    item = client.store.outbox.get(written.mutation_id)
    if item is not None and item.state is not ItemState.SETTLED:
        return True
    if any(conflict.mine.get(name) == value for conflict in client.store.conflicts.all()):
        return True
    done = client.store.outbox.settled(written.mutation_id)
    # A conflict that was settled was decided by its user; a superseded edit lives on in what superseded it.
    return done is not None and done.status in (
        "conflict",
        "superseded",
        "cancelled",
        "discarded",
        "taken_back",
    )


def _not_converged(world: World, client: Client) -> list[str]:
    waiting = [item for item in client.store.outbox.open_items() if item.state is not ItemState.QUARANTINED]
    found = [f"{client.name}: {item.mutation.kind} still {item.state}" for item in waiting]
    proof = client.engine.verify(rehash=True)
    if not proof.identical or proof.repaired:
        found.append(f"{client.name}: not proven identical ({proof.note}, {proof.repaired} repaired)")
    visible = {
        world.gid(ref): world.crm.crm.read(ref).fields
        for ref in _registrations(world)
        if str(world.crm.crm.read(ref).fields["account_id"]) == world.crm.brightwater.id
    }
    held = {gid for entity, gid, _ in client.store.mirror.hashes() if entity == "deal_registration"}
    if held != set(visible):
        found.append(f"{client.name}: holds {len(held)} deals, the CRM shows {len(visible)}")
    for gid, fields in visible.items():
        truth = client.store.mirror.truth(gid)
        for name, column in COLUMNS.items():
            if truth is not None and (truth.data.get(name) or None) != (fields.get(column) or None):
                found.append(
                    f"{client.name}: {name} is {truth.data.get(name)!r}, the CRM has {fields.get(column)!r}"
                )
    return found


def _residue(world: World, client: Client) -> list[str]:
    """Nothing of a record that was moved away is left in rows, shadows, conflicts, search or activity."""
    found = []
    for gid, secret in world.moved_away.items():
        tables = client.store.db.execute(
            "SELECT 'record' FROM record WHERE gid = ?1"
            " UNION ALL SELECT 'shadow' FROM shadow WHERE gid = ?1 AND coalesce(data, last) IS NOT NULL"
            " UNION ALL SELECT 'conflict' FROM conflict WHERE gid = ?1"
            " UNION ALL SELECT 'activity' FROM activity WHERE gid = ?1",
            (gid,),
        ).fetchall()
        found += [f"{client.name}: {table} still holds a record that was moved away" for (table,) in tables]
        if client.store.search.find(secret, 5):
            found.append(f"{client.name}: search still finds {secret!r}")
    return found
