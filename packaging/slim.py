"""What of Qt and of Python the frozen app carries: only what it uses, and nothing under the GPL.

Both lists of Qt's files are closed: what a new version of Qt brings along ships only once it was looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

#: Plugin files to keep, by folder of Qt's `plugins`; a folder that is not named here is left out whole.
_PLUGINS: dict[str, tuple[str, ...]] = {
    "platforms": ("qxcb", "qwayland", "qoffscreen", "qwindows", "qcocoa"),
    "imageformats": ("qjpeg", "qsvg", "qgif", "qico"),
    "iconengines": ("qsvgicon",),
    "platforminputcontexts": ("composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"),
    "platformthemes": ("qxdgdesktopportal",),
    "printsupport": ("cupsprintersupport",),
    "styles": ("qmodernwindowsstyle", "qmacstyle"),
    "xcbglintegrations": ("qxcb-egl-integration", "qxcb-glx-integration"),
    "wayland-shell-integration": ("xdg-shell",),
    "wayland-decoration-client": ("adwaita", "bradient"),
    "wayland-graphics-integration-client": ("qt-plugin-wayland-egl", "wayland-egl"),
}

#: The modules of Qt that may ship, as libraries and as Python's bindings; all of them are under the LGPL too.
#: OpenGL, DBus and the rest below are what the platform plugins link to.
QT_MODULES = frozenset(
    {
        "Core",
        "DBus",
        "Gui",
        "Network",
        "OpenGL",
        "PrintSupport",
        "Svg",
        "WaylandClient",
        "Widgets",
        "WlShellIntegration",
        "XcbQpa",
    }
)

#: What must never ship, whatever the lists say: the virtual keyboard and the charts are GPL or commercial, and so is
#: the library behind Python's `readline`.
FORBIDDEN = ("virtualkeyboard", "qtcharts", "qt6charts", "datavisualization", "readline", "gdbm")

#: Modules that dependency scanning would follow, and the app never reaches. httpx would load its own command line, and
#: typer and structlog what paints in colours, whenever they are there.
EXCLUDED = (
    "IPython",
    "PIL",
    "_gdbm",
    "_tkinter",
    "curses",
    "fastapi",
    "gateway",
    "gdbm",
    "httpx._main",
    "idlelib",
    "lib2to3",
    "markdown_it",
    "mdurl",
    "numpy",
    "pip",
    "pkg_resources",
    "pydoc_data",
    "pygments",
    "readline",
    "rich",
    "setuptools",
    "sqlalchemy",
    "test",
    "tests",
    "tkinter",
    "tools",
    "uvicorn",
)

_QT = re.compile(r"^(?:lib)?(?:Qt6?)([A-Z][A-Za-z0-9]*?)(?:\.abi3)?(?:\.(?:so|pyd|dll|dylib|framework).*|)$")


def wanted(name: str) -> bool:
    """Tell whether a file, by its path in the bundle, belongs into it."""
    path = PurePosixPath(name.replace("\\", "/"))
    parts = path.parts
    if any(word in name.lower() for word in FORBIDDEN):
        return False
    if "PySide6" in parts and "translations" in parts:
        return path.name.startswith(("qtbase_en", "qtbase_de", "qt_en", "qt_de"))
    if "plugins" in parts:
        return _known_plugin(parts)
    module = qt_module(path.name)
    return module is None or module in QT_MODULES


def belongs(name: str, kind: str, platform: str) -> bool:
    """Tell whether a file is ours to ship. On Linux, libraries of the build machine's system are not.

    They are the system's there as well, with its security updates; the package depends on them. `kind` is the type
    PyInstaller gives; what it took out of the system's folders lies at the top. Python's own library goes along.
    """
    if platform != "linux" or "/" in name:
        return True
    if kind == "SYMLINK":
        return qt_module(name) is not None or name.startswith(("libpyside6", "libshiboken6", "libicu"))
    return kind != "BINARY" or name.startswith("libpython")


def unknown(names: Iterable[str]) -> list[str]:
    """Return the files of Qt among a bundle's that are on neither list, and whatever is forbidden."""
    return sorted(name for name in names if not wanted(name))


def qt_module(file: str) -> str | None:
    """Return the module of Qt a library belongs to, such as "Core"; None for any other file."""
    found = _QT.match(file)
    return found[1] if found else None


def _known_plugin(parts: tuple[str, ...]) -> bool:
    folder = parts[parts.index("plugins") + 1]
    stem = re.sub(r"^lib|\.(so|dll|dylib)$", "", parts[-1])
    return stem in _PLUGINS.get(folder, ())
