"""What of Qt the frozen app carries: only the plugins it uses, and nothing under the GPL."""

from __future__ import annotations

from pathlib import PurePosixPath

#: Plugin files to keep, by folder of Qt's `plugins`; a folder that is not named here is left out whole.
_PLUGINS: dict[str, tuple[str, ...]] = {
    "platforms": ("qxcb", "qwayland", "qoffscreen", "qminimal", "qwindows", "qcocoa"),
    "imageformats": ("qjpeg", "qsvg", "qgif", "qico"),
    "iconengines": ("qsvgicon",),
    "platforminputcontexts": ("composeplatforminputcontext", "ibusplatforminputcontext"),
    "platformthemes": ("qxdgdesktopportal",),
    "styles": ("qmodernwindowsstyle", "qmacstyle"),
    "xcbglintegrations": ("qxcb-egl", "qxcb-glx"),
    "wayland-shell-integration": ("xdg-shell",),
    "wayland-decoration-client": ("adwaita", "bradient"),
    "wayland-graphics-integration-client": ("wayland-egl",),
}

#: Qt modules that come along by dependency scanning but are never used.
_MODULES = (
    "Qt6Qml",
    "Qt6Quick",
    "Qt6VirtualKeyboard",
    "Qt6Pdf",
    "Qt6Designer",
    "QtQml",
    "QtQuick",
    "Qt6Sql",
    "QtSql",
)

#: What must never ship: the virtual keyboard and the charts are GPL or commercial.
FORBIDDEN = ("virtualkeyboard", "qtcharts", "qt6charts", "datavisualization")


def wanted(name: str) -> bool:
    """Tell whether a file, by its path in the bundle, belongs into it."""
    path = PurePosixPath(name.replace("\\", "/"))
    parts = path.parts
    if any(word in name.lower() for word in FORBIDDEN):
        return False
    if "PySide6" in parts:
        if "translations" in parts:
            return path.name.startswith(("qtbase_en", "qtbase_de", "qt_en", "qt_de"))
        if "plugins" in parts:
            folder = parts[parts.index("plugins") + 1]
            return any(stem in path.name for stem in _PLUGINS.get(folder, ()))
    return not any(module in path.name for module in _MODULES)
