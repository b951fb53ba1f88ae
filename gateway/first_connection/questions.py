"""What a person is asked to connect a system, by its kind; data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """One setting. `hint`: where a person finds it."""

    name: str
    question: str
    hint: str = ""
    secret: bool = False


@dataclass(frozen=True)
class Way:
    """One way to sign in to a system, and what is asked for it."""

    label: str
    asked: tuple[Asked, ...]


@dataclass(frozen=True)
class KindAsked:
    """One kind of system. `partner`: how a company is made a partner there.

    `variants`: by the words for it, which of the shipped mappings to take; `variant`: what is asked for that.
    """

    kind: str
    label: str
    ways: tuple[Way, ...]
    partner: str = ""
    variant: str = ""
    variants: tuple[tuple[str, str], ...] = ()


KINDS = (
    KindAsked(
        "hubspot",
        "HubSpot",
        (
            Way(
                "A service key",
                (
                    Asked(
                        "service_key",
                        "Service key",
                        "HubSpot: Settings, Integrations, Service keys. docs/connectors-hubspot.md names the scopes.",
                        secret=True,
                    ),
                ),
            ),
            Way(
                "An app of a project, by OAuth (needed for webhooks and the journal)",
                (
                    Asked("client_id", "Client id", "HubSpot: the project's app, Auth."),
                    Asked("client_secret", "Client secret", secret=True),
                    Asked("refresh_token", "Refresh token", "From the app's installation.", secret=True),
                ),
            ),
        ),
        partner="tick counterpart_partner on a company, and link a deal of the pipeline Partner deals to it",
    ),
    KindAsked(
        "odoo",
        "Odoo",
        (
            Way(
                "An API key",
                (
                    Asked("url", "Address", "Such as https://erp.vendor.example, without /web."),
                    Asked(
                        "database",
                        "Database",
                        "Ask whoever hosts it; where there are several, the sign-in page's address names it (?db=…).",
                    ),
                    Asked(
                        "login",
                        "Login of the integration user",
                        "Needed by Odoo before 19 only; leave it empty otherwise.",
                    ),
                    Asked(
                        "key",
                        "API key",
                        "Odoo: signed in as the integration user, My Preferences, Security, Add API Key.",
                        secret=True,
                    ),
                ),
            ),
        ),
        partner="set x_counterpart_stage of a company to active; for a deal of it, set x_counterpart_kind of a lead to "
        "registration, its x_counterpart_company_id to that company and its stage to Submitted",
        variant="Where does Odoo keep requests?",
        variants=(
            ("In the helpdesk (the module helpdesk_mgmt)", ""),
            ("As tasks of a project", "project"),
        ),
    ),
    KindAsked(
        "salesforce",
        "Salesforce",
        (
            Way(
                "An app with client credentials",
                (
                    Asked("url", "Address", "The org's own: https://vendor.my.salesforce.com."),
                    Asked(
                        "client_id",
                        "Consumer key",
                        "Salesforce: Setup, External Client Apps, the app, Settings.",
                    ),
                    Asked("client_secret", "Consumer secret", secret=True),
                ),
            ),
            Way(
                "A user with a password and a security token",
                (
                    Asked("url", "Address", "The org's own: https://vendor.my.salesforce.com."),
                    Asked("username", "User name"),
                    Asked("password", "Password", secret=True),
                    Asked(
                        "token",
                        "Security token",
                        "Salesforce: the user's settings, Reset my security token.",
                        secret=True,
                    ),
                ),
            ),
        ),
        partner="tick Counterpart Partner on an account, and give a lead the kind Deal registration and that company",
    ),
    KindAsked(
        "embedded",
        "The small CRM that comes along (to try it, or where there is none yet)",
        (Way("", ()),),
        partner="add an account in the console, which `serve` opens, and connect it all the same",
    ),
)
