"""Authenticode: `python packaging/windows/sign.py dist/counterpart`, then, of the package made from it, `… X.msi`.

A folder stands for the programs and libraries in it that nobody signed; those of Qt, Python and Microsoft that are
signed already stay as they are. The package comes last, since it holds the others. Each file is verified afterwards.

Who signs is said by the environment, and nothing of it is printed:

- `COUNTERPART_SIGN_COMMAND`: a signing service's own program, as a JSON list with `{file}` for the file;
- or `COUNTERPART_SIGN_THUMBPRINT`: a certificate in the store of this Windows, by signtool;
- or `COUNTERPART_SIGN_CERTIFICATE` with its chain and `COUNTERPART_SIGN_KEY`, PEM files, by osslsigncode; a password
  of the key in a file, `COUNTERPART_SIGN_PASSWORD_FILE`.

`COUNTERPART_SIGN_TIMESTAMP`: the address of an RFC 3161 service, or `off` for a try-out: without a time stamp a
signature ends with its certificate. `COUNTERPART_SIGN_ROOTS`: the roots to verify against where there is no signtool.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import assert_never

PREFIX = "COUNTERPART_SIGN_"
OFF = "off"
_ENDINGS = frozenset({".exe", ".dll", ".pyd"})
_ABOUT = "Counterpart"

#: The security directory is the fifth of those in a PE file's optional header; they begin at 96 bytes, or at 112.
_SECURITY, _AT_PE32, _AT_PE32_PLUS = 4, 96, 112

Run = Callable[[Sequence[str]], int]


class NotSigned(Exception):
    """A file has no signature that holds, or nothing says how to sign; the text says which and why."""


class Tool(StrEnum):
    """What signs."""

    SERVICE = "a signing service"
    SIGNTOOL = "signtool"
    OSSLSIGNCODE = "osslsigncode"


@dataclass(frozen=True)
class Signer:
    """How files are signed; empty where it does not apply. `timestamp`: an address, or `off`."""

    tool: Tool
    timestamp: str
    command: tuple[str, ...] = ()
    thumbprint: str = ""
    certificate: str = ""
    key: str = ""
    password_file: str = ""

    def signing(self, file: Path, target: Path) -> list[str]:
        """The command that signs `file`. osslsigncode writes the signed one to `target`, others write in place."""
        match self.tool:
            case Tool.SERVICE:
                return [part.replace("{file}", str(file)) for part in self.command]
            case Tool.SIGNTOOL:
                stamp = [] if self.timestamp == OFF else ["/tr", self.timestamp, "/td", "SHA256"]
                return [
                    "signtool",
                    "sign",
                    "/sha1",
                    self.thumbprint,
                    "/fd",
                    "SHA256",
                    *stamp,
                    "/d",
                    _ABOUT,
                    str(file),
                ]
            case Tool.OSSLSIGNCODE:
                stamp = [] if self.timestamp == OFF else ["-ts", self.timestamp]
                password = ["-readpass", self.password_file] if self.password_file else []
                keys = ["-certs", self.certificate, "-key", self.key, *password]
                ends = ["-in", str(file), "-out", str(target)]
                return ["osslsigncode", "sign", *keys, "-h", "sha256", "-n", _ABOUT, *stamp, *ends]
            case _:
                assert_never(self.tool)


def signer(environment: Mapping[str, str]) -> Signer:
    """How the environment says files are signed. Raises NotSigned."""

    def said(name: str) -> str:
        return environment.get(PREFIX + name, "").strip()

    timestamp = said("TIMESTAMP")
    if not timestamp:
        raise NotSigned(f"{PREFIX}TIMESTAMP is not set: the address of a time stamp service, or {OFF}")
    if said("COMMAND"):
        command = json.loads(said("COMMAND"))
        if not isinstance(command, list) or "{file}" not in command:
            raise NotSigned(f'{PREFIX}COMMAND is a JSON list with "{{file}}" in it')
        return Signer(Tool.SERVICE, timestamp, command=tuple(map(str, command)))
    if said("THUMBPRINT"):
        return Signer(Tool.SIGNTOOL, timestamp, thumbprint=said("THUMBPRINT"))
    if said("CERTIFICATE") and said("KEY"):
        return Signer(
            Tool.OSSLSIGNCODE,
            timestamp,
            certificate=said("CERTIFICATE"),
            key=said("KEY"),
            password_file=said("PASSWORD_FILE"),
        )
    raise NotSigned(
        f"nothing says who signs: {PREFIX}COMMAND, {PREFIX}THUMBPRINT, or {PREFIX}CERTIFICATE and _KEY"
    )


def is_signed(file: Path) -> bool:
    """Whether a program or library carries a signature, whoever's. Raises NotSigned for what is neither."""
    data = file.read_bytes()
    try:
        (head,) = struct.unpack_from("<I", data, 0x3C)
        if data[:2] != b"MZ" or data[head : head + 4] != b"PE\0\0":
            raise NotSigned(f"{file} is no program for Windows")
        optional = head + 24
        (magic,) = struct.unpack_from("<H", data, optional)
        directories = optional + (_AT_PE32_PLUS if magic == 0x20B else _AT_PE32)
        at, size = struct.unpack_from("<II", data, directories + 8 * _SECURITY)
    except struct.error as error:
        raise NotSigned(f"{file} is no program for Windows") from error
    return bool(at and size)


