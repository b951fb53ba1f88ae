"""Everything that can happen in a world."""

from __future__ import annotations

from tests.simulation.machines import Machines
from tests.simulation.partners import Partners
from tests.simulation.stage import VERBS, verbs_of
from tests.simulation.vendor import Vendor

__all__ = ["VERBS", "Story", "verbs_of"]


class Story(Partners, Vendor, Machines):
    """One world and all verbs."""
