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
    default: str = ""


@dataclass(frozen=True)
class Way:
    """One way to sign in to a system, and what is asked for it."""

    label: str
    asked: tuple[Asked, ...]


@dataclass(frozen=True)
class KindAsked:
    """One kind of system."""

    kind: str
    label: str
    ways: tuple[Way, ...]


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
                        "HubSpot: Development, Keys, Service keys. docs/connectors.md names the scopes it needs.",
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
                        "database", "Database", "Odoo: its name stands on the sign-in page's address (?db=…)."
                    ),
                    Asked(
                        "login",
                        "Login of the integration user",
                        "Only asked for by Odoo before 19.",
                        default="",
                    ),
                    Asked(
                        "key",
                        "API key",
                        "Odoo: signed in as the integration user, My profile, Account security, New API key.",
                        secret=True,
                    ),
                ),
            ),
        ),
    ),
    KindAsked(
        "salesforce",
        "Salesforce",
        (
            Way(
                "A connected app with client credentials",
                (
                    Asked("url", "Address", "The org's own: https://vendor.my.salesforce.com."),
                    Asked(
                        "client_id",
                        "Consumer key",
                        "Salesforce: Setup, App Manager, the app, OAuth settings.",
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
    ),
    KindAsked(
        "embedded", "The small CRM that comes along (to try it, or where there is none yet)", (Way("", ()),)
    ),
)
