"""A client in a process of its own that does everything with words that may be nowhere, and then ends as it is told
to.

    python -m tests.security.hard_at_work JOB.json first|again kill|abort|leave

It takes nothing but the real surroundings: the folders the system names, the environment's. What it knows and its
parent does not, the session's tokens, it says on standard output.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.composition import headless
from app.composition.at_work import AtWork
from app.composition.browser import FormBrowser
from app.composition.memory import leave_no_dump
from app.composition.surroundings import real_surroundings
from app.services.exporting.export import Format, copy_list, write_list
from app.services.exporting.sheet import Sheet
from app.services.going import Going
from app.services.open_account import OpenAccount
from app.services.opening import Opening
from app.services.surroundings import Surroundings
from app.views.main_window import MainWindow
from app.views.page import Place
from app.views.theme.theme import SchemeChoice, Theme

DEAL = "deal_registration"


@dataclass(frozen=True)
class Job:
    """What the parent wants: where the gateway is, who signs in, and the words. `outside`: the user's own folder."""

    gateway: str
    email: str
    password: str
    passphrase: str
    deal: str
    words: dict[str, str]
    outside: str

    @property
    def folder(self) -> Path:
        """Where the user keeps their own files, in the clear: nobody looks there."""
        return Path(self.outside)


def main() -> None:
    """Do it."""
    leave_no_dump()
    job = Job(**json.loads(Path(sys.argv[1]).read_text()))
    surroundings = real_surroundings(ring=lambda: None, open_browser=FormBrowser(job.email, job.password))
    wanted = headless.Wanted("", job.gateway, lambda: job.passphrase)
    with headless.opened(surroundings, wanted) as account:
        assert headless.sync(surroundings, account).ok
        tokens = account.session._current
        assert tokens is not None
        typed(job, account)
        looked_at(job, surroundings, account)
        print(json.dumps({"access": tokens.access, "refresh": tokens.refresh, "rss": "ready"}), flush=True)
        match sys.argv[3]:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "abort":
                os.abort()
            case _:
                account.sign_out()


def typed(job: Job, account: OpenAccount) -> None:
    """Edit, write, draft, attach, search; part of it is sent, part of it stays."""
    evidence = job.folder / f"{job.words['file']}.txt"
    evidence.write_text(f"{job.words['content']} stands in a file.\n")
    portal = account.open_portal(lambda: None)
    portal.intents.edit(job.deal, {"competitor": job.words["edit"], "next_steps": job.words["edit"]})
    portal.intents.message(job.deal, f"We heard {job.words['message']}.")
    draft = portal.drafts.start(DEAL, {"customer": job.words["draft"]})
    portal.drafts.add_file(draft, evidence)
    portal.drafts.keep_unfinished(job.deal, job.words["unfinished"])
    assert portal.search.query(job.words["vendor"])
    assert portal.search.query(job.words["edit"])
    portal.close()


def looked_at(job: Job, surroundings: Surroundings, account: OpenAccount) -> None:
    """Open the window, go about in it, search, copy, export and print."""
    app = QApplication(sys.argv[:1])
    theme = Theme(SchemeChoice.LIGHT)
    theme.apply(app)
    work = AtWork(account, Opening(surroundings), app)
    work.start_engine()
    portal = work.portal
    window = MainWindow(portal, work.bridge, theme)
    window.show()
    for place in (
        Place("home"),
        Place(DEAL, gid=job.deal),
        Place("request"),
        Place("sync_centre"),
        Place("settings"),
    ):
        window.go(place)
        spin(app)
        window.grab()
    window.overlays.open_palette()
    window.palette_overlay._edit.setText(job.words["search"])
    spin(app)
    sheet = Sheet("Deals", DEAL, portal.columns.of(DEAL), portal.records.ids(DEAL))
    for kind in (Format.CSV, Format.XLSX):
        write_list(portal, sheet, kind, job.folder / f"deals.{kind}", Going())
    assert job.words["vendor"] in copy_list(portal, sheet, Going()).text
    window.close()
    if sys.argv[3] == "leave":
        work.stop_engine()
        work.close(noted=True)
        window.deleteLater()
        spin(app)
        gc.collect()


def spin(app: QApplication, seconds: float = 0.3) -> None:
    """Let things happen."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        app.processEvents()
        time.sleep(0.01)


if __name__ == "__main__":
    main()
