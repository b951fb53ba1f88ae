# Run by `odoo shell` in the template database, once: what a vendor's admin does by hand before the portal is connected.
# `env` is Odoo's; the keys are written to the file named by COUNTERPART_KEYS.
import json
import os
from pathlib import Path

#: The least that works, group by group. See docs/connectors-odoo.md.
GROUPS = (
    "base.group_user",
    "base.group_partner_manager",  # contacts of partner companies are added
    "sales_team.group_sale_salesman_all_leads",  # leads, registrations and orders of everybody
    "project.group_project_user",
    "account.group_account_readonly",
    "stock.group_stock_user",  # deliveries are read with orders
    "helpdesk_mgmt.group_helpdesk_user",
)


def key_of(user, name):
    return env["res.users.apikeys"].with_user(user).sudo()._generate(None, name, None)  # noqa: F821


def new_user(name, login, groups):
    return env["res.users"].create(  # noqa: F821
        {"name": name, "login": login, "group_ids": [(6, 0, [env.ref(group).id for group in groups])]}  # noqa: F821
    )


for code in ("EUR", "GBP", "USD"):
    env["res.currency"].with_context(active_test=False).search([("name", "=", code)]).active = True  # noqa: F821
env.company.name = "Halden Systems"  # noqa: F821
portal = new_user("Partner portal", "counterpart", GROUPS)
clerk = new_user(
    "Priya Shah", "priya", (*GROUPS, "sales_team.group_sale_manager", "helpdesk_mgmt.group_helpdesk_manager")
)
keys = {
    "portal": key_of(portal, "Counterpart"),
    "clerk": key_of(clerk, "Tests"),
    "admin": key_of(env.ref("base.user_admin"), "Tests"),  # noqa: F821
}
env.cr.commit()  # noqa: F821
Path(os.environ["COUNTERPART_KEYS"]).write_text(json.dumps(keys))
