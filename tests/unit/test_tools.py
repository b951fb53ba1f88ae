"""The set-up: what it installs, what it leaves alone, and what it tells a person who must act first."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tools import commands, environment, system_libraries
from tools import nightly as night
from tools.commands import has_display, parser, run
from tools.environment import Stamp, Step, ensure_environment, read_stamp, steps_needed, write_stamp
from tools.licences import acceptable, locked_names, refused
from tools.locking import SOURCES, faults, pins
from tools.project import LOCK, ROOT, SHIPPED, SetupError
from tools.system_libraries import (
    NEEDS,
    TEST_NEEDS,
    Need,
    install_command,
    is_debian,
    missing,
    missing_message,
    python_needs,
)

STAMP = Stamp(root="/home/maya/counterpart", python="3 11 x86_64", lock="a" * 64, project="b" * 64)
PIN = (
    "httpx==0.28.1 ; sys_platform == 'linux' \\\n    --hash=sha256:" + "0" * 64 + "\n    # via counterpart\n"
)


def font_names(font: bytes) -> list[tuple[int, str]]:
    """The entries (number, text) of a TrueType font's name table, all of them Windows Unicode here."""
    (tables,) = struct.unpack_from(">H", font, 4)
    start = next(
        struct.unpack_from(">L", font, 12 + 16 * index + 8)[0]
        for index in range(tables)
        if font[12 + 16 * index :].startswith(b"name")
    )
    count, strings = struct.unpack_from(">HH", font, start + 2)
    entries = [struct.unpack_from(">6H", font, start + 6 + 12 * index) for index in range(count)]
    return [
        (number, font[start + strings + at : start + strings + at + length].decode("utf-16-be"))
        for _, _, _, number, length, at in entries
    ]


class TestLocks:
    @pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.name)
    def test_the_committed_files_carry_hashes_and_no_address(self, file: Path) -> None:
        assert faults(file.read_text(encoding="utf-8")) == []

    @pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
    def test_what_ships_has_the_versions_that_are_tested(self, file: Path) -> None:
        locked = {pin.group(0) for pin in pins(LOCK.read_text(encoding="utf-8"))}
        shipped = {pin.group(0).split(" ;")[0].removesuffix(" \\") for pin in pins(file.read_text("utf-8"))}
        assert shipped <= {line.split(" ;")[0].removesuffix(" \\") for line in locked}

    def test_the_gateway_ships_neither_qt_nor_the_clients_database(self) -> None:
        assert locked_names([ROOT / "requirements/gateway.txt"]).isdisjoint(
            {"pyside6-essentials", "shiboken6", "sqlcipher3", "keyring"}
        )

    @pytest.mark.parametrize(
        "line",
        [
            "--index-url https://packages.example/simple\n",
            "--extra-index-url file:///srv/wheels\n",
            "--find-links /srv/wheels\n",
            "thing @ https://packages.example/thing.whl\n",
            "/srv/wheels/thing.whl\n",
        ],
    )
    def test_an_address_is_a_fault(self, line: str) -> None:
        assert faults(PIN) == []
        assert any("names a place" in fault for fault in faults(PIN + line))

    def test_a_pin_without_a_hash_is_a_fault(self) -> None:
        assert faults(PIN + "idna==3.20\n") == ["no hash for idna==3.20"]

    def test_an_empty_file_is_a_fault(self) -> None:
        assert faults("") == ["it pins nothing"]


