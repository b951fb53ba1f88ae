"""What forms ask of a portal, put together once.

Usage: ``RecordForm(theme, entity, sections, sources_of(portal))``.
"""

from __future__ import annotations

from app.services.explaining import explained
from app.services.portal import Portal
from app.services.views_model import Option
from app.views.forms.cells import FormSources


def sources_of(portal: Portal) -> FormSources:
    """Today, countries and candidates as this portal knows them."""

    def candidates(entity: str, text: str) -> list[Option]:
        if entity != "company":
            return portal.records.options(entity, text)
        # The few companies one acts for are no records of a list, and not in the search index.
        mine, wanted = {company.gid for company in portal.me.companies}, text.casefold()
        found = portal.records.options(entity)
        return [option for option in found if option.gid in mine and wanted in option.label.casefold()]

    return FormSources(
        today=portal.formats.today,
        countries=portal.formats.countries,
        candidates=candidates,
        title_of=portal.records.title_of,
        tr=portal.formats.tr,
        explain=lambda entity, spec: explained(entity, spec, portal.formats, portal.vendor),
        currencies=portal.manifest.currencies,
    )


def hidden_fields(portal: Portal, entity: str) -> frozenset[str]:
    """Fields a form leaves out: the company, for whoever acts for one only, and what a record was made from."""
    kind = portal.manifest.entity(entity)
    jobs = (job for job in portal.manifest.jobs if job.does == "derive" and job.entity == entity)
    origins = frozenset(new for job in jobs for new, old in job.copies.items() if old == "gid")
    if kind is None or len(portal.me.companies) > 1:
        return origins
    return origins | frozenset(spec.name for spec in kind.fields if spec.target == "company")
