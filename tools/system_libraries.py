"""What Qt, PyInstaller and the tests need of the operating system, on Linux.

Detected by loading them as Qt would, so that nothing is run and nobody is asked for a password when all are
there. Windows and macOS bring everything.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.project import SetupError, run_program, say


@dataclass(frozen=True)
class Need:
    """Something a Debian package brings: a shared library by its soname, or a program by its name.

    ``others``: names of programs that do as well.
    """

    package: str
    library: str | None = None
    program: str | None = None
    others: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        return self.library or self.program or self.package


NEEDS = (
    # Every Qt program, also without a screen.
    Need("libglib2.0-0", library="libglib-2.0.so.0"),
    Need("libgl1", library="libGL.so.1"),
    Need("libegl1", library="libEGL.so.1"),
    Need("libxkbcommon0", library="libxkbcommon.so.0"),
    Need("libfontconfig1", library="libfontconfig.so.1"),
    Need("libdbus-1-3", library="libdbus-1.so.3"),
    # A real window under X.
    Need("libx11-xcb1", library="libX11-xcb.so.1"),
    Need("libxcb-cursor0", library="libxcb-cursor.so.0"),
    Need("libxcb-icccm4", library="libxcb-icccm.so.4"),
    Need("libxcb-keysyms1", library="libxcb-keysyms.so.1"),
    Need("libxcb-randr0", library="libxcb-randr.so.0"),
    Need("libxcb-shape0", library="libxcb-shape.so.0"),
    Need("libxcb-xkb1", library="libxcb-xkb.so.1"),
    Need("libxkbcommon-x11-0", library="libxkbcommon-x11.so.0"),
    # A real window under Wayland.
    Need("libwayland-client0", library="libwayland-client.so.0"),
    Need("libwayland-cursor0", library="libwayland-cursor.so.0"),
    Need("libwayland-egl1", library="libwayland-egl.so.1"),
    # PyInstaller reads what a program links to.
    Need("binutils", program="objdump"),
)

# Only for tests: the vendor's console is driven in a real browser, and what Windows installs is made and read. Whoever
# just tries the demo need not have it.
TEST_NEEDS = (
    *NEEDS,
    Need("chromium", program="chromium", others=("google-chrome-stable", "google-chrome")),
    Need("chromium-driver", program="chromedriver"),
    # The Windows installer is made, signed and read here.
    Need("wixl", program="wixl"),
    Need("msitools", program="msiinfo"),
    Need("osslsigncode", program="osslsigncode"),
)


def python_needs(base: str, version: tuple[int, int]) -> tuple[Need, ...]:
    """What of Python itself freezing needs: Debian keeps its library apart; any other Python brings it along.

    ``base``: where the interpreter was installed, as ``sys.base_prefix`` says.
    """
    name = "libpython{}.{}".format(*version)
    return (Need(name, library=f"{name}.so.1.0"),) if base == "/usr" else ()


# Only for `make package`: the Debian package is made, judged, and installed on a bare Debian; what Windows installs is
# installed by Wine; workflows are read.
PACKAGE_NEEDS = (
    *TEST_NEEDS,
    Need("dpkg-dev", program="dpkg-shlibdeps"),
    Need("lintian", program="lintian"),
    Need("desktop-file-utils", program="desktop-file-validate"),
    Need("appstream", program="appstreamcli"),
    Need("wine", program="wine"),
    Need("shellcheck", program="shellcheck"),
    Need("debootstrap", program="debootstrap"),
    Need("util-linux", program="unshare"),
    Need("nodejs", program="node"),
    Need("npm", program="npm"),
    *python_needs(sys.base_prefix, sys.version_info[:2]),
)


def loads(need: Need) -> bool:
    """Whether this machine has it."""
    if need.library is not None:
        try:
            ctypes.CDLL(need.library)
        except OSError:
            return False
        return True
    names = (need.program, *need.others) if need.program else ()
    # What only root runs is not on everybody's path.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    return not names or any(shutil.which(name, path=path) is not None for name in names)


def missing(needs: Iterable[Need] = NEEDS, present: Callable[[Need], bool] = loads) -> tuple[Need, ...]:
    return tuple(need for need in needs if not present(need))


def install_command(needs: Iterable[Need]) -> list[str]:
    """The one command that brings them on Debian and its relatives, without the leading ``sudo``."""
    packages = sorted({need.package for need in needs})
    return ["apt-get", "install", "--yes", "--no-install-recommends", *packages]


def missing_message(needs: Iterable[Need], debian: bool) -> str:
    """What a person without the rights (or another system) has to know and do."""
    wanted = tuple(needs)
    lines = ["Missing on this machine: " + ", ".join(need.what for need in wanted)]
    if debian:
        lines += ["Install them with:", "  sudo " + " ".join(install_command(wanted)), "then run this again."]
    else:
        lines.append("Install the packages of your system that bring them, then run this again.")
    return "\n".join(lines)


def is_debian(release: Path = Path("/etc/os-release")) -> bool:
    """Debian or one of its relatives, where apt-get installs packages."""
    try:
        text = release.read_text(encoding="utf-8")
    except OSError:
        return False
    fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    names = f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".replace('"', "").split()
    return "debian" in names and shutil.which("apt-get") is not None


def _privilege() -> list[str] | None:
    """What to put before a command to run it as root without a question; None where that is not possible."""
    if sys.platform == "win32":
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    asked = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False)
    return [sudo, "-n"] if asked.returncode == 0 else None


def ensure_libraries(needs: Iterable[Need] = NEEDS) -> None:
    """Install what is missing, or raise ``SetupError`` with the exact command for a person to run."""
    if not sys.platform.startswith("linux"):
        return
    wanted = missing(needs)
    if not wanted:
        return
    debian = is_debian()
    privilege = _privilege() if debian else None
    if privilege is None:
        raise SetupError(missing_message(wanted, debian))
    say("Installing system packages that are needed here: " + ", ".join(need.package for need in wanted))
    # Another apt may be at work on a machine that has just started.
    patience = ["-qq", "-o", "DPkg::Lock::Timeout=120"]
    command = install_command(wanted)
    run_program([*privilege, "apt-get", *patience, "update"], silent=True)
    unasked = [*privilege, "env", "DEBIAN_FRONTEND=noninteractive"]
    run_program([*unasked, command[0], *patience, *command[1:]], silent=True)
    still = missing(wanted)
    if still:
        raise SetupError("apt-get did not bring everything.\n" + missing_message(still, debian))
