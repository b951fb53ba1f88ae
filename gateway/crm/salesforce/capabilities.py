"""What Salesforce can do, each figure with where it is from."""

from __future__ import annotations

from gateway.crm.port import Capabilities, Rate


def capabilities(daily: int) -> Capabilities:
    """Return what is declared. `daily`: calls of any 24 hours that may be spent, of those the org has."""
    return Capabilities(
        # `If-Unmodified-Since` on a row, and the connector's own comparison where whole seconds are too coarse for it:
        # see `writes.py`. REST API Developer Guide, "Conditional Request Headers": compared with the last modified
        # date, and called a weak validation there.
        conditional_writes=True,
        # Field history, where an admin tracks a field's: at most 20 fields an object, kept for 18 months
        # (Salesforce Help, "Field History Tracking"). Where it is not tracked nobody is named.
        history=True,
        # Outbound messages are SOAP and unsigned; change events are gRPC. Neither is used.
        webhooks=False,
        markers=True,
        # SystemModstamp has the form of milliseconds and holds whole seconds.
        clock_step=1.0,
        # Ids go in a query's address, which may have 16,384 characters (REST API Developer Guide, "Query"): 200 of 27.
        page_size=200,
        # "sObject Collections": 200 rows a call. Updates on a condition go as subrequests of "Composite", 25 a call.
        writes_a_call=200,
        # A query reads the database itself.
        index_lag=0.0,
        # A row bears the time at which it was written, not that of its commit, and a transaction may last 10 minutes
        # (Apex Developer Guide, "Execution Governors and Limits"); `getUpdated` has its `latestDateCovered` for that.
        late_commit=600.0,
        # No limit but that of 24 hours, 100,000 and more by licences in Enterprise Edition, 15,000 in a Developer
        # Edition ("API Request Limits and Allocations"), and 25 calls at once that last longer than 20 seconds.
        rate=Rate(calls=200, seconds=10.0, daily=daily),
        # Names behind references, lines of an order: these change without the row's own stamp.
        silent_links=True,
    )
