"""Files of root's under /etc. One that somebody else could have written is not believed."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.contract.said import said
from app.session.policy.schema import Layer

FOLDER = Path("/etc/counterpart")
POLICY_FILE, DEFAULTS_FILE = "policy.toml", "defaults.toml"

#: More than any policy has; what is longer is not one.
_LONGEST = 256 * 1024

_ROOT = 0
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OTHERS_ENTER = stat.S_IROTH | stat.S_IXOTH


class _NotBelieved(Exception):
    """Something is there, but it is not to be followed; the text says why."""


class LinuxPolicy:
    """`folder` and `owner`, who has to own all of it, are root's unless a test says otherwise."""

    name = said("System administrator")

    def __init__(
        self,
        folder: Path = FOLDER,
        *,
        owner: int = _ROOT,
        look: Callable[[int], os.stat_result] = os.fstat,
    ) -> None:
        self._folder = folder
        self._owner = owner
        self._look = look

    def layers(self) -> tuple[Layer, ...]:
        """What is forced, then what is recommended."""
        return (self._layer(POLICY_FILE, forced=True), self._layer(DEFAULTS_FILE, forced=False))

    def _layer(self, name: str, *, forced: bool) -> Layer:
        path = self._folder / name
        try:
            return Layer(str(path), forced, self._read(path))
        except _NotBelieved as why:
            return Layer(str(path), forced, unread=why.args[0])

    def _read(self, path: Path) -> dict[str, Any]:
        """Read a file; nothing when there is none. What is looked at is what was opened, so nobody can swap it."""
        try:
            folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return {}
        except PermissionError:
            raise _NotBelieved(_closed_folder(path.parent)) from None
        except OSError:
            raise _NotBelieved(said("its folder is not a folder that can be read")) from None
        try:
            self._expect_safe_folder(folder, path.parent)
            return self._parsed(_opened(path.name, folder))
        finally:
            os.close(folder)

    def _parsed(self, file: int | None) -> dict[str, Any]:
        if file is None:
            return {}
        try:
            self._expect_owned(file)
            if not stat.S_ISREG(self._look(file).st_mode):
                raise _NotBelieved(said("it is not a file"))
            with os.fdopen(file, "rb", closefd=False) as opened:
                content = opened.read(_LONGEST + 1)
        finally:
            os.close(file)
        if len(content) > _LONGEST:
            raise _NotBelieved(said("it is too long"))
        try:
            return tomllib.loads(content.decode("utf-8-sig"))
        except RecursionError:
            raise _NotBelieved(said("it is not TOML: {why}", why="nesting")) from None
        except ValueError as error:  # tomllib's own and a wrong encoding are both that
            raise _NotBelieved(_not_toml(error)) from None

    def _expect_safe_folder(self, opened: int, folder: Path) -> None:
        """The same as of a file, but the words name the folder: else the file would be mended, in vain."""
        found = self._look(opened)
        if found.st_uid != self._owner:
            raise _NotBelieved(
                said(
                    "its folder does not belong to root; as root: chown root:root {folder}",
                    folder=str(folder),
                )
            )
        if found.st_mode & _OTHERS_WRITE:
            raise _NotBelieved(
                said(
                    "others than root may write its folder; as root: chmod go-w {folder}", folder=str(folder)
                )
            )
        if found.st_mode & _OTHERS_ENTER != _OTHERS_ENTER:
            raise _NotBelieved(_closed_folder(folder))

    def _expect_owned(self, opened: int) -> None:
        found = self._look(opened)
        if found.st_uid != self._owner:
            raise _NotBelieved(said("it does not belong to root; as root: chown root:root"))
        if found.st_mode & _OTHERS_WRITE:
            raise _NotBelieved(said("others than root may write it; as root: chmod go-w"))
        if not found.st_mode & stat.S_IROTH:
            # Root can read it all the same; told only to users, it would come out after the roll-out.
            raise _NotBelieved(said("not every user may read it; as root: chmod 644"))


def _opened(name: str, folder: int) -> int | None:
    """Open a file of a folder. A link is not followed: where it leads may be anybody's; nor is a pipe waited for."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(name, flags, dir_fd=folder)
    except FileNotFoundError:
        return None
    except PermissionError:
        raise _NotBelieved(said("not every user may read it; as root: chmod 644")) from None
    except OSError:
        raise _NotBelieved(said("it is a link, or cannot be read; put the file itself there")) from None


def _closed_folder(folder: Path) -> str:
    return said("not every user may enter its folder; as root: chmod 755 {folder}", folder=str(folder))


def _not_toml(error: ValueError) -> str:
    """Where the mistake is; the line's content may hold a password."""
    if isinstance(error, tomllib.TOMLDecodeError):
        return said("it is not TOML: {why}", why=str(error))
    return said("it is not text in UTF-8; save it as that")
