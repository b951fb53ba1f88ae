"""What a vendor installs: the wheel, the container file and the systemd unit, checked as data and tried as far as here.

There is no container engine on the machines of the tests: the image itself is not built.
"""

from __future__ import annotations

import configparser
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.__main__ import cli
from gateway.api.app import Shape
from gateway.crm.embedded.files import LARGEST_FILE
from gateway.settings import Settings
from gateway.settings_sources import PREFIX
from tools.locking import pins

ROOT = Path(__file__).parents[2]
HERE = ROOT / "packaging" / "gateway"


def commands() -> set[str]:
    """The commands of `counterpart-gateway`."""
    names = {
        item.name or (item.callback.__name__ if item.callback else "") for item in cli.registered_commands
    }
    groups = [group.typer_instance for group in cli.registered_groups if group.typer_instance]
    return names | {str(group.info.name) for group in groups}


def settings_named(text: str) -> set[str]:
    """The settings whose variables a text names."""
    return {name.lower() for name in re.findall(rf"{PREFIX}([A-Z_]+)=", text)}


# ------------------------------------------------------------------------------------------------------- container


def instructions() -> list[tuple[str, str]]:
    """The container file's instructions with their arguments; continued lines are one."""
    text = (HERE / "Containerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def stages() -> list[list[tuple[str, str]]]:
    """The instructions by stage."""
    found: list[list[tuple[str, str]]] = []
    for name, rest in instructions():
        if name == "FROM":
            found.append([])
        elif found:
            found[-1].append((name, rest))
    return found


def test_what_is_copied_is_there() -> None:
    sources = [
        part
        for name, rest in instructions()
        if name == "COPY" and "--from=" not in rest
        for part in rest.split()[:-1]
    ]
    assert {"app", "gateway", "resources", "pyproject.toml"} <= set(sources)
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_what_is_installed_is_named_by_hash_and_nothing_is_installed_later() -> None:
    build, final = stages()
    installed = [
        part for name, rest in build if name == "RUN" for part in rest.split("&&") if "install" in part
    ]
    fetched = [part for part in installed if "--no-index" not in part and "uninstall" not in part]
    assert len(fetched) == 2
    for part in fetched:
        assert "--require-hashes --no-deps" in part
        named = re.search(r"--requirement (\S+)", part)
        assert named
        assert pins((ROOT / named.group(1)).read_text("utf-8"))
    assert not any("pip" in rest for name, rest in final if name == "RUN")


def test_it_does_not_run_as_root_and_says_how_it_is() -> None:
    final = dict(stages()[-1])
    user = final["USER"].split(":")[0]
    assert int(user) > 0
    assert f"--uid {user}" in final["RUN"]
    assert final["STOPSIGNAL"] == "SIGTERM"
    assert json.loads(final["ENTRYPOINT"]) == ["counterpart-gateway"]
    assert json.loads(final["CMD"])[0] in commands()
    health = json.loads(final["HEALTHCHECK"].partition("CMD ")[2])
    assert health[0] == "counterpart-gateway"
    assert health[1] in commands()
    assert final["VOLUME"] in final["ENV"]
    assert settings_named(final["ENV"]) <= Settings.model_fields.keys()
    assert str(Settings.model_fields["port"].default) == final["EXPOSE"]


def test_the_locked_packages_are_those_of_the_gateway_alone() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    for group, file in (("gateway", "gateway.txt"), ("build", "build.txt")):
        text = (ROOT / "requirements" / file).read_text("utf-8")
        locked = {match.group(0).partition("==")[0] for match in pins(text)}
        wanted = {re.split(r"[\[>=<~ ]", item)[0] for item in groups[group]}
        assert wanted <= locked
        assert locked.isdisjoint({"pyside6-essentials", "shiboken6", "sqlcipher3", "keyring", "pytest"})


# ------------------------------------------------------------------------------------------------------------ wheel


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, as the container file builds it, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_has_the_command(unpacked: Path) -> None:
    (entries,) = unpacked.glob("*.dist-info/entry_points.txt")
    found = configparser.ConfigParser()
    found.read(entries)
    assert found["console_scripts"]["counterpart-gateway"] == "gateway.__main__:main"


@pytest.mark.nightly  # that all it imports comes with it is tested below each time
def test_a_gateway_runs_from_the_wheel_alone(unpacked: Path, tmp_path: Path) -> None:
    """Manifest, mapping, migrations and templates come with it: it opens a new gateway away from the source tree."""
    start = "import sys; from gateway.__main__ import main; sys.argv[0] = 'counterpart-gateway'; main()"
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "PYTHONSAFEPATH": "1"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", start, *arguments, "--folder", str(tmp_path / "data")]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    made = run("receipt-key")
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "data" / "gateway.sqlite3").exists()
    checked = run("check", "--json")
    assert "findings" in json.loads(checked.stdout)
    templates = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*.html")}
    assert {"gateway/api/templates/sign_in.html", "gateway/console/templates/layout.html"} <= templates
    silent = run("probe", "--port", "1")
    assert (silent.returncode, "does not answer" in silent.stderr) == (1, True)


