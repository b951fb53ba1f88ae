"""A bare Debian beside this one: nothing but what `debootstrap --variant=minbase` brings, entered by chroot.

Made once, from the machine's own source of Debian packages, and copied for each use. What is mounted is mounted in a
namespace of its own and what is started belongs to it: both are gone when a command ends.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.project import ROOT

SUITE = "bookworm"
FOLDER = ROOT / "build" / "bare"

#: Seconds that apt may take.
_APT_SECONDS = 600

_MOUNTED = 'mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/dev/shm" && exec chroot "$0" "$@"'


@dataclass(frozen=True)
class Bare:
    """One such machine. Its network is ours, so 127.0.0.1 is the same computer."""

    root: Path

    def command(
        self, command: Sequence[str], user: str = "", variables: Mapping[str, str] | None = None
    ) -> list[str]:
        """Return what runs a command in it: as root with nothing set, or as one of its users with what is given."""
        inside = ["/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]
        inside += [f"{name}={value}" for name, value in (variables or {}).items()]
        if user:
            inside += [f"HOME=/home/{user}", f"USER={user}", "/usr/sbin/runuser", "-u", user, "--"]
        else:
            inside += ["HOME=/root", "DEBIAN_FRONTEND=noninteractive"]
        apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]
        return [*apart, "sh", "-c", _MOUNTED, str(self.root), *inside, *command]

    def run(
        self,
        *command: str,
        user: str = "",
        variables: Mapping[str, str] | None = None,
        typed: str = "",
        seconds: float = 60,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end and return what it wrote. `typed`: what it reads."""
        return subprocess.run(
            self.command(command, user, variables),
            input=typed,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def apt(self, *arguments: str) -> str:
        """Run apt-get and return what it said; fails the test where it fails."""
        done = self.run(
            "apt-get", "-q", "--yes", "-o", "APT::Sandbox::User=root", *arguments, seconds=_APT_SECONDS
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def path(self, inside: str) -> Path:
        """Return where a path of that machine lies on this one."""
        return self.root / inside.lstrip("/")


@contextmanager
def bare_debian() -> Iterator[Bare]:
    """Give a fresh one, and delete it afterwards."""
    base = _base()
    with tempfile.TemporaryDirectory(prefix="machine-", dir=FOLDER) as folder:
        root = Path(folder) / "root"
        subprocess.run(["cp", "-a", "--reflink=auto", str(base), str(root)], check=True)
        shutil.copyfile("/etc/resolv.conf", root / "etc" / "resolv.conf")
        yield Bare(root)


def _base() -> Path:
    base = FOLDER / SUITE
    if not base.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        part = FOLDER / f"{SUITE}.part"
        shutil.rmtree(part, ignore_errors=True)
        made = subprocess.run(
            ["debootstrap", "--variant=minbase", SUITE, str(part), *debian_source()],
            capture_output=True,
            text=True,
            env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"},
            check=False,
        )
        assert made.returncode == 0, made.stdout[-2000:] + made.stderr
        part.rename(base)
    return base


def debian_source() -> list[str]:
    """Return the address of the machine's own Debian archive; nothing where it has none, for debootstrap's own."""
    asked = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(COMPONENT)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = (line.partition(" ") for line in asked.stdout.splitlines())
    return [where for where, _, part in lines if part == "main" and where.rstrip("/").endswith("/debian")][:1]
