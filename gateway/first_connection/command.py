"""`counterpart-gateway init`: the wizard at a terminal, and then the first reading of everything."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Annotated

import typer

from gateway.clock import RandomIds, SystemClock
from gateway.first_connection.dialogue import Dialogue, Terminal
from gateway.first_connection.kept import CannotWrite, begin_config
from gateway.first_connection.wizard import Answers, Place, Progress, Stopped, Wizard
from gateway.logs import configure_logs
from gateway.opening import fail, name_config, named_config, settings_for
from gateway.opening import service as opened_service
from gateway.settings import Settings
from gateway.settings_sources import DEFAULT_CONFIG, UnusableSettings, config_in_use

_ADDRESS = re.compile(r"https?://[^/\s?#]+/?")


def init(
    folder: Annotated[Path | None, typer.Option("--folder", help="Where the gateway keeps its data.")] = None,
) -> None:
    """Connect a source system: sign in, check the mapping, see what partners would see, read everything in."""
    configure_logs("ERROR")
    terminal = Terminal()
    try:
        config = _config_file(terminal, folder)
        settings = settings_for(folder)
        clock = SystemClock()
        place = Place(config, settings.secrets_dir or config.parent / "secrets", settings.systems)
        answers = Wizard(terminal, place, settings.load_manifest(), clock, RandomIds(clock)).run()
    except (Stopped, CannotWrite, UnusableSettings, OSError, ValueError) as error:
        fail(str(error))
    if _can_start(terminal, folder, answers):
        _read_in(terminal, folder)


def _config_file(dialogue: Dialogue, folder: Path | None) -> Path:
    """Return the configuration file, made if there is none yet. Raises CannotWrite."""
    config = named_config() or config_in_use({})
    if config is None:
        may = os.access(DEFAULT_CONFIG.parent if DEFAULT_CONFIG.parent.exists() else "/etc", os.W_OK)
        usual = DEFAULT_CONFIG if may else Path.cwd() / "gateway.toml"
        config = Path(dialogue.ask("Where is the configuration file to be?", str(usual))).expanduser()
    if not config.exists():
        data = folder or Path(dialogue.ask("Where does the gateway keep its data?", _usual_folder(config)))
        public = _public_url(dialogue)
        begin_config(config, {"folder": str(data.expanduser())} | ({"public_url": public} if public else {}))
    name_config(config)
    return config


def _public_url(dialogue: Dialogue) -> str:
    while True:
        said = dialogue.ask("How do partners reach it? (https://…, empty for this machine alone)")
        if not said or _ADDRESS.fullmatch(said):
            return said
        dialogue.say("An address such as https://partners.vendor.example, with nothing behind the name.")


def _usual_folder(config: Path) -> str:
    return "/var/lib/counterpart-gateway" if config == DEFAULT_CONFIG else str(config.parent / "gateway-data")


def _can_start(dialogue: Dialogue, folder: Path | None, answers: Answers) -> bool:
    """Tell whether everything is there to read with: secrets may have been left to the environment."""
    try:
        found: Settings = settings_for(folder)
    except UnusableSettings as error:
        dialogue.say(str(error))
        dialogue.say("Then read everything in: counterpart-gateway backfill")
        return False
    return answers.name in found.systems and dialogue.confirm("Read everything in now?", default=True)


def _read_in(dialogue: Dialogue, folder: Path | None) -> None:
    with opened_service(folder) as service:
        gateway = service.gateway
        progress = Progress(dialogue, gateway.standing)
        records = gateway.backfill(wait=time.sleep, after_step=progress)
        progress.tell()
        dialogue.say()
        dialogue.say(f"{records} records are in. What is next:")
    dialogue.say("  counterpart-gateway check                     tells whether anything is left to mend")
    dialogue.say("  counterpart-gateway invite MAIL --name … --role … --company …    lets a partner in")
    dialogue.say("  counterpart-gateway serve                     serves them")