_EVERY_MODULE = """
import importlib, pkgutil, sys

absent = frozenset(sys.argv[1].split(","))

class NotInstalled:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotInstalled)
import gateway
for found in pkgutil.walk_packages(gateway.__path__, "gateway."):
    if found.name != "gateway.migrations.env":  # alembic alone can run it
        importlib.import_module(found.name)
"""


def test_a_gateway_finds_all_it_imports_among_the_locked_packages(unpacked: Path, tmp_path: Path) -> None:
    """The machines of the tests have more than a server: what is not locked for it is as if it were not there."""
    locked = {
        match.group(0).partition("==")[0]
        for match in pins((ROOT / "requirements" / "gateway.txt").read_text("utf-8"))
    }
    absent = [
        module
        for module, owners in importlib.metadata.packages_distributions().items()
        if module not in {"app", "gateway", "resources"}
        and locked.isdisjoint(re.sub(r"[-_.]+", "-", owner).lower() for owner in owners)
    ]
    assert {"PySide6", "sqlcipher3", "pytest"} <= set(absent)
    done = subprocess.run(
        [sys.executable, "-c", _EVERY_MODULE, ",".join(absent)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


# ---------------------------------------------------------------------------------------------------------- systemd


def unit() -> dict[str, list[str]]:
    """The service's settings; some are there several times."""
    found: dict[str, list[str]] = {}
    for line in (HERE / "counterpart-gateway.service").read_text("utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def test_the_unit_starts_a_command_there_is() -> None:
    found = unit()
    program, *arguments = found["ExecStart"][0].split()
    assert Path(program).name == "counterpart-gateway"
    assert arguments[0] in commands()
    assert settings_named("\n".join(found["Environment"])) <= Settings.model_fields.keys()
    text = (HERE / "counterpart-gateway.service").read_text("utf-8")
    credentials = set(re.findall(r"LoadCredential=(\w+):", text))
    assert credentials <= Settings.model_fields.keys()
    stop = int(found["TimeoutStopSec"][0].removesuffix("s"))
    example = Settings.load(config=HERE / "gateway.toml")
    assert stop > example.drain_seconds + example.limits().push_seconds + 10
    assert found["KillSignal"] == ["SIGTERM"]


def test_the_unit_keeps_the_service_to_itself() -> None:
    found = unit()
    for name in ("DynamicUser", "NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices"):
        assert found[name] == ["yes"]
    assert found["ProtectSystem"] == ["strict"]
    assert found["CapabilityBoundingSet"] == [""]
    assert found["StateDirectoryMode"] == ["0700"]
    folder = next(item for item in found["Environment"] if f"{PREFIX}FOLDER" in item)
    assert folder.endswith(f"%S/{found['StateDirectory'][0]}")


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """Where there is a systemd to ask; what it would say of the form is asserted above."""
    tool = shutil.which("systemd-analyze")
    if tool is None:
        assert sys.platform != "linux" or not Path("/run/systemd/system").exists()
        return
    text = (HERE / "counterpart-gateway.service").read_text("utf-8")
    path = tmp_path / "counterpart-gateway.service"
    path.write_text(re.sub(r"ExecStart=\S+", f"ExecStart={sys.executable}", text), "utf-8")
    said = ask(tool, "verify", str(path))
    assert "counterpart-gateway.service" not in said, said


def ask(tool: str, *arguments: str | Sequence[str]) -> str:
    """Run a tool; returns all it says."""
    done = subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_example_of_a_proxy_fits_that_of_a_configuration() -> None:
    text = (HERE / "nginx.conf").read_text("utf-8")
    example = Settings.load(config=HERE / "gateway.toml")
    assert set(re.findall(r"proxy_pass (\S+);", text)) == {f"http://{example.host}:{example.port}"}
    assert example.public_url == f"https://{re.findall(r'server_name (.+);', text)[0]}"
    most = [int(found) * 2**20 for found in re.findall(r"client_max_body_size (\d+)m;", text)]
    assert (most[0] > Shape().body_most, most[1] > LARGEST_FILE) == (True, True)
    events = text.partition("location = /v1/events")[2]
    assert "proxy_buffering off;" in events
    assert text.count("X-Forwarded-For $remote_addr;") == text.count("X-Forwarded-Proto $scheme;") == 1
    assert text.count("proxy_set_header") == 4, "a location with one of its own would not have these"


def test_the_example_of_a_configuration_can_be_used() -> None:
    found = Settings.load(config=HERE / "gateway.toml")
    (state,) = unit()["StateDirectory"]
    assert found.folder == Path("/var/lib") / state, "commands look where the service does"
    assert found.serves_https
    assert found.drain_seconds == 5
