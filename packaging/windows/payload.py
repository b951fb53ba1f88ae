"""The files of the payload as WiX source: each file a component of its own, under GUIDs that follow from its path."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from xml.sax.saxutils import quoteattr

#: The program: shortcut, scheme and file type point at this one.
PROGRAM = PurePosixPath("counterpart.exe")

#: Of all WiX 3 source.
NAMESPACE = "http://schemas.microsoft.com/wix/2006/wi"

_SPACE = uuid.UUID("2b1a7c64-0a35-4d0e-8c0d-9a0de7c6b4f1")


@dataclass
class _Folder:
    files: list[PurePosixPath] = field(default_factory=list)
    folders: dict[str, _Folder] = field(default_factory=dict)


def paths(payload: Path) -> tuple[PurePosixPath, ...]:
    """The files of a folder, relative to it, in the order of their names. Raises ValueError for a link."""
    found = []
    for file in payload.rglob("*"):
        if file.is_symlink():
            raise ValueError(f"{file} is a link; an installer has only files")
        if file.is_file():
            found.append(PurePosixPath(file.relative_to(payload).as_posix()))
    return tuple(sorted(found))


def component_guid(path: PurePosixPath) -> str:
    """The GUID of a file's component. Windows does not tell `A` from `a`, so neither does this."""
    return str(uuid.uuid5(_SPACE, str(path).lower())).upper()


def fragment(files: Iterable[PurePosixPath], payload: Path) -> str:
    """WiX source with the group of components `Files`, below the folder INSTALLFOLDER. Raises ValueError.

    `payload`: where the files lie when the source is compiled.
    """
    wanted = tuple(files)
    if PROGRAM not in wanted:
        raise ValueError(f"{PROGRAM} is not in {payload}")
    odd = [str(path) for path in wanted if "$" in str(path) or not str(path).isascii()]
    if odd:
        raise ValueError(
            f"{odd[0]}: the package has one code page, and a dollar begins a variable in its source"
        )
    root = _Folder()
    for path in wanted:
        folder = root
        for part in path.parts[:-1]:
            folder = folder.folders.setdefault(part, _Folder())
        folder.files.append(path)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<Wix xmlns="{NAMESPACE}">',
        "<Fragment>",
        '<DirectoryRef Id="INSTALLFOLDER">',
        *_inside(root, PurePosixPath(), payload),
        "</DirectoryRef>",
        "</Fragment>",
        "<Fragment>",
        '<ComponentGroup Id="Files">',
        *(f'<ComponentRef Id="{_name("c", path)}" />' for path in wanted),
        "</ComponentGroup>",
        "</Fragment>",
        "</Wix>",
        "",
    ]
    return "\n".join(lines)


def _inside(folder: _Folder, at: PurePosixPath, payload: Path) -> Iterator[str]:
    for path in folder.files:
        key = "Program" if path == PROGRAM else _name("f", path)
        yield f'<Component Id="{_name("c", path)}" Guid="{component_guid(path)}" Win64="yes">'
        opened = f'<File Id="{key}" Name={quoteattr(path.name)} Source={quoteattr(str(payload / path))} KeyPath="yes"'
        if path == PROGRAM:
            yield f"{opened}>"
            yield (
                '<Shortcut Id="StartMenu" Directory="ProgramMenuFolder" Name="Counterpart" Advertise="no" '
                'WorkingDirectory="INSTALLFOLDER" Icon="counterpart.ico" IconIndex="0" />'
            )
            yield "</File>"
        else:
            yield f"{opened} />"
        yield "</Component>"
    for name, inner in folder.folders.items():
        below = at / name
        yield f'<Directory Id="{_name("d", below)}" Name={quoteattr(name)}>'
        yield from _inside(inner, below, payload)
        yield "</Directory>"


def _name(kind: str, path: PurePosixPath) -> str:
    """An identifier: a letter and what follows from the path."""
    return kind + hashlib.sha256(str(path).lower().encode()).hexdigest()[:24]
