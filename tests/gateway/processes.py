"""Gateway processes as a person or a service manager starts them, and who calls them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from app.contract.ids import time_ordered_id
from app.contract.mutations import Kind, Mutation
from gateway.crm.embedded.unit import AUTOMATION
from gateway.crm.port import Ref
from gateway.grants import company_names
from gateway.identity.people import Contact, NewUser
from gateway.service import Service
from gateway.settings import Settings
from tests.gateway.world import ROOT


@dataclass
class Running:
    """A process that listens. `told`: the line that said so; `log`: what it has logged, complete once it has ended."""

    process: subprocess.Popen[str]
    told: dict[str, Any]
    lines: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return str(self.told["url"])

    @property
    def log(self) -> str:
        """What it has logged."""
        return "".join(self.lines)

    def ended(self, seconds: float = 30) -> int:
        """Wait for its end; returns the exit code."""
        return self.process.wait(seconds)


@contextmanager
def started(module: str, *arguments: str, **settings: object) -> Iterator[Running]:
    """Run `python -m module` until the block ends. `settings`: by their names."""
    given = {f"COUNTERPART_GATEWAY_{name.upper()}": str(value) for name, value in settings.items()}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **given}
    command = [sys.executable, "-W", "error", "-m", module, *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines: list[str] = []
        stderr = process.stderr
        reader = threading.Thread(target=lambda: lines.extend(stderr), daemon=True)
        reader.start()
        try:
            said = process.stdout.readline()
            assert said, lines
            yield Running(process, json.loads(said), lines)
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
            reader.join(10)


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@dataclass(frozen=True)
class Partner:
    """A company, and a user of it with a token for two of their devices' calls."""

    company: str
    user: str
    token: str

    @property
    def headers(self) -> Mapping[str, str]:
        """What a call carries."""
        return {"Authorization": f"Bearer {self.token}"}

    def new_deal(self, number: int = 0) -> Mutation:
        """Return the creation of a deal draft."""
        now = datetime.now(UTC)
        changes = {
            "company": self.company,
            "customer": f"Hillcrest {number}",
            "website": f"hillcrest{number}.example",
            "country": "GB",
            "title": "Vault for the schools",
            "type": "new",
            "amount": "22480.00",
            "currency": "GBP",
            "target_close": (now + timedelta(days=30)).date().isoformat(),
            "problem": "Backups take all night and still fail.",
        }
        ids = [time_ordered_id(now, os.urandom(10)) for _ in range(2)]
        return Mutation(
            mutation_id=ids[0],
            entity="deal_registration",
            gid=ids[1],
            kind=Kind.CREATE,
            changes=changes,
            captured_at=now,
        )


def with_partner(folder: Path, database: str = "") -> Partner:
    """Fill a gateway's folder with one company and one user, who is signed in. `database`: as the setting has it."""
    service = Service.open(Settings(folder=folder, database=SecretStr(database)))
    try:
        with service.crm.writing() as unit:
            values = {"acct_name": "Brightwater", "tier_code": "A", "country_iso": "GB"}
            account = unit.insert("account", values, AUTOMATION)
            person = unit.insert("contact", {"full_name": "Maya", "account_id": account}, AUTOMATION)
        service.gateway.backfill()
        identity = service.gateway.identity
        company = company_names(service.gateway.ground.database)["Brightwater"]
        contacts = (Contact(service.crm.system, Ref("contact", str(person))),)
        user = identity.add_user(NewUser("Maya", "maya@example.test", "admin", (company,), contacts=contacts))
        session = identity.session_for(user, "Maya's laptop", "laptop")
        with service.gateway.ground.database.write() as connection:
            token = identity.sessions.first_tokens(connection, session.id).access
    finally:
        service.close()
    return Partner(company, user, token)


def certificate(folder: Path, name: str = "server", days: float = 90, began: float = -1) -> tuple[Path, Path]:
    """Make a certificate for this machine's own address that vouches for itself; returns it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=began))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_path, key_path = folder / f"{name}.crt", folder / f"{name}.key"
    cert_path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    key_path.chmod(0o600)
    return cert_path, key_path
