"""What a vendor's administrators do once before partners come: fields, stages, categories, a rule, staff accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.live.staff import Staff
from tests.live.words import CATEGORIES, DEAL, DEAL_STATES, REQUEST_STATES

#: Odoo's own words to whoever gives a private address.
PRIVATE_MAIL = "Email: Use the customer's business address, not a private one."

#: A server action of an automation rule: Odoo itself does not take such leads.
_RULE = f"""
for lead in records:
    if lead.email_from and lead.email_from.strip().lower().endswith(("@gmail.com", "@hotmail.com")):
        raise UserError({PRIVATE_MAIL!r})
"""

_GROUPS = (
    "base.group_user",
    "base.group_partner_manager",
    "sales_team.group_sale_manager",
    "project.group_project_manager",
    "account.group_account_invoice",
    "stock.group_stock_user",
    "helpdesk_mgmt.group_helpdesk_manager",
)

PASSWORD = "halden in the morning"


def equip(admin: Staff, staff: Sequence[str]) -> None:
    """Add stages and categories that are missing, what is tracked, and accounts; the first of the staff may sign in."""
    _add_names(admin, "crm.stage", DEAL_STATES.values())
    _add_names(admin, "helpdesk.ticket.stage", REQUEST_STATES.values())
    _add_names(admin, "helpdesk.ticket.category", CATEGORIES.values())
    _track(admin, ("competitor", "next_steps"))
    groups = [_ref(admin, name) for name in _GROUPS]
    users = [{"name": name, "login": login_of(name), "group_ids": [[6, 0, groups]]} for name in staff]
    users[0]["password"] = PASSWORD  # who works here; hashing it takes its time
    admin.add("res.users", users, {"no_reset_password": True})


def login_of(name: str) -> str:
    """Return what a member of staff signs in with."""
    return name.split(maxsplit=1)[0].lower()


def refuse_private_mail(admin: Staff) -> None:
    """Add the automation rule. Odoo's own module for such rules is installed with it."""
    module = admin.one("ir.module.module", [["name", "=", "base_automation"]], ["state"])
    if module["state"] != "installed":
        admin.call("ir.module.module", "button_immediate_install", [module["id"]])
    model = admin.one("ir.model", [["model", "=", "crm.lead"]], ["id"])["id"]
    field = admin.one("ir.model.fields", [["model", "=", "crm.lead"], ["name", "=", "email_from"]], ["id"])[
        "id"
    ]
    action = {"name": "No private addresses", "model_id": model, "state": "code", "code": _RULE}
    rule = {
        "name": "No private addresses",
        "model_id": model,
        "trigger": "on_create_or_write",
        "trigger_field_ids": [[6, 0, [field]]],
        "action_server_ids": [[0, 0, {**action, "usage": "base_automation"}]],
    }
    admin.add("base.automation", [rule])


def _add_names(admin: Staff, model: str, names: Iterable[str]) -> None:
    there = admin.ids(model, "name")
    missing = [{"name": name} for name in names if name not in there]
    if missing:
        admin.add(model, missing)


def _track(admin: Staff, fields: Sequence[str]) -> None:
    """Have Odoo note in its chatter who changes these. It lets fields be that were added, and none of its own."""
    names = [DEAL[field] for field in fields]
    for row in admin.find("ir.model.fields", [["model", "=", "crm.lead"], ["name", "in", names]], ["name"]):
        admin.write("ir.model.fields", row["id"], tracking=100)


def _ref(admin: Staff, name: str) -> int:
    module, _, short = name.partition(".")
    found = admin.one("ir.model.data", [["module", "=", module], ["name", "=", short]], ["res_id"])
    return int(found["res_id"])
