"""What Odoo can do, as far as a gateway has to know."""

from __future__ import annotations

from gateway.crm.port import Capabilities

#: `limit_time_real` of odoo.conf: how long a request, and with it a transaction, may take (120 s unless it is set).
LONGEST_TRANSACTION = 120.0


def capabilities(*, longest_transaction: float, history: bool) -> Capabilities:
    """Return it. `history`: whether the API user may read what Odoo tracks, which is for administrators only."""
    return Capabilities(
        # There is no way to write on condition: the ledger reads, compares, writes and reads back.
        conditional_writes=False,
        history=history,
        # Odoo calls nobody by itself; an admin can set up an automation rule that does.
        webhooks=False,
        markers=True,
        # `write_date` is told in whole seconds, and kept in microseconds.
        clock_step=1.0,
        page_size=200,
        # `write_date` is the time at which the transaction began.
        late_commit=longest_transaction,
        # What an order shows of its deliveries, payments and partner's name changes without a new `write_date` of the
        # order, and a merge of partners moves what hangs on them by SQL (both measured on Odoo 19).
        silent_links=True,
    )
