"""What ships is listed whole: every locked package and every work inside them, with licences, hashes and texts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import babel
import babel.localedata
import pytest
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from tests.packaging.scripts import script
from tools.licences import acceptable
from tools.project import ROOT

lock = script("evidence.lock")
natives = script("evidence.natives")
components = script("evidence.components")
notices = script("evidence.notices")
sbom = script("evidence.sbom")
provenance = script("evidence.provenance")
write = script("evidence.write")
locale_data = script("locale_data")

PACKAGES = Path(sysconfig.get_path("purelib"))
WHEN = 1_790_000_000


@pytest.fixture(scope="module")
def what() -> Any:
    """As `make package` asks its own environment; this one has the same packages, and more."""
    return write.content(Path(sys.executable), PACKAGES, {"httpx", "pyside6-essentials"})


@pytest.fixture(scope="module")
def listed(what: Any) -> Any:
    return json.loads(sbom.sbom(what.packages, what.works, when=WHEN, platform="Linux x86_64"))


def test_the_lock_is_read_whole() -> None:
    text = lock.CLIENT.read_text("utf-8")
    pins = lock.pinned()
    assert len(pins) == len(re.findall(r"^\S+==", text, re.MULTILINE))
    assert sum(len(pin.hashes) for pin in pins) == text.count("--hash=sha256:")
    assert all(pin.hashes for pin in pins)


def test_of_two_versions_one_is_installed_here() -> None:
    here = [pin.name for pin in lock.installed_here()]
    assert len(here) == len(set(here))
    windows = {"sys_platform": "win32", "python_full_version": "3.12.1", "implementation_name": "cpython"}
    there = {pin.name: pin.version for pin in lock.pinned() if pin.here(windows)}
    assert {"colorama", "pywin32-ctypes"} <= set(there)
    assert "secretstorage" not in there


def test_every_locked_package_has_a_licence_that_may_ship_and_its_text(what: Any) -> None:
    assert {one.pin.name for one in what.packages} == {pin.name for pin in lock.installed_here()}
    for one in what.packages:
        assert all(acceptable(one.pin.name, part) or part in SPELT for part in one.licence.split(" AND ")), (
            one
        )
    assert {one.pin.name for one in what.packages if not one.texts} == {"pyside6-essentials", "shiboken6"}


#: Licences of what is allowed by name in tools/licences.py, as SPDX spells them.
SPELT = {"LicenseRef-Public-Domain", "Zlib", "LGPL-3.0-only"}


def test_the_works_inside_the_packages_have_versions(what: Any) -> None:
    works = {work.name: work.version for work in what.works}
    assert {"Qt", "SQLCipher", "SQLite", "OpenSSL", "PDFium", "CPython", "Inter", "Tabler Icons"} <= set(
        works
    )
    assert all(re.match(r"\d+\.\d+", version) for version in works.values()), works


def test_the_notices_name_everything_with_its_text(what: Any) -> None:
    text = notices.notices(what.packages, what.works)
    for one in what.packages:
        assert f"\n{one.pin.name} {one.pin.version}\nLicence: {one.licence}\n" in text
    for work in what.works:
        assert f"\n{work.name} {work.version}\nLicence: {work.licence}\n" in text
    for words in (
        "GNU LESSER GENERAL PUBLIC LICENSE",
        "ZETETIC LLC",
        "SIL OPEN FONT LICENSE",
        "PYTHON SOFTWARE FOUNDATION",
    ):
        assert words.lower() in text.lower()
    assert text == notices.notices(what.packages, what.works)


def test_a_package_without_a_text_is_refused(what: Any) -> None:
    bare = components.Component(lock.Pinned("thing", "1.0", "", ()), "MIT", (), True)
    with pytest.raises(components.Incomplete, match="no text of the licence of thing"):
        notices.notices([bare], what.works)


def test_a_package_that_is_locked_and_not_there_is_refused() -> None:
    with pytest.raises(components.Incomplete, match=r"thing 1\.0 is locked and not installed"):
        components.components([lock.Pinned("thing", "1.0", "", ())], PACKAGES, ())


def test_the_list_fits_its_schema_and_has_everything(what: Any, listed: Any) -> None:
    text = sbom.sbom(what.packages, what.works, when=WHEN, platform="Linux x86_64")
    assert sbom.faults(text) == []
    assert text == sbom.sbom(what.packages, what.works, when=WHEN, platform="Linux x86_64")
    by_name = {one["name"]: one for one in listed["components"]}
    for pin in lock.installed_here():
        one = by_name[pin.name]
        assert one["purl"] == f"pkg:pypi/{pin.name}@{pin.version}"
        assert {value["content"] for value in one["hashes"]} == set(pin.hashes)
    assert {name for name, one in by_name.items() if one["scope"] == "required"} == {
        "httpx",
        "pyside6-essentials",
        *(work.name for work in what.works),
    }
    assert all(one["licenses"] for one in by_name.values())
    (qt,) = (one for one in listed["dependencies"] if one["ref"].startswith("pkg:pypi/pyside6-essentials@"))
    assert qt["dependsOn"] == [by_name["Qt"]["purl"]]


def test_a_list_that_does_not_fit_its_schema_is_told(listed: Any) -> None:
    assert sbom.faults(json.dumps(listed | {"bomFormat": "another"})) != []
    assert sbom.faults(json.dumps(listed | {"surprise": 1})) != []


def test_the_file_a_package_came_from_is_named_where_pip_told_it(what: Any, tmp_path: Path) -> None:
    report = tmp_path / "installed.json"
    archive = {"archive_info": {"hashes": {"sha256": "a" * 64}}}
    report.write_text(
        json.dumps({"install": [{"metadata": {"name": "PySide6_Essentials"}, "download_info": archive}]})
    )
    told = write.downloaded(report)
    assert told == {"pyside6-essentials": "a" * 64}
    listed = json.loads(sbom.sbom(what.packages, what.works, when=WHEN, downloaded=told))
    (one,) = (one for one in listed["components"] if one["name"] == "pyside6-essentials")
    assert one["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    assert write.downloaded(tmp_path / "absent.json") == {}


def test_the_statement_names_commit_locks_and_sums(tmp_path: Path) -> None:
    file = tmp_path / "thing.deb"
    file.write_bytes(b"content")
    text = provenance.provenance(
        {file.name: provenance.sha256(file)},
        [lock.CLIENT],
        {"Python": "3.11"},
        commit="c" * 40,
        changed=False,
    )
    said = json.loads(text)
    assert said["_type"] == "https://in-toto.io/Statement/v1"
    assert said["predicateType"] == "https://slsa.dev/provenance/v1"
    assert said["subject"] == [{"name": "thing.deb", "digest": {"sha256": provenance.sha256(file)}}]
    definition = said["predicate"]["buildDefinition"]
    source, client = definition["resolvedDependencies"]
    assert source["digest"] == {"gitCommit": "c" * 40}
    assert client == {"uri": "requirements/client.txt", "digest": {"sha256": provenance.sha256(lock.CLIENT)}}
    assert definition["internalParameters"] == {"tools": {"Python": "3.11"}, "treeChanged": False}


def test_the_builder_is_the_workflow_where_one_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_WORKFLOW_REF", raising=False)
    assert provenance.builder().endswith("own-computer")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://forge.example")
    monkeypatch.setenv("GITHUB_WORKFLOW_REF", "halden/counterpart/.github/workflows/release.yml@refs/tags/v1")
    assert (
        provenance.builder()
        == "https://forge.example/halden/counterpart/.github/workflows/release.yml@refs/tags/v1"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="sha256sum is a program of Linux")
def test_the_sums_are_what_sha256sum_reads(tmp_path: Path) -> None:
    for name in ("b.deb", "a.json"):
        (tmp_path / name).write_text(name)
    (tmp_path / "SHA256SUMS").write_text(provenance.checksums([tmp_path / "b.deb", tmp_path / "a.json"]))
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    done = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "a.json: OK\nb.deb: OK\n")
    (tmp_path / "b.deb").write_text("altered")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_a_folders_digest_is_of_names_contents_and_links(tmp_path: Path) -> None:
    seen = set()
    (tmp_path / "part").mkdir()
    for change in (
        lambda: (tmp_path / "part/a").write_text("one"),
        lambda: (tmp_path / "part/a").write_text("two"),
        lambda: (tmp_path / "part/a").rename(tmp_path / "part/b"),
        lambda: (tmp_path / "link").symlink_to("part/b"),
    ):
        change()
        seen.add(provenance.tree_digest(tmp_path))
    assert len(seen) == 4


def said_in(locale: str) -> list[str]:
    """Words and figures as the app has them formatted."""
    from datetime import UTC, datetime
    from decimal import Decimal

    at = datetime(2026, 11, 30, 16, 5, tzinfo=UTC)
    found = [format_date(at, style, locale=locale) for style in ("short", "medium", "long", "full")]
    found += [format_time(at, style, locale=locale) for style in ("short", "medium")]
    found += [format_skeleton(part, at, locale=locale) for part in ("MMMEd", "MMMMEEEEd", "MMMd")]
    found += [format_currency(Decimal("-1234567.5"), code, locale=locale) for code in ("EUR", "CHF", "JPY")]
    found += [format_decimal(Decimal("1234.5"), locale=locale), format_list(["a", "b", "c"], locale=locale)]
    parsed = babel.Locale.parse(locale)
    return [
        *found,
        str(sorted(parsed.territories.items())),
        str(parsed.number_symbols),
        str(parsed.text_direction),
    ]


def test_locales_without_what_no_screen_asks_for_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Path(babel.localedata.__file__).parent / "locale-data"
    names = (
        "root",
        "en",
        "en_001",
        "en_150",
        "en_GB",
        "de",
        "de_CH",
        "ar",
        "ar_EG",
        "ja",
        "hi",
        "pt",
        "pt_PT",
        "sr",
        "sr_Latn",
    )
    locales = ("en_GB", "de", "de_CH", "ar_EG", "ja", "hi", "pt_PT", "sr_Latn")
    before = {locale: said_in(locale) for locale in locales}
    small = 0
    for name in names:
        full = (source / f"{name}.dat").read_bytes()
        slim = locale_data.slimmed(full)
        assert slim == locale_data.slimmed(full)
        small += len(slim) < len(full) * 0.6
        (tmp_path / f"{name}.dat").write_bytes(slim)
    assert small >= 8
    monkeypatch.setattr(babel.localedata, "_dirname", str(tmp_path))
    monkeypatch.setattr(babel.localedata, "_cache", {})
    assert {locale: said_in(locale) for locale in locales} == before


def test_the_licences_that_are_ours_to_bring_are_told_of() -> None:
    folder = ROOT / "resources" / "licences"
    named = {name for work in natives.natives(dict.fromkeys(NATIVE, "1.0"), "6.0") for name in work.texts}
    assert {f"{name}.txt" for name in named} == {file.name for file in folder.glob("*.txt")}


NATIVE = ("Qt", "SQLCipher", "SQLite", "OpenSSL", "PDFium", "Python")
