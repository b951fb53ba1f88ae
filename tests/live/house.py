"""A real Odoo with the sample programme in it, and the gateway of the tour that settings put beside it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.connectors.odoo.install import say
from tests.connectors.odoo.server import Odoo, live_odoo
from tests.e2e.tour import story
from tests.e2e.tour.director import GatewayOfTheTour
from tests.live.commerce import Commerce, Paper
from tests.live.equip import PASSWORD, equip, login_of, refuse_private_mail
from tests.live.fit import fit
from tests.live.programme import Programme, sample_programme
from tests.live.sample import Sample, as_json
from tests.live.staff import Staff

#: What colleagues say to each other; nobody else may ever read it. The words stand nowhere else.
INTERNAL = ("brambleknotted", "thistlewaite-margin", "gorsefell-discount")


@dataclass(frozen=True)
class House:
    """Odoo with its sample. `staff` works there; `admin` is who set it up; `paper` an invoice that a partner sees;
    `numbered`: leads by the last part of their number in the programme."""

    odoo: Odoo
    admin: Staff
    staff: Staff
    paper: Paper
    numbered: Mapping[str, int]
    config: Path
    people: Path

    def gateway(self, folder: Path, clock: Path) -> GatewayOfTheTour:
        """Start the gateway beside Odoo: it reads everything before it listens."""
        gateway = GatewayOfTheTour(folder, clock, "", self.config, self.people)
        began = time.monotonic()
        gateway.start()
        say(f"the gateway has read it all and listens, after {time.monotonic() - began:.0f} s")
        return gateway


@contextmanager
def live_house(folder: Path) -> Iterator[House]:
    """Start an Odoo and write the sample into it. Raises CannotInstall."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as opened:
        odoo = opened.enter_context(live_odoo())
        say("writing the sample programme into it")
        fit(odoo)
        admin = Staff(odoo.url, odoo.database, odoo.login, odoo.password)
        opened.callback(admin.close)
        programme = sample_programme()
        equip(admin, programme.staff)
        sample = Sample(admin, programme)
        sample.write()
        company = sample.rows[programme.companies[0]["@id"]]
        paper = Commerce(admin, company, _pdf(programme)).write()
        staff = Staff(odoo.url, odoo.database, login_of(programme.staff[0]), PASSWORD)
        opened.callback(staff.close)
        _talk_among_colleagues(staff)
        refuse_private_mail(admin)
        people = folder / "people.json"
        people.write_text(as_json(sample.people()))
        yield House(odoo, admin, staff, paper, sample.numbered(), settings_for(odoo, folder), people)


def settings_for(odoo: Odoo, folder: Path, url: str = "", mapping: str = "") -> Path:
    """Write the configuration of a gateway that stands beside this Odoo.

    `url`: where it finds it; `mapping`: another one than ships.
    """
    key = folder / "odoo.key"
    key.touch(mode=0o600)
    key.write_text(odoo.keys["portal"])
    lines = (
        # What Odoo deletes is found by comparing all ids, which is not to take ten minutes here.
        "sweep_minutes = 0.3",
        "[systems.odoo]",
        'kind = "odoo"',
        f"url = {json.dumps(url or odoo.url)}",
        f"database = {json.dumps(odoo.database)}",
        f"key_file = {json.dumps(str(key))}",
    )
    config = folder / "gateway.toml"
    config.write_text("\n".join(lines) + "\n")
    if mapping:
        (folder / "mapping.toml").write_text(mapping)
        with config.open("a") as file:
            file.write(f"mapping = {json.dumps(str(folder / 'mapping.toml'))}\n")
    return config


def _pdf(programme: Programme) -> bytes:
    """A paper of the programme, which differs from every other by its last line."""
    papers = [one for one in programme.records["document"] if one["media_type"] == "application/pdf"]
    return programme.bodies[papers[0]["sha256"]] + b"% the invoice of order one\n"


def _talk_among_colleagues(staff: Staff) -> None:
    """Write internal notes where a partner looks: on a deal, on a request, and as an e-mail for employees only."""
    deals = staff.find("crm.lead", [["partner_name", "=", story.MERGED]], ["id"])
    tickets = staff.find(
        "helpdesk.ticket", [["stage_id.name", "!=", "Closed"]], ["id"], limit=1, order="id desc"
    )
    note: dict[str, Any] = {"message_type": "comment", "subtype_xmlid": "mail.mt_note"}
    staff.call("crm.lead", "message_post", [deals[0]["id"]], body=f"{INTERNAL[0]}: they pay late.", **note)
    staff.call(
        "helpdesk.ticket", "message_post", [tickets[0]["id"]], body=f"We would give {INTERNAL[1]}.", **note
    )
    about = {"name": f"{INTERNAL[2]}.txt", "datas": "cHJpdmF0ZQ==", "mimetype": "text/plain"}
    [paper] = staff.add("ir.attachment", [{**about, "res_model": "crm.lead", "res_id": deals[0]["id"]}])
    staff.call(
        "crm.lead", "message_post", [deals[0]["id"]], body="See there.", attachment_ids=[paper], **note
    )
