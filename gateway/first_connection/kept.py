"""Where a first connection is written down: settings in the configuration file, secrets each in a file of its own."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

#: What a system may be called: it stands in addresses, names of files and of variables.
NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


class CannotWrite(Exception):
    """Why something was not written, in words a person can act on. What was there is as it was."""


def table_of(name: str, settings: Mapping[str, object]) -> str:
    """Return a system's settings as a table of TOML."""
    lines = [f"{key} = {_value(value)}" for key, value in settings.items()]
    return "\n".join([f"[systems.{name}]", *lines, ""])


def begin_config(config: Path, settings: Mapping[str, object]) -> None:
    """Make a configuration file with these settings. Raises CannotWrite."""
    try:
        config.parent.mkdir(parents=True, exist_ok=True)
        _replace(config, "".join(f"{key} = {_value(value)}\n" for key, value in settings.items()), 0o644)
    except OSError as error:
        raise CannotWrite(f"{config} cannot be written: {error.strerror or error}.") from None


def _value(value: object) -> str:
    """What JSON writes of texts, numbers, truths and lists of them is TOML, too."""
    if not isinstance(value, str | int | float | bool | list | tuple):
        value = str(value)
    return json.dumps(value, ensure_ascii=False)


def append_table(config: Path, name: str, settings: Mapping[str, object]) -> None:
    """Add a system to the configuration file, which is made if need be. Raises CannotWrite."""
    before = ""
    try:
        if config.exists():
            before = config.read_text("utf-8")
            there = tomllib.loads(before).get("systems", {})
            if isinstance(there, dict) and name in there:
                raise CannotWrite(
                    f"{config} has a system {name} already. Change it there, or take another name."
                )
        gap = "\n" if before and not before.endswith("\n\n") else ""
        end = "\n" if before and not before.endswith("\n") else ""
        text = f"{before}{end}{gap}{table_of(name, settings)}"
        tomllib.loads(text)
        config.parent.mkdir(parents=True, exist_ok=True)
        _replace(config, text, 0o644)
    except tomllib.TOMLDecodeError as error:
        raise CannotWrite(f"{config} is not TOML: {error}. Correct it first.") from None
    except OSError as error:
        raise CannotWrite(f"{config} cannot be written: {error.strerror or error}.") from None


def write_secret(folder: Path, name: str, secret: str) -> Path:
    """Keep a secret in a file that its owner alone may read. Returns where. Raises CannotWrite."""
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _replace(path, secret, 0o600)
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written: {error.strerror or error}.") from None
    return path


def _replace(path: Path, text: str, mode: int) -> None:
    """Write a file beside its place and move it there: it is whole, and never open to others meanwhile."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() and mode != 0o600 else mode
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
