"""What support may see of a computer: a few small files, each made so that nothing of anybody is in it.

A file is shown whole before it is saved, and left out by whoever does not like it. No names, no records, no addresses
with a user in them; accounts are hashes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.contract.said import said
from app.contract.version import MANIFEST_FORMAT, RELEASE, WIRE_SCHEMA
from app.services.doctor.computer import Computer
from app.services.doctor.examination import about_account
from app.services.doctor.finding import Finding
from app.services.doctor.report import as_json
from app.services.surroundings import Surroundings
from app.session.accounts import Account
from app.session.installation import Installation
from app.session.logbook.files import LogFiles
from app.session.policy.schema import Managed
from app.store.examining import Inside
from app.sync.proxies import NONE, SYSTEM

#: The most of one log file that goes in, from its end, cut at a line.
MOST_OF_A_LOG = 1_000_000

_ADDRESSES = frozenset({"gateway_address", "update_address"})
#: What an organisation writes in its own words, such as where a kiosk stands and whom to call there.
_OWN_WORDS = frozenset({"kiosk_place", "kiosk_help"})


@dataclass(frozen=True)
class Item:
    """One file: its name in the archive, its whole text, and what it is in words."""

    name: str
    text: str
    what: str

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.text.encode())


def contents(
    surroundings: Surroundings,
    findings: Sequence[Finding],
    accounts: Sequence[Account],
    insides: Mapping[str, Inside],
    computer: Computer,
    installation: Installation,
) -> tuple[Item, ...]:
    """Return the files. Reads logs, nothing else of the disk but the sizes of stores."""
    redactor, now = surroundings.log.redactor, surroundings.clock.now()
    made: list[tuple[str, Any, str]] = [
        ("doctor.json", as_json(findings, now, redactor), said("What “Check this computer” has found.")),
        ("versions.json", _versions(computer, installation, insides), said("Which versions run here.")),
        ("policy.json", policy_facts(surroundings.managed), said("What your organisation set; hosts only.")),
        (
            "accounts.json",
            [account_facts(one, insides.get(one.id)) for one in accounts],
            said("Sizes, counts and times of each account; no names, no records."),
        ),
    ]
    items = [Item(name, _json(redactor.value(value)), what) for name, value, what in made]
    if surroundings.log.files is not None:
        items += _logs(surroundings.log.files, redactor.text)
    return tuple(items)


def _versions(
    computer: Computer, installation: Installation, insides: Mapping[str, Inside]
) -> dict[str, object]:
    inside = next(iter(insides.values()), None)
    return {
        "counterpart": RELEASE,
        "wire": WIRE_SCHEMA,
        "manifest_format": MANIFEST_FORMAT,
        "installation": installation.kind.value,
        "platform": sys.platform,
        **computer.versions(),
        "sqlite": inside.sqlite if inside else None,
        "sqlcipher": inside.cipher if inside else None,
    }


def policy_facts(managed: Managed) -> dict[str, Any]:
    """Return what an organisation set: of addresses the host, of its own words only that there are some."""
    values: dict[str, Any] = {}
    for name, value in managed.policy.model_dump(mode="json").items():
        if name in _ADDRESSES:
            values[name] = host_of(str(value))
        elif name == "allowed_gateways":
            values[name] = [host_of(str(one)) for one in value]
        elif name == "proxy":
            values[name] = value if value in (SYSTEM, NONE) else host_of(str(value))
        elif name in _OWN_WORDS:
            values[name] = "set" if value else ""
        else:
            values[name] = value
    return {
        "source": managed.source,
        "forced": sorted(managed.forced),
        "recommended": sorted(managed.recommended),
        "problems": len(managed.problems),
        "blocking": len(managed.blocking),
        "values": values,
    }


def host_of(address: str) -> str:
    """Return host and port of an address and nothing else of it; empty for what is none."""
    with suppress(ValueError):
        parts = urlsplit(address if "://" in address else f"//{address}")
        return f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    return ""


def account_facts(account: Account, found: Inside | None) -> dict[str, Any]:
    """Return figures of an account under its hash."""
    facts: dict[str, Any] = {
        "account": about_account(account),
        "key": "passphrase" if account.key_path.exists() else "key_store",
        "store_bytes": _size(account.store_path),
        "log_bytes": _size(account.store_path.with_name(account.store_path.name + "-wal")),
        "looked_into": found is not None,
    }
    if found is not None:
        facts |= {
            "schema_steps": found.steps,
            "newer_steps": found.unknown,
            "intact": found.intact,
            "records": found.records,
            "outbox": dict(found.outbox),
            "conflicts": found.conflicts,
            "drafts": found.drafts,
            "complete": found.complete,
            "as_of": _moment(found.as_of),
            "proven_at": _moment(found.proven_at),
        }
    return facts


def _logs(files: LogFiles, redacted: Callable[[str], str]) -> list[Item]:
    lines, faults = (
        said("What happened, without whom and what."),
        said("Where a fault came from in our code."),
    )
    found = [(f"logs/{path.name}", path, lines) for path in files.logs()]
    found += [(f"crashes/{path.name}", path, faults) for path in files.crashes()]
    items = [Item(name, redacted(_end_of(path)), what) for name, path, what in found]
    return [item for item in items if item.text]


def _end_of(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError:
        return ""
    if len(data) > MOST_OF_A_LOG:
        data = data[-MOST_OF_A_LOG:].partition(b"\n")[2]
    return data.decode(errors="replace")


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
