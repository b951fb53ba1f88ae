"""Having an Odoo make the fields and stages the shipped mapping needs, as `counterpart-gateway check --create` does."""

from __future__ import annotations

from importlib.resources import files

from pydantic import SecretStr

from gateway.checks.finding import Severity
from gateway.checks.systems import look_at_system, make_missing
from gateway.clock import SystemClock
from gateway.crm.digests import MemoryDigests
from gateway.crm.odoo.connector import OdooCrm
from gateway.mapping import SystemMapping
from gateway.systems import System
from tests.connectors.odoo.server import Odoo
from tests.gateway.world import partner_manifest


def fit(odoo: Odoo) -> None:
    """Make what is missing, with the administrator's key. Raises RuntimeError with what still does not fit."""
    mapping = SystemMapping.load((files("gateway.crm.odoo") / "mapping.toml").read_text("utf-8"))
    crm = OdooCrm(
        name="odoo",
        mapping=mapping,
        url=odoo.url,
        database=odoo.database,
        key=SecretStr(odoo.keys["admin"]),
        clock=SystemClock(),
        digests=MemoryDigests(),
    )
    try:
        system, manifest = System(crm, mapping), partner_manifest()
        list(make_missing(system, look_at_system(system, manifest)[1]))
        findings, _ = look_at_system(system, manifest)
    finally:
        crm.close()
    wrong = [finding.cause for finding in findings if finding.severity is Severity.MEND]
    if wrong:
        raise RuntimeError("Odoo does not fit the mapping: " + " ".join(wrong))