class TestStamp:
    @pytest.mark.parametrize(
        ("found", "steps"),
        [
            (STAMP, ()),
            (None, (Step.CREATE, Step.INSTALL, Step.LINK)),
            (replace(STAMP, root="/elsewhere"), (Step.CREATE, Step.INSTALL, Step.LINK)),
            (replace(STAMP, python="3 13 x86_64"), (Step.CREATE, Step.INSTALL, Step.LINK)),
            (replace(STAMP, lock="c" * 64), (Step.INSTALL, Step.LINK)),
            (replace(STAMP, project="c" * 64), (Step.LINK,)),
        ],
    )
    def test_only_what_changed_is_done_again(self, found: Stamp | None, steps: Sequence[Step]) -> None:
        assert steps_needed(found, STAMP) == steps

    def test_it_survives_the_disk(self, tmp_path: Path) -> None:
        write_stamp(tmp_path / "stamp.json", STAMP)
        assert read_stamp(tmp_path / "stamp.json") == STAMP

    @pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"root": "/home/maya/counterpart", "extra": 1}'])
    def test_a_damaged_one_counts_as_none(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "stamp.json"
        path.write_text(text, encoding="utf-8")
        assert read_stamp(path) is None

    def test_an_installation_that_failed_leaves_no_stamp(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stamp = tmp_path / "stamp.json"
        write_stamp(stamp, replace(environment._wanted(), lock="c" * 64))
        monkeypatch.setattr(environment, "STAMP", stamp)
        monkeypatch.setattr(environment, "_pip", lambda *_: 1)
        with pytest.raises(SetupError, match="could not be installed"):
            ensure_environment()
        assert not stamp.exists()

    def test_an_environment_that_is_up_to_date_starts_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stamp = tmp_path / "stamp.json"
        write_stamp(stamp, environment._wanted())
        monkeypatch.setattr(environment, "STAMP", stamp)
        monkeypatch.setattr(environment, "_pip", lambda *_: pytest.fail("pip was started"))
        monkeypatch.setattr(environment, "_create", lambda: pytest.fail("an environment was made"))
        ensure_environment()

    def test_another_copys_environment_behind_a_link_is_left_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        another, link = tmp_path / "another", tmp_path / ".venv"
        another.mkdir()
        (another / "pyvenv.cfg").write_text("home = /usr/bin\n")
        link.symlink_to(another)
        monkeypatch.setattr(environment, "VENV", link)
        environment._create()
        assert [path.name for path in another.iterdir()] == ["pyvenv.cfg"]
        assert (link / "pyvenv.cfg").exists()
        assert not link.is_symlink()


class TestSystemLibraries:
    WANTED = (Need("libegl1", library="libEGL.so.1"), Need("binutils", program="objdump"))

    def test_a_library_that_no_machine_has_is_missing(self) -> None:
        absent = Need("libnowhere1", library="libnowhere-counterpart.so.1")
        ghost = Need("nowhere", program="no-such-program-counterpart")
        assert missing((absent, ghost)) == (absent, ghost)

    def test_another_browser_than_debians_does_as_well(self) -> None:
        assert (
            missing((Need("nowhere", program="no-such-program-counterpart", others=("python3", "sh")),)) == ()
        )

    def test_only_tests_need_a_browser_and_the_tools_of_windows_packages(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[frozenset[str]] = []

        def ensure(needs: Sequence[Need]) -> None:
            asked.append(frozenset(need.package for need in needs))

        monkeypatch.setattr(commands, "ensure_libraries", ensure)
        monkeypatch.setattr(commands, "ensure_environment", lambda: None)
        monkeypatch.setattr(commands, "_module", lambda *_, **__: 0)
        monkeypatch.setattr(commands, "has_display", lambda *_: True)
        assert [run([command]) for command in ("demo", "test")] == [0, 0]
        demo, test = asked
        assert test - demo == {"chromium", "chromium-driver", "msitools", "osslsigncode", "wixl"}

    def test_packages_need_what_tests_need_and_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ran: list[tuple[str, ...]] = []

        def record(*arguments: str, extra: object = None) -> int:
            ran.append(arguments)
            return 0

        def run_program(arguments: Sequence[str | Path]) -> int:
            ran.append(tuple(str(part) for part in arguments))
            return 0

        monkeypatch.setattr(commands, "set_up", lambda needs: ran.append(tuple(one.package for one in needs)))
        monkeypatch.setattr(commands, "_module", record)
        monkeypatch.setattr(commands, "run_program", run_program)
        assert run(["package", "--twice", "--", "-x"]) == 0
        needs, built, tested = ran
        assert {one.package for one in TEST_NEEDS} | {"lintian", "debootstrap"} <= set(needs)
        assert built[1:] == ("packaging/build.py", "--twice")
        assert tested == ("pytest", "-m", "package", "tests/packaging", "-x")

    def test_only_debians_own_python_lacks_its_library(self) -> None:
        assert python_needs("/usr", (3, 11)) == (Need("libpython3.11", library="libpython3.11.so.1.0"),)
        assert python_needs("/opt/python", (3, 13)) == ()

    def test_the_message_gives_the_one_command(self) -> None:
        message = missing_message(self.WANTED, debian=True)
        assert "libEGL.so.1, objdump" in message
        assert "sudo apt-get install --yes --no-install-recommends binutils libegl1" in message

    def test_elsewhere_it_names_the_libraries_and_no_apt(self) -> None:
        message = missing_message(self.WANTED, debian=False)
        assert "libEGL.so.1, objdump" in message
        assert "apt" not in message

    def test_without_the_rights_nothing_is_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "platform", "linux")
        monkeypatch.setattr(system_libraries, "missing", lambda *_: self.WANTED)
        monkeypatch.setattr(system_libraries, "is_debian", lambda: True)
        monkeypatch.setattr(system_libraries, "_privilege", lambda: None)
        monkeypatch.setattr(
            system_libraries, "run_program", lambda *_, **__: pytest.fail("something was run")
        )
        with pytest.raises(SetupError, match="sudo apt-get install"):
            system_libraries.ensure_libraries()

    def test_when_all_is_there_not_even_the_rights_are_asked_for(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(system_libraries, "missing", lambda *_: ())
        monkeypatch.setattr(system_libraries, "_privilege", lambda: pytest.fail("asked for the rights"))
        monkeypatch.setattr(
            system_libraries, "run_program", lambda *_, **__: pytest.fail("something was run")
        )
        system_libraries.ensure_libraries()

    def test_root_installs_what_is_missing_and_looks_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ran: list[list[str]] = []

        def record(arguments: Sequence[str | Path], *, silent: bool) -> int:
            ran.append([str(part) for part in arguments])
            return 0

        monkeypatch.setattr(sys, "platform", "linux")
        monkeypatch.setattr(system_libraries, "missing", lambda *_: self.WANTED)
        monkeypatch.setattr(system_libraries, "is_debian", lambda: True)
        monkeypatch.setattr(system_libraries, "_privilege", list)
        monkeypatch.setattr(system_libraries, "run_program", record)
        with pytest.raises(SetupError, match="did not bring everything"):
            system_libraries.ensure_libraries()
        assert "update" in ran[0]
        assert ran[1][-2:] == ["binutils", "libegl1"]

    @pytest.mark.parametrize(
        ("text", "debian"),
        [
            ("ID=fedora\n", False),
            ('ID=opensuse-leap\nID_LIKE="suse opensuse"\n', False),
            ("ID=debian\n", True),
            ('NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', True),
        ],
    )
    def test_relatives_of_debian(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, debian: bool
    ) -> None:
        monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/apt-get")
        (tmp_path / "os-release").write_text(text, encoding="utf-8")
        assert is_debian(tmp_path / "os-release") is debian
        assert not is_debian(tmp_path / "absent")

    def test_packages_are_named_once(self) -> None:
        assert install_command((*NEEDS, *NEEDS)) == install_command(NEEDS)


class TestLicences:
    @pytest.mark.parametrize(
        ("package", "licence", "may_ship"),
        [
            ("thing", "MIT", True),
            ("thing", "MIT OR GPL-3.0-only", True),
            ("thing", "MIT AND GPL-3.0-only", False),
            ("thing", "Apache License, Version 2.0", True),
            ("thing", "BSD-3-Clause, Apache-2.0", True),
            ("thing", "BSD License; GNU General Public License v2 (GPLv2)", False),
            ("thing", "GPL-2.0-or-later", False),
            ("thing", "AGPL-3.0-only", False),
            ("thing", "LGPL-3.0-only", False),
            ("thing", "UNKNOWN", False),
            ("PySide6_Essentials", "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", True),
            ("PySide6_Essentials", "GPL-3.0-only", False),
        ],
    )
    def test_what_may_ship(self, package: str, licence: str, may_ship: bool) -> None:
        assert acceptable(package, licence) is may_ship

    def test_only_what_ships_is_judged(self) -> None:
        installed = {"Py_Installer": "GPL-2.0-only", "Merge3": "GPL-2.0-or-later"}
        assert refused(installed, frozenset({"merge3"})) == {"Merge3": "GPL-2.0-or-later"}


class TestCommands:
    @pytest.mark.parametrize(
        ("platform", "variables", "display"),
        [
            ("linux", {}, False),
            ("linux", {"DISPLAY": ""}, False),
            ("linux", {"DISPLAY": ":0"}, True),
            ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
            ("darwin", {}, True),
            ("win32", {}, True),
        ],
    )
    def test_where_a_window_can_be_shown(
        self, platform: str, variables: dict[str, str], display: bool
    ) -> None:
        assert has_display(platform, variables) is display

    def test_without_a_display_the_demo_is_the_tour_and_says_so(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        ran: list[tuple[str, ...]] = []

        def record(*arguments: str, extra: object = None) -> int:
            ran.append(arguments)
            return 7

        monkeypatch.setattr(commands, "set_up", lambda: None)
        monkeypatch.setattr(commands, "has_display", lambda *_: False)
        monkeypatch.setattr(commands, "_module", record)
        assert run(["demo"]) == 7
        assert ran == [("tests.e2e.tour", "--only", "story")]
        assert "no display" in capsys.readouterr().out

    def test_what_a_person_must_do_is_one_message_and_a_failure(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def stop(_needs: object) -> None:
            raise SetupError("Install it with: sudo apt-get install thing")

        monkeypatch.setattr(commands, "set_up", stop)
        assert run(["test"]) == 1
        assert capsys.readouterr().err == "Install it with: sudo apt-get install thing\n"

    def test_options_reach_the_programs(self) -> None:
        assert parser().parse_args(["tour", "--break", "ledger"]).fault == "ledger"
        assert parser().parse_args(["simulate", "--seeds", "5"]).seeds == 5
        assert parser().parse_args(["crash", "--kills", "9"]).kills == 9
        assert parser().parse_args(["test", "--", "-k", "merge"]).rest == ["-k", "merge"]

    def test_at_night_what_fails_does_not_keep_the_rest_from_running(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def fails(log: Path) -> int:
            log.write_text("one\nthe reason\n", "utf-8")
            return 3

        monkeypatch.setattr(night, "REPORT", tmp_path)
        monkeypatch.setattr(night, "runs", lambda _: {"first": fails, "second": lambda _: 0})
        assert night.nightly() == 1
        assert capsys.readouterr().out.splitlines()[-1] == "1 of 2 well, not first"
        report = json.loads((tmp_path / "report.json").read_text("utf-8"))
        assert [(one["name"], one["ok"]) for one in report] == [("first", False), ("second", True)]

    def test_at_night_everything_long_runs(self) -> None:
        tonight, tomorrow = (night.commands(date(2026, 1, day)) for day in (1, 2))
        long = ["clean-copy", "simulation", "sabotage", "kills", "failover", "audit", "fuzz"]
        long += ["long-tests", "packages", "tour", "live-tests", "live-tour", "live-soak", "scale"]
        assert [*tonight] == long
        assert tonight["simulation"][-1] == "2000"
        assert tonight["kills"][-1] == "500"
        assert tonight["live-soak"][-4:-1] == ("--minutes", "30", "--seed")
        assert "--override-ini=timeout=0" in tonight["fuzz"]
        fuzzed = [ROOT / name for name in tonight["fuzz"] if name.endswith(".py")]
        assert all("hypothesis" in path.read_text("utf-8") for path in fuzzed)
        first = [int(night["simulation"][2]) for night in (tonight, tomorrow)]
        assert first[1] - first[0] == 2000, "each night goes on where the night before ended"

    @pytest.mark.parametrize("number", ["0", "-3", "many"])
    def test_a_senseless_number_of_seeds_is_refused(self, number: str) -> None:
        with pytest.raises(SystemExit):
            parser().parse_args(["simulate", "--seeds", number])

    def test_it_starts_without_the_environment(self) -> None:
        """Only the standard library: ``-I -S`` leaves no site-packages to lean on."""
        started = subprocess.run(
            [sys.executable, "-I", "-S", str(ROOT / "tools/dev.py"), "--help"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert started.returncode == 0, started.stderr
        assert "simulate" in started.stdout


class TestBundledFiles:
    def test_every_icon_takes_its_colour_from_outside_and_has_the_stroke_of_the_design(self) -> None:
        icons = sorted((ROOT / "resources/icons").glob("*.svg"))
        assert len(icons) > 80
        for icon in icons:
            text = icon.read_text(encoding="utf-8")
            assert 'viewBox="0 0 24 24"' in text, icon.name
            assert "currentColor" in text, icon.name
            if 'fill="none"' in text:
                assert 'stroke-width="1.75"' in text, icon.name

    def test_fonts_and_icons_carry_their_licences(self) -> None:
        licences = ROOT / "resources/licences"
        assert "SIL Open Font License, Version 1.1" in (licences / "inter.txt").read_text(encoding="utf-8")
        assert "MIT License" in (licences / "tabler-icons.txt").read_text(encoding="utf-8")

    @pytest.mark.parametrize("cut", ["Medium", "Regular", "SemiBold"])
    def test_no_font_of_the_system_can_take_the_place_of_a_bundled_one(self, cut: str) -> None:
        """Qt prefers an installed family of the same name, and then mixes the two."""
        family = {1, 16, 21}
        names = font_names((ROOT / f"resources/fonts/Inter-{cut}.ttf").read_bytes())
        found = {text for number, text in names if number in family}
        assert found
        assert all(text.startswith("Counterpart Inter") for text in found), found
