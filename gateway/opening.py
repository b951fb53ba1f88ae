"""Opening what a command works with: settings and service, with what a person can mend told in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import NoReturn

import typer
from sqlalchemy.exc import OperationalError

from gateway.crm.port import CrmUnavailable
from gateway.keys import UnusableKey
from gateway.logs import configure_logs
from gateway.problems import Problem
from gateway.service import Service
from gateway.settings import Settings

#: The configuration file that the command line names before its command.
_config: ContextVar[Path | None] = ContextVar("config", default=None)


def name_config(path: Path | None) -> None:
    """Say which configuration file the command that follows is to read."""
    _config.set(path)


def named_config() -> Path | None:
    """Return the configuration file that the command line has named."""
    return _config.get()


def fail(message: str) -> NoReturn:
    """Say what is wrong, and end with exit code 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)


def unreachable(error: OperationalError) -> str:
    """Return why a database cannot be used, in a line: what its driver says has neither statement nor password."""
    said = str(error.orig).strip().splitlines() or ["no reason is given"]
    return f"{said[0].rstrip('.')}."


def settings_for(folder: Path | None, **more: object) -> Settings:
    """Return the settings of a command, with the configuration file its command line names. Raises UnusableSettings."""
    return Settings.load(config=_config.get(), folder=folder, **more)


@contextmanager
def settings(folder: Path | None) -> Iterator[Settings]:
    """Read the settings of a command that opens no service; what a person can mend there is told in one line."""
    try:
        yield settings_for(folder)
    except (UnusableKey, OSError, ValueError) as error:
        fail(str(error))
    except OperationalError as error:
        fail(f"The database cannot be used: {unreachable(error)}")


@contextmanager
def service(folder: Path | None, **more: object) -> Iterator[Service]:
    """Open the service a command works with."""
    try:
        found = settings_for(folder, **more)
        configure_logs(found.log_level, as_json=found.log_json)
        opened = Service.open(found)
    except (UnusableKey, OSError, ValueError) as error:
        fail(str(error))
    except OperationalError as error:
        fail(
            f"The database, or the CRM's, cannot be used: {unreachable(error)} See: counterpart-gateway check"
        )
    try:
        yield opened
    except Problem as problem:
        fail(" ".join((problem.detail, *problem.fields.values())))
    except CrmUnavailable as error:
        fail(str(error))
    finally:
        opened.close()
