"""The families of jobs, in the order in which they are played."""

from __future__ import annotations

from tests.e2e.tour.jobs.account import Account
from tests.e2e.tour.jobs.approvals import Approvals
from tests.e2e.tour.jobs.co_selling import CoSelling
from tests.e2e.tour.jobs.deals import Deals
from tests.e2e.tour.jobs.deliverables import Deliverables
from tests.e2e.tour.jobs.documents import Documents
from tests.e2e.tour.jobs.home import Home
from tests.e2e.tour.jobs.leads import Leads
from tests.e2e.tour.jobs.orders import Orders
from tests.e2e.tour.jobs.renewals import Renewals
from tests.e2e.tour.jobs.requests import Requests
from tests.e2e.tour.jobs.tasks import Tasks

#: Of the partner portal. What one leaves behind a later one may use.
FAMILIES = (Deals, Leads, Approvals, Renewals, Tasks, Documents, Requests, Orders, CoSelling, Account, Home)
#: Of the client portal.
CLIENT_FAMILIES = (Deliverables,)
