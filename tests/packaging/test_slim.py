"""What the frozen app carries, decided by file name; what is wrong with a bundle; and where all of it came from."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.scripts import script

slim = script("slim")
inspecting = script("inspecting")
origin = script("origin")
freezing = script("freezing")
figures = script("figures")
smoke = script("smoke")
version_resource = script("version_resource")

FILES = [
    ("PySide6/Qt/plugins/platforms/libqoffscreen.so", True),
    ("PySide6/Qt/plugins/platforms/libqeglfs.so", False),
    ("PySide6/Qt/plugins/platforms/libqminimalegl.so", False),
    ("PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so", False),
    ("PySide6/Qt/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so", True),
    ("PySide6\\plugins\\platforms\\qwindows.dll", True),
    ("PySide6/Qt/plugins/platforms/libqcocoa.dylib", True),
    ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
    ("PySide6/Qt/plugins/printsupport/libcupsprintersupport.so", True),
    ("PySide6/Qt/plugins/sqldrivers/libqsqlite.so", False),
    ("PySide6/Qt/plugins/imageformats/libqjpeg_new.so", False),
    ("PySide6/Qt/translations/qtbase_de.qm", True),
    ("PySide6/Qt/translations/qtbase_fr.qm", False),
    ("PySide6/Qt/lib/libQt6EglFSDeviceIntegration.so.6", False),
    ("libQt6Quick.so.6", False),
    ("libQt6Widgets.so.6", True),
    ("PySide6/QtWidgets.abi3.so", True),
    ("PySide6\\QtNetwork.pyd", True),
    ("PySide6\\Qt6Svg.dll", True),
    ("PySide6/Qt/lib/QtGui.framework/Versions/A/QtGui", True),
    ("PySide6/Qt/lib/QtQml.framework/Versions/A/QtQml", False),
    ("PySide6/QtSomethingNew.abi3.so", False),
    ("QtCharts.abi3.so", False),
    ("python3.11/lib-dynload/readline.cpython-311-x86_64-linux-gnu.so", False),
    ("resources/fonts/Inter-Regular.ttf", True),
    ("sqlcipher3/_sqlite3.so", True),
]


@pytest.mark.parametrize(("name", "kept"), FILES)
def test_a_file_is_kept_or_left_out(name: str, kept: bool) -> None:
    assert slim.wanted(name) is kept


def test_nothing_forbidden_is_ever_kept() -> None:
    for word in slim.FORBIDDEN:
        assert not slim.wanted(f"PySide6/Qt/plugins/platforms/qoffscreen_{word}.so")


@pytest.mark.parametrize(
    ("name", "kind", "platform", "ours"),
    [
        ("libssl.so.3", "BINARY", "linux", False),
        ("libstdc++.so.6", "BINARY", "linux", False),
        ("libpython3.11.so.1.0", "BINARY", "linux", True),
        ("libQt6Core.so.6", "SYMLINK", "linux", True),
        ("libicudata.so.73", "SYMLINK", "linux", True),
        ("libz.so.1", "SYMLINK", "linux", False),
        ("_cffi_backend.so", "EXTENSION", "linux", True),
        ("PySide6/Qt/lib/libQt6Core.so.6", "BINARY", "linux", True),
        ("libssl-3.dll", "BINARY", "win32", True),
        ("libssl.3.dylib", "BINARY", "darwin", True),
    ],
)
def test_libraries_of_the_build_machine_stay_there(name: str, kind: str, platform: str, ours: bool) -> None:
    assert slim.belongs(name, kind, platform) is ours


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A folder with one file of everything that has to be in a frozen app."""
    folder = tmp_path / "counterpart"
    for part in (*inspecting.NEEDED, "PySide6/Qt/plugins/platforms/"):
        place = folder / "_internal" / part
        place.mkdir(parents=True)
        (place / ("libqxcb.so" if "plugins" in part else "something")).write_text("")
    return folder


def test_a_bundle_as_it_should_be(bundle: Path) -> None:
    assert inspecting.inspect(bundle) == []


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("PySide6/Qt/lib/libQt6Quick3D.so.6", "must not ship"),
        ("PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so", "must not ship"),
        ("PySide6/Qt/plugins/newthing/libqnew.so", "must not ship"),
        ("resources/translations/counterpart_de.ts", "no part of the product"),
        ("app/views/page.py", "no part of the product"),
    ],
)
def test_what_must_not_be_in_a_bundle_is_named(bundle: Path, name: str, why: str) -> None:
    place = bundle / "_internal" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("")
    (problem,) = inspecting.inspect(bundle)
    assert problem.startswith(f"_internal/{name} ")
    assert why in problem


def test_what_is_missing_in_a_bundle_is_named(bundle: Path) -> None:
    (bundle / "_internal/resources/licences/something").unlink()
    (bundle / "_internal/PySide6/Qt/plugins/platforms/libqxcb.so").unlink()
    assert inspecting.inspect(bundle) == ["resources/licences/ is missing", "no Qt platform plugin"]


def test_a_link_out_of_the_bundle_is_named(bundle: Path) -> None:
    (bundle / "passwords").symlink_to("/etc/passwd")
    assert inspecting.inspect(bundle) == ["passwords leads out of the folder"]


