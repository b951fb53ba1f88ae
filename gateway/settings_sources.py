"""Where settings come from besides the environment: a TOML file, and files that hold one secret each."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

PREFIX = "COUNTERPART_GATEWAY_"

#: The setting that holds the source systems.
SYSTEMS = "systems"

#: Read when no other file is named and it is there.
DEFAULT_CONFIG = Path("/etc/counterpart-gateway/gateway.toml")

#: Where systemd puts what a unit's LoadCredential names.
_CREDENTIALS = "CREDENTIALS_DIRECTORY"

#: Beside the configuration file: where commands find the secrets that systemd hands to the service.
_SECRETS = "secrets"


class UnusableSettings(ValueError):
    """Settings that cannot be used. `problems`: a sentence for each, without the values, which may be secret."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


def told(error: ValidationError) -> UnusableSettings:
    """Return what is wrong with settings in words a person can act on."""
    found = []
    for item in error.errors(include_input=False, include_url=False):
        name, said = _name_of(item["loc"]), item["msg"].removeprefix("Value error, ")
        match item["type"]:
            case _ if item["loc"][-1:] == ("[key]",):
                found.append(f"No system can be called {item['loc'][-2]}: take small letters, digits and _.")
            case "missing":
                found.append(f"The setting {name} is missing.")
            case "extra_forbidden":
                found.append(f"There is no setting {name}.")
            case "union_tag_not_found":
                found.append(
                    f"The setting {name}.kind is missing: it says what kind of system this is. If there is no such "
                    f"system, remove the files {name}.* from the folder of secrets."
                )
            case "string_pattern_mismatch":
                found.append(
                    f"The setting {name} cannot be used: it has not the form that is expected{_example(name)}."
                )
            case _ if name:
                found.append(f"The setting {name} cannot be used: {said}.")
            case _:
                found.append(f"{said}.")
    return UnusableSettings([text.replace("..", ".") for text in found])


def _example(name: str) -> str:
    return ", such as https://crm.vendor.example" if name.rpartition(".")[2].endswith("url") else ""


def _name_of(place: tuple[int | str, ...]) -> str:
    """Return a setting's name. That of a system's setting tells its kind, too, which no setting is called by."""
    parts = [str(part) for part in place]
    if parts[:1] == [SYSTEMS] and len(parts) > 2:
        del parts[2]
    return ".".join(parts)


def unknown_names(names: Collection[str], known: Collection[str]) -> list[str]:
    """Return a sentence for each name that is not known, with the nearest that is."""
    found = []
    for name in sorted(set(names) - set(known)):
        near = get_close_matches(name, known, n=1, cutoff=0.5)
        found.append(f"There is no setting {name}." + (f" Did you mean {near[0]}?" if near else ""))
    return found


def unknown_in_environment(environment: Mapping[str, str], known: Collection[str]) -> list[str]:
    """Return a sentence for each variable that looks like a setting and is none."""
    names = {name[len(PREFIX) :].lower() for name in environment if name.upper().startswith(PREFIX)}
    names -= {name for name in names if name.startswith(f"{SYSTEMS}__")}  # each is looked at with its system
    return unknown_names({name for name in names if name.removesuffix("_file") not in known}, known)


class ConfigFile(PydanticBaseSettingsSource):
    """The TOML file that `config` names, or the one in the usual place."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Not asked: all values come at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return what the file says. Raises UnusableSettings."""
        path = config_in_use(self.current_state)
        return read_config(path, _names(self.settings_cls)) if path else {}


def config_in_use(known: Mapping[str, Any]) -> Path | None:
    """Return the configuration file: the one that settings known by now name, or the usual one if it is there."""
    named = known.get("config")
    if named:
        return Path(named)
    return DEFAULT_CONFIG if DEFAULT_CONFIG.is_file() else None


def read_config(path: Path, known: Collection[str]) -> dict[str, Any]:
    """Return a configuration file's settings. Raises UnusableSettings: also for a name that is none."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UnusableSettings([f"{path} cannot be read: {error.strerror or error}."]) from None
    except ValueError as error:
        raise UnusableSettings([f"{path} is not TOML: {error}."]) from None
    wrong = unknown_names(found, known)
    if wrong:
        raise UnusableSettings([f"{path}: {text}" for text in wrong])
    return found


class SecretFiles(PydanticBaseSettingsSource):
    """Secrets out of files: `COUNTERPART_GATEWAY_<NAME>_FILE` names one, or `secrets_dir` has one called as the secret.

    Only secret settings are looked for. `secrets_dir` is by default the folder of systemd's credentials; for commands
    that a person gives, which have none, the folder `secrets` beside the configuration file.
    """

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return a secret's text, None when no file has it. Raises UnusableSettings."""
        path = self._path(field_name)
        if path is None:
            return None, field_name, False
        try:
            return path.read_text("utf-8").strip(), field_name, False
        except (OSError, ValueError):
            raise UnusableSettings([f"{path}, which is to hold {field_name}, cannot be read."]) from None

    def __call__(self) -> dict[str, Any]:
        """Return the secrets there are."""
        fields = self.settings_cls.model_fields
        secret = {name: field for name, field in fields.items() if is_secret(field)}
        found = {name: self.get_field_value(field, name)[0] for name, field in secret.items()}
        said = {name: value for name, value in found.items() if value is not None}
        return said | self._of_systems()

    def _of_systems(self) -> dict[str, Any]:
        """Return the systems' secrets that lie in the folder: `systems.erp.key` and the like."""
        folder = self._folder()
        if folder is None or SYSTEMS not in self.settings_cls.model_fields:
            return {}
        found: dict[str, dict[str, str]] = {}
        for path in sorted(folder.glob(f"{SYSTEMS}.*.*")) if folder.is_dir() else ():
            _, system, name = path.name.split(".", 2)
            try:
                found.setdefault(system, {})[name] = path.read_text("utf-8").strip()
            except (OSError, ValueError):
                raise UnusableSettings([f"{path}, which holds a secret, cannot be read."]) from None
        return {SYSTEMS: found} if found else {}

    def _path(self, name: str) -> Path | None:
        named = os.environ.get(f"{PREFIX}{name.upper()}_FILE")
        if named:
            if f"{PREFIX}{name.upper()}" in os.environ:
                raise UnusableSettings([f"{name} is set twice: as a variable, and by a file. Remove one."])
            return Path(named)
        folder = self._folder()
        if folder is None:
            return None
        try:
            (folder / name).stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            # Going on without would, for one, take another database than is meant.
            raise UnusableSettings(
                [f"{folder}, which holds secrets, cannot be used: {error.strerror}."]
            ) from None
        return folder / name

    def _folder(self) -> Path | None:
        config = config_in_use(self.current_state)
        said = read_config(config, _names(self.settings_cls)) if config else {}
        named = (
            self.current_state.get("secrets_dir") or os.environ.get(_CREDENTIALS) or said.get("secrets_dir")
        )
        if named:
            return Path(named)
        beside = config.parent / _SECRETS if config else None
        return beside if beside and beside.is_dir() else None


def is_secret(field: FieldInfo) -> bool:
    """Tell whether a setting is a secret."""
    return field.annotation is SecretStr or SecretStr in getattr(field.annotation, "__args__", ())


def _names(settings: type[BaseSettings]) -> set[str]:
    """Return the settings a file may hold."""
    return set(settings.model_fields) - {"config"}
