"""Who reads what: for every module that calls something which parses, the fuzzed ways in, or why there is none.

`test_every_parser_is_accounted_for` holds this against the source.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fuzzed:
    """Through these targets, by the beginnings of their names."""

    targets: tuple[str, ...]


@dataclass(frozen=True)
class Inside:
    """What it reads did not come from outside, or was taken apart before; `why` says which."""

    why: str


Reading = Fuzzed | Inside


def fuzzed(*targets: str) -> Fuzzed:
    """Name the ways in."""
    return Fuzzed(targets)


_OWN_STORE = Inside(
    "reads what the client has written into its own encrypted file, page by page with a proof"
)
_OWN_DATABASE = Inside("reads what the gateway has written into its own database")
_OF_THE_CRM = Inside(
    "answers of the vendor's CRM to the gateway's own credentials; tests/connectors has stand-ins that lie"
)
_OF_STAFF = Inside(
    "typed by the vendor's staff into the console; tests/gateway/test_console.py has the odd ones"
)
_SHIPPED = Inside("reads a file that comes with the program")
_MANIFEST = fuzzed("manifest")

CLIENT: dict[str, Reading] = {
    "app/composition/demo.py": Inside("one line of a gateway that the demonstration has started itself"),
    "app/composition/instance.py": fuzzed("message of a second start"),
    "app/contract/changes.py": fuzzed("page of"),
    "app/contract/clashing.py": fuzzed("filter of registrations", "website"),
    "app/contract/evidence.py": fuzzed("receipt"),
    "app/contract/manifest.py": _MANIFEST,
    "app/contract/predicates.py": _MANIFEST,
    "app/contract/receipts.py": fuzzed("receipt", "answer Receipt"),
    "app/contract/rules.py": fuzzed("day of a record", "mutation"),
    "app/contract/said.py": _OWN_STORE,
    "app/services/erased.py": fuzzed("note of a wipe"),
    "app/services/files.py": fuzzed("kind of a file"),
    "app/services/format.py": fuzzed("day of a record"),
    "app/services/kiosk/apart.py": fuzzed("kept work apart"),
    "app/services/links.py": fuzzed("deep link"),
    "app/services/own_filters.py": _OWN_STORE,
    "app/services/pdf.py": fuzzed("answer of the reader of PDF files"),
    "app/services/pdf_process.py": fuzzed("PDF"),
    "app/services/pdf_wire.py": fuzzed("answer of the reader of PDF files"),
    "app/services/web_links.py": fuzzed("address of a record"),
    "app/session/accounts.py": fuzzed("address of a gateway", "account file"),
    "app/session/erasing.py": fuzzed("note of a wipe"),
    "app/session/oauth.py": fuzzed("tokens"),
    "app/session/sign_in.py": fuzzed("answer of the browser"),
    "app/session/small_file.py": fuzzed("small file"),
    "app/session/tokens.py": fuzzed("kept tokens"),
    "app/store/bodies.py": _OWN_STORE,
    "app/store/clashes.py": _OWN_STORE,
    "app/store/clock_off.py": _OWN_STORE,
    "app/store/conflicts.py": _OWN_STORE,
    "app/store/cursors.py": fuzzed("manifest", "answer Me"),
    "app/store/drafts.py": _OWN_STORE,
    "app/store/items.py": _OWN_STORE,
    "app/store/keys.py": fuzzed("key file"),
    "app/store/mirror.py": fuzzed("page of"),
    "app/store/page_rows.py": fuzzed("page of"),
    "app/store/projection.py": _OWN_STORE,
    "app/store/proof.py": fuzzed("page of"),
    "app/store/receipts.py": _OWN_STORE,
    "app/store/revocation.py": _OWN_STORE,
    "app/store/roll_text.py": _OWN_STORE,
    "app/store/salvage.py": fuzzed("record of a damaged store"),
    "app/store/search.py": _OWN_STORE,
    "app/store/settings.py": _OWN_STORE,
    "app/store/timestamps.py": _OWN_STORE,
    "app/sync/clashes.py": fuzzed("filter of registrations", "statuses and headers"),
    "app/sync/http_transport.py": fuzzed("event stream", "statuses and headers"),
    "app/sync/proofs.py": _OWN_STORE,
    "app/sync/pull.py": fuzzed("page of"),
    "app/sync/snapshot.py": _OWN_STORE,
    "app/sync/wire.py": fuzzed("answer", "statuses and headers", "problem document"),
    "app/composition/kiosk_brand.py": fuzzed("brand of a kiosk"),
    "app/composition/receipts.py": fuzzed("receipt", "name of a receipt"),
    "app/session/profile_wipe.py": Inside(
        "folders as the registry names them; links are not followed, see tests of it"
    ),
    "app/contract/sealing.py": Inside("32 bytes of the gateway's, of an answer that the wire has parsed"),
    "app/services/diagnostics/contents.py": fuzzed("values of a registry or profile"),
    "app/services/doctor/computer.py": Inside(
        "what this computer's own tools and registry say of it; nothing of it is believed"
    ),
    "app/services/doctor/gateway.py": fuzzed("clock of a server", "statuses and headers"),
    "app/services/doctor/way.py": fuzzed("address of a gateway"),
    "app/session/contact.py": _OWN_STORE,
    "app/session/device_code.py": fuzzed("device code"),
    "app/session/installation.py": fuzzed("installation"),
    "app/session/kiosk/farewells.py": fuzzed("small file"),
    "app/session/kiosk/sealed_file.py": fuzzed("sealed work"),
    "app/session/policy/coercion.py": fuzzed("values of a registry or profile"),
    "app/session/policy/linux.py": fuzzed("policy file"),
    "app/session/policy/macos.py": fuzzed("values of a registry or profile"),
    "app/session/policy/reading.py": fuzzed("values of a registry or profile"),
    "app/session/policy/windows.py": fuzzed("values of a registry or profile"),
    "app/session/updates/places.py": fuzzed("pointer of updates"),
    "app/session/updates/release.py": fuzzed("facts of a release"),
    "app/session/updates/staging.py": Inside("a file out of a package whose every byte was signed for"),
    "app/store/unsent.py": fuzzed("sealed work"),
    "app/views/documents/sheets.py": fuzzed("picture", "text and tables"),
    "app/views/widgets/date_control.py": Inside("a day as the form's own calendar writes it"),
}

GATEWAY: dict[str, Reading] = {
    "gateway/api/pages.py": fuzzed("address of an app"),
    "gateway/api/wellformed.py": fuzzed("well-formed"),
    "gateway/asking.py": fuzzed("mutation"),
    "gateway/audit_chain.py": _OWN_DATABASE,
    "gateway/audit_walk.py": _OWN_DATABASE,
    "gateway/checks/mappings.py": fuzzed("mapping"),
    "gateway/clashes.py": _OWN_DATABASE,
    "gateway/connecting.py": Inside("the operator's own file of settings"),
    "gateway/console/candidates.py": _OF_STAFF,
    "gateway/console/fields.py": _OF_STAFF,
    "gateway/console/machine_pages.py": _OF_STAFF,
    "gateway/console/own.py": _OF_STAFF,
    "gateway/console/sold.py": _OF_STAFF,
    "gateway/console/trail.py": _OWN_DATABASE,
    "gateway/console/views.py": _OF_STAFF,
    "gateway/convert.py": _OF_THE_CRM,
    "gateway/crm/calling.py": _OF_THE_CRM,
    "gateway/crm/elsewhere.py": _OF_THE_CRM,
    "gateway/crm/embedded/crm.py": _OWN_DATABASE,
    "gateway/crm/embedded/papers.py": _OWN_DATABASE,
    "gateway/crm/embedded/precedents.py": _OWN_DATABASE,
    "gateway/crm/embedded/rows.py": _OWN_DATABASE,
    "gateway/crm/embedded/trade.py": _OWN_DATABASE,
    "gateway/crm/hubspot/errors.py": _OF_THE_CRM,
    "gateway/crm/hubspot/reading.py": _OF_THE_CRM,
    "gateway/crm/odoo/computed.py": _OF_THE_CRM,
    "gateway/crm/odoo/files.py": _OF_THE_CRM,
    "gateway/crm/odoo/ripples.py": _OF_THE_CRM,
    "gateway/crm/odoo/values.py": _OF_THE_CRM,
    "gateway/crm/salesforce/session.py": _OF_THE_CRM,
    "gateway/crm/salesforce/shapes.py": _OF_THE_CRM,
    "gateway/crm/webhook.py": fuzzed("webhook"),
    "gateway/demonstration.py": _SHIPPED,
    "gateway/feed/cursor.py": fuzzed("cursor"),
    "gateway/feed/mirror.py": _OWN_DATABASE,
    "gateway/feed/proof.py": _OWN_DATABASE,
    "gateway/feed/reader.py": _OWN_DATABASE,
    "gateway/feed/rows.py": _OWN_DATABASE,
    "gateway/first_connection/kept.py": Inside("the operator's own notes of a first connection"),
    "gateway/first_connection/wizard.py": Inside("what the operator types"),
    "gateway/grants.py": _OWN_DATABASE,
    "gateway/history.py": _OWN_DATABASE,
    "gateway/identity/clients.py": fuzzed("address of an app"),
    "gateway/identity/oidc.py": fuzzed("endpoint of an issuer", "answer of an issuer"),
    "gateway/identity/sign_in.py": fuzzed("address of an app"),
    "gateway/ledger.py": _OWN_DATABASE,
    "gateway/mapping.py": fuzzed("mapping"),
    "gateway/outbound.py": fuzzed("address to fetch"),
    "gateway/portals.py": _SHIPPED,
    "gateway/preview.py": Inside("a place in a page that the preview has written itself"),
    "gateway/receipts.py": _OWN_DATABASE,
    "gateway/sample/build.py": _SHIPPED,
    "gateway/sample/portal.py": _SHIPPED,
    "gateway/sample/words.py": _SHIPPED,
    "gateway/settings_sources.py": Inside("the operator's own file of settings"),
    "gateway/tables.py": _OWN_DATABASE,
}
