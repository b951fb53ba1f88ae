"""Checking a gateway as it is set up here, also when it cannot start: what is wrong comes back, nothing is raised.

Nothing is made or brought up to date by looking. Only where everything it needs is in order is the gateway opened, to
ask it and its source systems how they stand.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from app.contract.errors import CounterpartError
from app.contract.manifest import Manifest
from gateway.audit_walk import Trusted, Verdict, verify
from gateway.checks.certificates import check_certificate, look_at_certificate
from gateway.checks.finding import Finding, mend, must_be_mended
from gateway.checks.mappings import check_mappings
from gateway.checks.places import check_folder, check_key, look_at_folder, look_at_keys
from gateway.checks.portal import check_manifest
from gateway.checks.serving import Serving, check_serving
from gateway.checks.standing import (
    Stored,
    check_audit,
    check_report,
    check_skew,
    check_stored,
    since_for_tail,
)
from gateway.checks.systems import NOT_ASKED, look_at_system, make_missing
from gateway.clock import SystemClock
from gateway.connecting import Outlets, close_ports, open_systems
from gateway.crm.digests import MemoryDigests
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.port import CrmError, CrmUnavailable
from gateway.database import Database, open_engine
from gateway.demonstration import is_sample
from gateway.keys import UnusableKey
from gateway.migrate import is_behind, known_revisions, revision_of
from gateway.opening import unreachable
from gateway.report import Report, report
from gateway.service import Service
from gateway.settings import Settings
from gateway.settings_sources import UnusableSettings, unknown_in_environment
from gateway.systems import System


@dataclass
class Checked:
    """What was found, and what was made at source systems. `report`, `audit`: None when it could not be opened."""

    findings: list[Finding] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    report: Report | None = None
    audit: Verdict | None = None

    @property
    def well(self) -> bool:
        """Whether nothing must be mended."""
        return not must_be_mended(self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        told = self.report.as_json() if self.report else {}
        return {
            **told,
            "well": self.well,
            "made": self.made,
            "findings": [item.as_json() for item in self.findings],
        }

    def lines(self) -> Iterator[str]:
        """Yield it for a person to read."""
        if self.report:
            yield f"Position {self.report.position}, {self.report.open_mutations} mutations open."
            for system in self.report.systems:
                yield f"{system.label}: read completely at {system.read_at or 'no time yet'}"
                yield from (f"  {lane.line()}" for lane in system.lanes)
        if self.audit and self.audit.broken is None:
            yield f"Audit log since yesterday: {self.audit.words()}"
        yield from self.made
        for item in self.findings:
            yield item.line()


def check_all(load: Callable[[], Settings], now: datetime | None = None, *, create: bool = False) -> Checked:
    """Check everything there is. `load` returns the settings, or raises UnusableSettings.

    `create`: have the source systems make what the mappings miss of them, before that is told.
    """
    found, now = Checked(), now or datetime.now(UTC)
    try:
        settings = load()
    except UnusableSettings as error:
        remedy = "Correct it in the environment or the configuration file."
        found.findings += [mend("settings", problem, remedy) for problem in error.problems]
        return found
    found.findings += _of_settings(settings, now)
    if not any(item.id == "manifest" for item in found.findings):
        found.findings += _of_mappings(settings)
    if _may_start(found):
        found.findings += check_stored(_look_at_database(settings, now))
    if not _may_start(found):
        # What the source systems lack can be made before the gateway was started for the first time.
        _look_at_systems(settings, found, create=create)
        return found
    try:
        _look_inside(settings, found, now, create=create)
    except OperationalError as error:
        # The gateway's own database was looked at before.
        cause = f"The CRM's database cannot be used: {unreachable(error)}"
        remedy = (
            "Correct the setting crm_url, or see to that server."
            if settings.crm_url
            else "See to its server."
        )
        found.findings.append(mend("crm_unreachable", cause, remedy))
    except (UnusableKey, OSError, ValueError, SQLAlchemyError, CrmError) as error:
        found.findings.append(_unopened(error))
    except Exception as error:  # noqa: BLE001  # a check that ends in a traceback says nothing
        found.findings.append(_unopened(error))
    return found


#: With these the gateway would not start, or looking would change something.
_KEEP_FROM_STARTING = frozenset(
    {
        "manifest",
        "mapping",
        "folder_missing",
        "folder_unwritable",
        "key_open",
        "key_unusable",
        "database_missing",
        "database_unreachable",
        "database_behind",
    }
)


def _may_start(found: Checked) -> bool:
    return not any(item.id in _KEEP_FROM_STARTING for item in found.findings)


def _unopened(error: Exception) -> Finding:
    # Of what is unforeseen only the kind is told: its words may hold values.
    foreseen = isinstance(error, (UnusableKey, OSError, ValueError, CrmError))
    cause = str(error) if foreseen else f"The gateway cannot be opened ({type(error).__name__})."
    return mend("gateway", cause, "Correct that, and see the log of `counterpart-gateway serve`.")


def _of_settings(settings: Settings, now: datetime) -> list[Finding]:
    findings = [
        mend("setting_unknown", problem, "Correct the variable's name, or remove it.")
        for problem in unknown_in_environment(os.environ, Settings.model_fields)
    ]
    findings += check_manifest(settings.manifest)
    findings += check_folder(look_at_folder(settings.folder))
    for key in look_at_keys(settings.folder):
        findings += check_key(key)
    if settings.tls_cert and settings.tls_key:
        findings += check_certificate(look_at_certificate(settings.tls_cert, settings.tls_key), now)
    return [*findings, *check_serving(_serving(settings))]


def _of_mappings(settings: Settings) -> list[Finding]:
    try:
        return check_mappings(settings.load_manifest(), settings.connections())
    except (OSError, ValueError, CounterpartError) as error:
        return [mend("mapping", str(error), "")]


def _serving(settings: Settings) -> Serving:
    given = {name: getattr(settings, name) for name in Settings.model_fields}
    secrets = {
        name: value.get_secret_value()
        for name, value in given.items()
        if isinstance(value, SecretStr) and value.get_secret_value() and ("token" in name or "secret" in name)
    }
    hints = given.get("webhook_secrets") or {}
    return Serving(
        host=settings.host,
        public_url=settings.public_url,
        tls=settings.tls_cert is not None,
        console=settings.console,
        https_only=settings.https_only,
        forwarded_allow_ips=settings.forwarded_allow_ips,
        sample=is_sample(settings.folder),
        metrics=settings.metrics_port is not None or settings.metrics_token is not None,
        secrets=secrets,
        hints={system: secret.get_secret_value() for system, secret in hints.items()},
    )


def _look_at_database(settings: Settings, now: datetime) -> Stored:
    """Look at the database without making it or bringing it up."""
    in_file = not settings.database.get_secret_value()
    where = str(settings.folder / "gateway.sqlite3") if in_file else "of the setting database"
    if in_file and not (settings.folder / "gateway.sqlite3").is_file():
        return Stored(where, exists=False)
    try:
        with _opened(settings) as (database, connection):
            revision = revision_of(connection)
            return Stored(
                where,
                revision=revision,
                behind=is_behind(revision),
                ahead=revision is not None and revision not in known_revisions(),
                version=".".join(map(str, database.engine.dialect.server_version_info or ())),
                skew=_time_of(connection) - now if database.shared else timedelta(0),
            )
    except (ValueError, SQLAlchemyError) as error:
        return Stored(where, wrong=_first_line(getattr(error, "orig", None) or error))


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Database, Connection]]:
    database = Database(open_engine(settings.database_address(), 2))
    try:
        with database.read() as connection:
            yield database, connection
    finally:
        database.close()


def _time_of(connection: Connection) -> datetime:
    found = connection.execute(select(func.clock_timestamp())).scalar_one()
    assert isinstance(found, datetime)
    return found


def _look_inside(settings: Settings, found: Checked, now: datetime, *, create: bool) -> None:
    service = Service.open(settings)
    try:
        gateway = service.gateway
        found.report = report(gateway)
        found.findings += check_report(found.report)
        for system in gateway.systems:
            # Asked first: what a connector knows of its system's clock it has from its answers.
            looked = _look_at(system, gateway.setup.manifest, found.made, create=create)
            found.findings += looked
            if not isinstance(system.port, EmbeddedCrm) and not any(one.id in NOT_ASKED for one in looked):
                skew = system.port.now() - datetime.now(UTC)
                found.findings += check_skew("system", system.port.label, skew)
        problem = getattr(gateway.setup.blobs, "problem", lambda: "")()
        if problem:
            found.findings.append(mend("files", problem, "Files that partners send wait until then."))
        with gateway.ground.database.read() as connection:
            found.audit = verify(connection, Trusted(gateway.audit.seal), since_for_tail(now))
        found.findings += check_audit(found.audit)
    finally:
        service.close()


def _look_at_systems(settings: Settings, found: Checked, *, create: bool) -> None:
    """Ask the source systems alone, where the gateway itself cannot be opened; nothing is kept."""
    try:
        manifest = settings.load_manifest()
        with closing(EmbeddedCrm.open("sqlite://")) as crm:
            systems = open_systems(settings.connections(), Outlets(crm, SystemClock(), MemoryDigests()))
            try:
                for system in systems:
                    if not isinstance(system.port, EmbeddedCrm):
                        found.findings += _look_at(system, manifest, found.made, create=create)
            finally:
                close_ports(systems)
    except (OSError, ValueError, CounterpartError, CrmError) as error:
        if not any(item.id in {"manifest", "mapping"} for item in found.findings):
            found.findings.append(_unopened(error))


def _look_at(system: System, manifest: Manifest, made: list[str], *, create: bool) -> list[Finding]:
    findings, lacking = look_at_system(system, manifest)
    if create and lacking:
        try:
            made += make_missing(system, lacking)
        except CrmUnavailable as error:
            made.append(f"{system.name}: {error}")
        findings, _ = look_at_system(system, manifest)
    return findings


def _first_line(error: object) -> str:
    text = str(error).strip().splitlines()
    return f"{text[0].rstrip('.')}." if text else "no reason is given."
