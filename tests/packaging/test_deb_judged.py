"""The Debian package that was built, judged by Debian's own tools; and what was built with it, against what it says."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from app.contract.version import RELEASE
from tests.packaging.scripts import script
from tools.project import ROOT

inspecting = script("inspecting")
provenance = script("evidence.provenance")
sbom = script("evidence.sbom")

pytestmark = [
    pytest.mark.package,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="the package of Linux"),
]

DIST = ROOT / "dist"
BUNDLE = DIST / "counterpart"
FILES = ROOT / "packaging" / "linux" / "files"


def ran(*command: str | Path) -> str:
    """What a program said, which found nothing wrong."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def deb() -> Path:
    found = sorted(DIST.glob(f"counterpart_{RELEASE}_*.deb"))
    assert len(found) == 1, f"packages of this release in dist: {found}; `make package` makes one"
    return found[0]


def test_lintian_finds_nothing(deb: Path) -> None:
    root = ["--allow-root"] if os.geteuid() == 0 else []
    assert ran("lintian", *root, "--fail-on", "error,warning", deb).strip() == ""


def test_what_the_desktop_reads_is_valid(tmp_path: Path) -> None:
    assert ran("desktop-file-validate", FILES / "counterpart.desktop").strip() == ""
    info = tmp_path / "app.counterpart.desktop.metainfo.xml"
    text = (FILES / info.name).read_text("utf-8")
    info.write_text(text.replace("@VERSION@", RELEASE).replace("@DATE@", "2026-09-21"))
    assert "Validation was successful" in ran("appstreamcli", "validate", "--no-net", info)


def test_the_scripts_are_clean() -> None:
    ran("shellcheck", FILES / "postrm")


def test_the_libraries_of_the_system_are_depended_on_and_not_carried(deb: Path) -> None:
    depends = ran("dpkg-deb", "-f", deb, "Depends")
    for name in ("libc6 (>=", "libegl1", "libxcb-cursor0", "libfontconfig1", "libssl3"):
        assert name in depends
    carried = {path.name for path in BUNDLE.rglob("*.so*")}
    assert not {"libssl.so.3", "libz.so.1", "libstdc++.so.6", "libX11.so.6", "libglib-2.0.so.0"} & carried


def test_the_frozen_app_may_ship() -> None:
    assert inspecting.inspect(BUNDLE) == []
    notices = (BUNDLE / "THIRD-PARTY.txt").read_text("utf-8")
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in notices


def test_what_was_built_is_what_the_evidence_says(deb: Path) -> None:
    stem = f"counterpart-{RELEASE}-linux-{platform.machine()}"
    assert sbom.faults((DIST / f"{stem}.cdx.json").read_text("utf-8")) == []
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=DIST,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{deb.name}: OK" in done.stdout
    said = json.loads((DIST / f"{stem}.provenance.json").read_text("utf-8"))
    subjects = {one["name"]: one["digest"]["sha256"] for one in said["subject"]}
    assert subjects[deb.name] == hashlib.sha256(deb.read_bytes()).hexdigest()
    assert subjects["counterpart/"] == provenance.tree_digest(BUNDLE)


def test_its_size_and_start_were_measured() -> None:
    figures = json.loads((ROOT / "build" / "package.json").read_text("utf-8"))
    assert figures["size_mb"] < figures["hello_size_mb"]
    assert script("figures").faults(figures) == []