def test_everything_in_a_bundle_has_an_owner(tmp_path: Path) -> None:
    packages, python, root = tmp_path / "packages", tmp_path / "python", tmp_path / "tree"
    places = origin.Places(root, packages, (python,), tmp_path / "work")
    listed = [
        origin.Entry("httpx", str(packages / "httpx.py"), "PYMODULE"),
        origin.Entry("merge3", str(packages / "merge3.py"), "PYMODULE"),
        origin.Entry("json", str(python / "json.py"), "PYMODULE"),
        origin.Entry("app.services", str(root / "app" / "services.py"), "PYMODULE"),
        origin.Entry("tests.thing", str(root / "tests" / "thing.py"), "PYMODULE"),
        origin.Entry("libz.so", "/usr/lib/libz.so", "BINARY"),
        origin.Entry("locale", str(tmp_path / "work" / "de.dat"), "DATA"),
        origin.Entry("link", "somewhere", "SYMLINK"),
        origin.Entry("google", "-", "PYMODULE"),
    ]
    owned = {packages / "httpx.py": "httpx", packages / "merge3.py": "merge3"}
    names, strange = origin.bundled(listed, places, owned)
    assert names == {"httpx", "merge3"}
    assert [text.partition(" ")[0] for text in strange] == ["libz.so", "tests.thing"]
    assert (
        origin.faults(names, {"httpx"}, strange)[0]
        == "merge3 is in the bundle and not in requirements/client.txt"
    )
    assert origin.faults({"httpx", "pyinstaller"}, {"httpx"}, ()) == []


def test_what_the_spec_file_wrote_down_is_read(tmp_path: Path) -> None:
    (tmp_path / "collected.json").write_text(json.dumps([["app", "/a/b.py", "PYMODULE"]]))
    assert origin.entries(tmp_path / "collected.json") == (origin.Entry("app", "/a/b.py", "PYMODULE"),)


def test_two_trees_differ_in_what_they_say(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for tree in (one, other):
        (tree / "part").mkdir(parents=True)
        for name in ("same", "mode", "part/content"):
            (tree / name).write_text("text")
        (tree / "link").symlink_to("same")
    assert freezing.differences(one, other) == []
    (other / "mode").chmod(0o755)
    (other / "part/content").write_text("test")
    (other / "link").unlink()
    (other / "link").symlink_to("mode")
    (one / "alone").write_text("")
    assert freezing.differences(one, other) == ["alone", "link", "mode", "part/content"]


@pytest.mark.parametrize(
    ("code", "out", "err", "well"),
    [
        (0, 'Signing in\n{"synced": true}\n', "", True),
        (0, '{"synced": true}\n', "QFont: no such family\n", False),
        (0, '{"synced": false}\n', "", False),
        (0, "", "", False),
        (1, '{"synced": true}\n', "", False),
    ],
)
def test_a_smoke_run_that_complains_has_failed(code: int, out: str, err: str, well: bool) -> None:
    done = subprocess.CompletedProcess([], code, out, err)
    assert (smoke.judged(done) == []) is well


def test_a_start_that_takes_too_long_fails_the_build_and_is_told() -> None:
    ours, plain = figures.Started((0.9, 1.2, 0.8)), figures.Started((0.2, 0.3))
    assert (ours.best, ours.median) == (0.8, 0.9)
    good = {"size_mb": 150.0, "hello_size_mb": 190.0, "start_best_s": 0.8, "start_median_s": 0.9}
    good |= {"hello_start_best_s": plain.best, "hello_start_median_s": plain.median}
    good |= {"start_cpu_s": 0.9, "hello_start_cpu_s": 0.1}
    assert figures.faults(good) == []
    assert "(as wanted)" in figures.words(good)
    assert "more than 1 s" in figures.words(good | {"start_best_s": 1.4})
    assert len(figures.faults(good | {"start_best_s": 9.0, "size_mb": 200.0})) == 2
    assert figures.faults(good | {"start_cpu_s": 1.6}) == ["a start takes 1.6 s of the processor"]
    assert figures.faults(good | {"start_cpu_s": 1.6, "hello_start_cpu_s": 0.2}) == [], "a slow machine"


@pytest.mark.parametrize(
    ("release", "four"),
    [
        ("0.1.0", (0, 1, 0, 0)),
        ("1.2", (1, 2, 0, 0)),
        ("2.3.4-rc.1", (2, 3, 4, 0)),
        ("1.2.3+build.7", (1, 2, 3, 0)),
    ],
)
def test_windows_gets_four_numbers(release: str, four: tuple[int, ...]) -> None:
    assert version_resource.numbers(release) == four
    assert f"filevers={four}" in version_resource.version_resource(release)


def test_what_windows_shows_of_the_program() -> None:
    names = (
        "VSVersionInfo",
        "FixedFileInfo",
        "StringFileInfo",
        "StringTable",
        "StringStruct",
        "VarFileInfo",
        "VarStruct",
    )

    def taken(*arguments: object, **named: object) -> tuple[object, ...]:
        return (*arguments, *named.items())

    read = eval(version_resource.version_resource("1.2.3"), dict.fromkeys(names, taken))
    text = repr(read)
    assert "('OriginalFilename', 'counterpart.exe')" in text
    assert "('prodvers', (1, 2, 3, 0))" in text


@pytest.mark.parametrize(
    ("program", "well"),
    [
        (["-m", "app.services.pdf_process"], True),
        (["-c", "raise SystemExit(3)"], False),
        (["-c", "import sys; sys.stdout.buffer.write(bytes(16)); sys.stdin.read()"], False),
    ],
    ids=["reads", "ends", "says nothing of use"],
)
def test_a_smoke_run_lets_a_page_be_drawn(program: list[str], well: bool) -> None:
    assert (smoke.pages_read([sys.executable, *program]) == []) is well
