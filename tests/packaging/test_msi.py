"""The Windows package, made here by wixl from a payload that is not the app, and read with msiinfo and msiextract.

What Windows does with it is tried by the workflow that makes releases, on Windows.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

from app.contract.version import RELEASE
from app.session.policy.schema import Policy
from tests.packaging.scripts import script

build = script("windows.build")
payload = script("windows.payload")
settings = script("windows.settings")
tables = script("windows.tables")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="wixl and msiinfo are here on Linux only")

Row = Mapping[str, str]
UPGRADE_CODE = "{6F0C8C5E-3B0B-4E55-9E0A-5A1E5C0F7D21}"


class Package:
    """A package that was made, by its tables."""

    def __init__(self, path: Path, source: Path) -> None:
        self.path, self.source = path, source
        self._tables: dict[str, list[Row]] = {}

    def rows(self, name: str) -> list[Row]:
        """The rows of a table, by the names of the columns."""
        if name not in self._tables:
            told = subprocess.run(
                ["msiinfo", "export", str(self.path), name], check=True, capture_output=True
            )
            lines = told.stdout.decode().rstrip("\r\n").split("\r\n")
            head = lines[0].split("\t")
            self._tables[name] = [dict(zip(head, line.split("\t"), strict=True)) for line in lines[3:]]
        return self._tables[name]

    def one(self, table: str, column: str, value: str) -> Row:
        """The only row with that value."""
        (row,) = [row for row in self.rows(table) if row[column] == value]
        return row

    @property
    def properties(self) -> dict[str, str]:
        return {row["Property"]: row["Value"] for row in self.rows("Property")}


def made(folder: Path, *, name: str = "one", stand_in: bool = True, release: str = RELEASE) -> Package:
    source = build.stand_in(folder / f"{name}-payload")
    what = build.package(
        release, stand_in=stand_in, environment={"COUNTERPART_ABOUT_URL": "https://vendor.example"}
    )
    return Package(build.build(what, source, folder / name, folder / f"{name}-work"), source)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return made(tmp_path_factory.mktemp("msi"))


def test_a_stand_in_says_that_it_is_none_of_the_app(package: Package, tmp_path: Path) -> None:
    assert package.path.name == f"counterpart-{RELEASE}-standin.msi"
    assert package.properties["ProductName"] == "Counterpart (stand-in, not the app)"
    assert "not the app" in package.properties["ARPCOMMENTS"]
    assert "stands in for the app" in (package.source / "STAND-IN.txt").read_text()
    real = made(tmp_path, stand_in=False)
    assert real.path.name == f"counterpart-{RELEASE}-x64.msi"
    assert real.properties["ProductName"] == "Counterpart"
    assert real.properties["ProductCode"] != package.properties["ProductCode"]


def test_every_byte_of_the_payload_is_in_it_and_it_is_marked_as_managed(
    package: Package, tmp_path: Path
) -> None:
    subprocess.run(["msiextract", "-C", str(tmp_path), str(package.path)], check=True, capture_output=True)
    found = {file: file.read_bytes() for file in (tmp_path / "Counterpart").rglob("*") if file.is_file()}
    content = {str(file.relative_to(tmp_path / "Counterpart")): data for file, data in found.items()}
    assert json.loads(content.pop("installation.json")) == {"kind": "managed"}
    source = (file for file in package.source.rglob("*") if file.is_file())
    assert content == {str(file.relative_to(package.source)): file.read_bytes() for file in source}


def test_it_is_installed_for_the_whole_computer_in_program_files(package: Package) -> None:
    assert package.properties["ALLUSERS"] == "1"
    assert (
        package.one("Directory", "Directory", "INSTALLFOLDER")["Directory_Parent"] == "ProgramFiles64Folder"
    )
    assert all(int(row["Attributes"]) & 256 for row in package.rows("Component")), "a component for 32 bits"
    (feature,) = package.rows("Feature")
    listed = {row["Component_"] for row in package.rows("FeatureComponents")}
    assert feature["Level"] == "1"
    assert listed == {row["Component"] for row in package.rows("Component")}


def test_an_older_version_goes_and_a_newer_one_stays(package: Package) -> None:
    assert package.properties["UpgradeCode"] == UPGRADE_CODE
    older = package.one("Upgrade", "ActionProperty", "OLDERFOUND")
    newer = package.one("Upgrade", "ActionProperty", "NEWERFOUND")
    assert {row["UpgradeCode"] for row in (older, newer)} == {UPGRADE_CODE}
    # 256: the least version counts; 2: only looked for. The own version is neither older nor newer.
    assert (older["VersionMin"], older["VersionMax"], older["Attributes"]) == ("0.0.0", RELEASE, "256")
    assert (newer["VersionMin"], newer["VersionMax"], newer["Attributes"]) == (RELEASE, "", "2")
    refused = package.one("LaunchCondition", "Condition", "Installed OR NOT NEWERFOUND")
    assert "A newer version of Counterpart is installed" in refused["Description"]
    order = sequence(package)
    assert order["FindRelatedProducts"] < order["LaunchConditions"]
    # Within the transaction: if the new one cannot be installed, the old one is put back.
    assert order["InstallInitialize"] < order["RemoveExistingProducts"] < order["InstallFiles"]


def test_a_later_version_is_another_product_of_the_same_line(package: Package, tmp_path: Path) -> None:
    later = made(tmp_path, release="0.2.0")
    assert later.properties["ProductCode"] != package.properties["ProductCode"]
    assert later.properties["UpgradeCode"] == UPGRADE_CODE
    assert later.one("Upgrade", "ActionProperty", "OLDERFOUND")["VersionMax"] == "0.2.0"
    same = {row["Component"]: row["ComponentId"] for row in package.rows("Component")}
    assert {row["Component"]: row["ComponentId"] for row in later.rows("Component")} == same


def test_a_file_that_is_older_by_its_version_is_installed_as_well(package: Package) -> None:
    assert "a" in package.properties["REINSTALLMODE"]


def sequence(package: Package, table: str = "InstallExecuteSequence") -> dict[str, int]:
    return {row["Action"]: int(row["Sequence"]) for row in package.rows(table)}


def test_nothing_restarts_the_computer_or_asks_anything(package: Package) -> None:
    assert package.properties["REBOOT"] == "ReallySuppress"
    for table in ("InstallExecuteSequence", "InstallUISequence"):
        assert not {"ScheduleReboot", "ForceReboot"} & sequence(package, table).keys()
    told = subprocess.run(
        ["msiinfo", "tables", str(package.path)], check=True, capture_output=True, text=True
    )
    assert not {"Dialog", "Control"} & set(told.stdout.split())
    # The Restart Manager closes what runs; without it files in use would wait for a restart.
    assert "MSIRESTARTMANAGERCONTROL" not in package.properties


def test_each_setting_of_an_organisation_has_a_property(package: Package) -> None:
    known = {one.value: one for one in settings.settings()}
    assert set(known) == {field.alias for name, field in Policy.model_fields.items() if name != "telemetry"}
    assert {"SERVERURL", "KIOSK", "ALLOWEDGATEWAYS", "UPDATECHANNEL", "OFFLINEDAYS"} <= {
        one.prop for one in known.values()
    }
    for one in known.values():
        row = package.one("Registry", "Registry", one.value)
        assert (row["Root"], row["Key"], row["Name"]) == ("2", r"Software\Counterpart", one.value)
        # A number is a DWORD, which the sign before it says.
        assert row["Value"] == ("#" if one.number else "") + f"[{one.prop}]"
        assert package.one("Component", "Component", row["Component_"])["Condition"] == f'{one.prop} <> ""'
    assert {value for value, one in known.items() if one.number} == {
        "Kiosk",
        "KioskUnlockMinutes",
        "IdleLockSeconds",
        "OfflineDays",
        "DocumentQuotaMb",
    }


def test_no_setting_has_a_value_before_somebody_gives_one(package: Package) -> None:
    assert not {one.prop for one in settings.settings()} & package.properties.keys()


def test_what_was_given_once_holds_after_an_upgrade_until_it_is_given_anew(package: Package) -> None:
    order = sequence(package)
    for one in settings.settings():
        kept = package.one("Registry", "Registry", f"{one.value}Kept")
        # As it was typed, never as a DWORD: that would be read back with a sign before it.
        assert (kept["Key"], kept["Name"], kept["Value"]) == (
            r"Software\Counterpart\Installer",
            one.prop,
            f"[{one.prop}]",
        )
        place = package.one(
            "RegLocator", "Signature_", package.one("AppSearch", "Property", one.remembered)["Signature_"]
        )
        assert (place["Root"], place["Key"], place["Name"]) == ("2", kept["Key"], kept["Name"])
        assert int(place["Type"]) == 2 | 16, "a raw value, of the registry for 64 bits"
        action = f"Keep{one.value}"
        taken = package.one("CustomAction", "Action", action)
        assert (taken["Type"], taken["Source"], taken["Target"]) == ("51", one.prop, f"[{one.remembered}]")
        for table in ("InstallExecuteSequence", "InstallUISequence"):
            condition = package.one(table, "Action", action)["Condition"]
            assert condition == f'{one.remembered} <> "" AND {one.prop} = ""'
        assert order["AppSearch"] < order[action] < order["LaunchConditions"] < order["CostFinalize"]


def test_no_two_actions_have_the_same_number(package: Package) -> None:
    for table in ("InstallExecuteSequence", "InstallUISequence"):
        numbers = list(sequence(package, table).values())
        assert len(numbers) == len(set(numbers))


def test_public_properties_reach_the_half_that_runs_as_the_system(package: Package) -> None:
    secure = set(package.properties["SecureCustomProperties"].split(";"))
    assert secure == set(settings.secure_properties())
    searched = {row["Property"] for row in package.rows("AppSearch")}
    found = {row["ActionProperty"] for row in package.rows("Upgrade")}
    assert searched | found | {one.prop for one in settings.settings()} | {"KEEPDATA"} <= secure
    assert all(name == name.upper() for name in secure)


def test_what_may_hold_a_password_is_not_in_the_installers_log(package: Package) -> None:
    assert package.properties["MsiHiddenProperties"] == "PROXY;WASPROXY"


def test_links_and_receipts_open_in_the_program(package: Package) -> None:
    by_place = {
        (row["Key"], row["Name"]): row["Value"]
        for row in package.rows("Registry")
        if row["Key"].startswith(r"Software\Classes")
    }
    classes = r"Software\Classes"
    assert by_place[rf"{classes}\counterpart", ""] == "URL:Counterpart"
    assert by_place[rf"{classes}\counterpart", "URL Protocol"] == ""
    kind = by_place[rf"{classes}\.counterpart-receipt", ""]
    for key in (rf"{classes}\counterpart", rf"{classes}\{kind}"):
        # Quoted, and after the two hyphens: a link with a quotation mark in it brings no option of its own.
        assert by_place[rf"{key}\shell\open\command", ""] == '"[#Program]" open -- "%1"'
        assert by_place[rf"{key}\DefaultIcon", ""] == "[#Program],0"
    assert package.one("File", "File", "Program")["FileName"] == "counterpart.exe"


def test_the_start_menu_has_the_program_itself(package: Package) -> None:
    shortcut = package.one("Shortcut", "Shortcut", "StartMenu")
    # A feature as its target would make each start ask the installer first.
    assert (shortcut["Directory_"], shortcut["Name"], shortcut["Target"]) == (
        "ProgramMenuFolder",
        "Counterpart",
        "[#Program]",
    )


def test_windows_lists_it_with_picture_and_address(package: Package) -> None:
    assert package.properties["ARPPRODUCTICON"] == "counterpart.ico"
    assert (
        package.properties["ARPURLINFOABOUT"] == package.properties["ARPHELPLINK"] == "https://vendor.example"
    )
    stored = subprocess.run(
        ["msiinfo", "extract", str(package.path), "Icon.counterpart.ico"], check=True, capture_output=True
    ).stdout
    assert stored[:4] == b"\0\0\1\0"
    count = int.from_bytes(stored[4:6], "little")
    assert count == 7
    for at in range(6, 6 + 16 * count, 16):
        size, offset = (int.from_bytes(stored[at + begin : at + begin + 4], "little") for begin in (8, 12))
        picture = stored[offset : offset + size]
        assert picture.startswith(b"\x89PNG")
        assert len(picture) == size
        assert int.from_bytes(picture[16:20], "big") % 256 == stored[at]


def test_data_of_users_stays_unless_the_uninstall_is_told_otherwise(package: Package) -> None:
    assert package.properties["KEEPDATA"] == "1"
    action = package.one("CustomAction", "Action", "WipeProfiles")
    # 18: a program that is installed; 64: what it answers does not matter; 1024, 2048: later, and as the system.
    assert int(action["Type"]) == 18 | 64 | 1024 | 2048
    assert (action["Source"], action["Target"]) == ("Program", "wipe-profiles --of-everybody")
    row = package.one("InstallExecuteSequence", "Action", "WipeProfiles")
    assert row["Condition"] == 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE AND KEEPDATA="0"'
    order = sequence(package)
    assert order["InstallInitialize"] < order["WipeProfiles"] < order["RemoveFiles"]


def test_the_same_input_makes_the_same_bytes(package: Package, tmp_path: Path) -> None:
    again = made(tmp_path, name="two")
    assert again.path.read_bytes() == package.path.read_bytes()
    (again.source / "STAND-IN.txt").write_text("something else", encoding="utf-8")
    what = build.package(stand_in=True, environment={"COUNTERPART_ABOUT_URL": "https://vendor.example"})
    other = Package(
        build.build(what, again.source, tmp_path / "three", tmp_path / "three-work"), again.source
    )
    codes = {
        next(row["Value"] for row in one.rows("_SummaryInformation") if row["PropertyId"] == "9")
        for one in (package, other)
    }
    assert len(codes) == 2, "two packages that differ have one code"


@pytest.mark.parametrize("release", ["0.2.0b1", "1.2", "256.0.0", "1.0.70000", "v1.0.0"])
def test_a_version_that_windows_cannot_compare_is_refused(release: str) -> None:
    with pytest.raises(build.BuildFailed, match="no version for Windows"):
        build.package(release)


def test_a_payload_that_is_not_what_it_should_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(build.BuildFailed, match=r"has no counterpart\.exe"):
        build.stage(tmp_path, tmp_path / "staged", 0)
    odd = build.stand_in(tmp_path / "odd")
    (odd / "link").symlink_to(odd / "STAND-IN.txt")
    with pytest.raises(ValueError, match="is a link"):
        payload.paths(odd)
    for name in ("a$b", "straße"):
        with pytest.raises(ValueError, match=re.escape(name)):
            payload.fragment([payload.PROGRAM, PurePosixPath(name)], Path("payload"))


def test_what_wixl_does_not_know_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = shutil.copyfile(build.SOURCE, tmp_path / build.SOURCE.name)
    text = source.read_text("utf-8")
    source.write_text(text.replace("<Icon Id", '<Icon Unheard="of" Id'), encoding="utf-8")
    monkeypatch.setattr(build, "SOURCE", source)
    with pytest.raises(build.BuildFailed, match="wixl does not know: Unheard"):
        made(tmp_path)


def test_each_component_has_an_identity_of_its_own_that_follows_from_its_path(package: Package) -> None:
    identities = [row["ComponentId"] for row in package.rows("Component")]
    assert len(identities) == len(set(identities))
    assert payload.component_guid(PurePosixPath("A/b")) == payload.component_guid(PurePosixPath("a/B"))


def test_all_source_is_that_of_wix_3(tmp_path: Path) -> None:
    """What wixl does not look at, and WiX does."""
    texts = [*settings.includes().values(), payload.fragment([payload.PROGRAM], Path("payload"))]
    for text in [*texts, build.SOURCE.read_text("utf-8")]:
        root = ET.fromstring(text)
        assert all(one.tag.startswith(f"{{{payload.NAMESPACE}}}") for one in root.iter())
        # Each is once in a package.
        names = [
            one.get("Id")
            for one in root.iter()
            if one.tag.endswith(("}Component", "}Property", "}CustomAction"))
        ]
        assert len(names) == len(set(names))


def test_wix_is_called_on_windows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run: list[list[str]] = []
    monkeypatch.setattr(build, "_run", lambda command, _where: run.append([str(part) for part in command]))
    monkeypatch.setattr(build.sys, "platform", "win32")
    monkeypatch.setenv("WIX", str(tmp_path))
    what = build.package(stand_in=True, environment={})
    result = build.build(what, build.stand_in(tmp_path / "payload"), tmp_path / "to", tmp_path / "work")
    candle, light = run
    assert candle[0] == str(tmp_path / "bin" / "candle.exe")
    assert candle[1:4] == ["-nologo", "-arch", "x64"]
    assert f"-dProductCode={what.product_code}" in candle
    assert not any("Wixl" in part for part in candle)
    assert light[0] == str(tmp_path / "bin" / "light.exe")
    assert light[light.index("-out") + 1] == str(result)
    # Of the checks, only those for a shortcut of one user are left out.
    assert [part for part in light if part.startswith("-sice")] == [
        "-sice:ICE43",
        "-sice:ICE57",
        "-sice:ICE90",
    ]