def wanted(paths: Iterable[Path]) -> list[Path]:
    """The files to sign, in this order: libraries, then programs, then packages."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (file for file in sorted(path.rglob("*")) if file.suffix.lower() in _ENDINGS)
            found += [file for file in inside if file.is_file() and not is_signed(file)]
        else:
            found.append(path)
    ranks = {".msi": 2, ".exe": 1}
    return sorted(found, key=lambda file: (ranks.get(file.suffix.lower(), 0), str(file)))


def sign(files: Iterable[Path], how: Signer, check: Callable[[Path], None], run: Run | None = None) -> None:
    """Sign each file in place and verify it. Raises NotSigned at the first that fails."""
    run = run or _quietly
    for file in files:
        target = file.with_name(f"{file.name}.signed")
        if run(how.signing(file, target)) != 0:
            target.unlink(missing_ok=True)
            # What the tool printed may hold a part of a secret.
            raise NotSigned(f"{how.tool} did not sign {file}")
        if target.exists():
            shutil.copymode(file, target)
            target.replace(file)
        check(file)


def verifying(
    environment: Mapping[str, str], platform: str = sys.platform
) -> Callable[[list[str]], list[str]]:
    """What makes the command that verifies a file; the file is its last word. Raises NotSigned without roots."""
    if platform == "win32":
        # A missing time stamp is a warning then, with which signtool does not end well.
        stamped = [] if environment.get(f"{PREFIX}TIMESTAMP", "") == OFF else ["/tw"]
        return lambda file: ["signtool", "verify", "/pa", "/all", *stamped, *file]
    roots = environment.get(f"{PREFIX}ROOTS", "")
    if not roots:
        raise NotSigned(f"{PREFIX}ROOTS is not set: the roots to verify signatures against, a PEM file")
    return lambda file: ["osslsigncode", "verify", "-CAfile", roots, "-in", *file]


def verify(
    file: Path, environment: Mapping[str, str], platform: str = sys.platform, run: Run | None = None
) -> None:
    """Raises NotSigned unless the file has a signature that holds and leads to a root that is trusted."""
    if (run or _quietly)(verifying(environment, platform)([str(file)])) != 0:
        raise NotSigned(f"the signature of {file} does not hold")


def _quietly(command: Sequence[str]) -> int:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode
    except FileNotFoundError as error:
        raise NotSigned(f"{command[0]} is not on this computer") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Gives the exit code."""
    paths = [Path(text) for text in (sys.argv[1:] if arguments is None else arguments)]
    try:
        how = signer(os.environ)
        files = wanted(paths)
        sign(files, how, lambda file: verify(file, os.environ))
    except NotSigned as error:
        sys.stderr.write(f"{error}\n")
        return 1
    print(f"{len(files)} files signed by {how.tool} and verified")
    return 0


if __name__ == "__main__":
    sys.exit(main())
