"""A backup as a person makes it and puts it back: files, command line, real processes, and a client's own engine."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.sync.engine import Engine, Wake
from app.sync.events import Mode
from gateway.__main__ import cli
from gateway.assembly import file_database, is_begun
from gateway.service import Service
from gateway.settings import Settings
from tests import postgres
from tests.gateway.process import Client, Planted, gateway_process, plant


def run(*arguments: str) -> tuple[int, str]:
    """Run the command line in this process."""
    result = CliRunner().invoke(cli, arguments)
    return result.exit_code, result.output


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    return plant(tmp_path / "gateway")


def in_step(engine: Engine) -> None:
    """Cycle until every stored byte equals what the gateway holds, which has read all of the CRM by then."""
    ends = time.monotonic() + 30
    while not engine.verify(rehash=True).identical:
        assert time.monotonic() < ends
        engine.cycle(Wake.USER)


class OnSqlite:
    """The backup of a gateway that keeps everything in its folder, as docs/gateway.md has it."""

    def __init__(self, folder: Path, target: Path) -> None:
        self._folder = folder
        self._target = target

    def take(self) -> None:
        """Make it as the gateway serves."""
        status, told = run("backup", str(self._target), "--folder", str(self._folder))
        assert status == 0, told

    def put_back(self) -> None:
        """Without the old database's log, with the rights there were, keys and CRM left as they are."""
        for rest in ("", "-wal", "-shm"):
            (self._folder / f"gateway.sqlite3{rest}").unlink(missing_ok=True)
        shutil.copyfile(self._target / "gateway.sqlite3", self._folder / "gateway.sqlite3")
        shutil.rmtree(self._folder / "blobs")
        if (self._target / "blobs").exists():
            shutil.copytree(self._target / "blobs", self._folder / "blobs")


class OnPostgresql:
    """The backup of a gateway that keeps its records in PostgreSQL, with that server's own programs."""

    def __init__(self, address: str, target: Path) -> None:
        self._address = address
        self._target = target

    def take(self) -> None:
        """Make it as the gateway serves."""
        status, told = run("backup", str(self._target))
        assert (status, "use pg_dump" in told) == (1, True)
        self._program("pg_dump", "--format=custom", f"--file={self._target}", self._address)

    def put_back(self) -> None:
        """Into an empty database in the place of the old one, which nobody has open."""
        name = self._address.split("?")[0].rpartition("/")[2]
        running = postgres.server()
        running.drop(name)
        running.create(name=name)
        self._program("pg_restore", "--exit-on-error", f"--dbname={self._address}", str(self._target))

    def _program(self, name: str, *arguments: str) -> None:
        subprocess.run(
            [postgres.server().programs / name, *arguments], check=True, capture_output=True, timeout=60
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def backup(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OnSqlite | OnPostgresql]:
    """How backups are made of a gateway, which processes that are started then find."""
    folder = tmp_path / "gateway"
    if request.param == "sqlite":
        yield OnSqlite(folder, tmp_path / "backup")
        return
    with postgres.database() as address:
        monkeypatch.setenv("COUNTERPART_GATEWAY_DATABASE", address)
        monkeypatch.setenv("COUNTERPART_GATEWAY_CRM_URL", f"sqlite:///{folder / 'crm.sqlite3'}")
        yield OnPostgresql(address, tmp_path / "backup")


def test_a_gateway_put_back_from_its_backup_meets_a_client_that_is_ahead(
    backup: OnSqlite | OnPostgresql, tmp_path: Path
) -> None:
    planted = plant(tmp_path / "gateway")
    maya, deal = Client(tmp_path / "maya.db", planted), planted.deal
    with gateway_process(planted) as running:
        maya.sync(running)
        maya.portal.intents.edit(deal, {"next_steps": "Before the backup."})
        maya.sync(running)
        backup.take()
        maya.portal.intents.edit(deal, {"competitor": "Northwall"})
        maya.portal.intents.message(deal, "After the backup.")
        maya.sync(running)
    epoch = maya.store.cursors.read().epoch
    maya.portal.intents.edit(deal, {"contact_name": "Ailsa"})
    said = maya.portal.intents.message(deal, "Written on the train.").gid

    backup.put_back()
    status, told = run("restored", "--keep-sessions", "--folder", str(planted.folder))
    assert status == 0, told
    assert f"Epoch {epoch} has ended" in told
    assert "1 sessions are as open as they were" in told

    with gateway_process(planted) as running:
        maya.sync(running)
        assert maya.store.cursors.read().epoch not in (None, epoch), "it began afresh"
        with maya.engine(running) as engine:
            in_step(engine)
    found = maya.portal.records.get(deal)
    assert found is not None
    seen = {name: found.data.get(name) for name in ("competitor", "contact_name", "next_steps")}
    assert seen == {
        "competitor": "Northwall",
        "contact_name": "Ailsa",
        "next_steps": "Before the backup.",
    }
    for column, value in (("rival", "Northwall"), ("ct_name", "Ailsa")):
        assert planted.written(deal, column) == [value], "once"
    assert planted.rows("note", said) == 1
    assert maya.portal.conflicts.list() == []
    maya.close()


def test_everybody_signs_in_again_unless_told_otherwise(planted: Planted, tmp_path: Path) -> None:
    maya = Client(tmp_path / "maya.db", planted)
    with gateway_process(planted) as running:
        maya.sync(running)
    maya.portal.intents.edit(planted.deal, {"competitor": "Northwall"})
    status, told = run("restored", "--folder", str(planted.folder))
    assert (status, "1 sessions ended: everybody signs in again" in told) == (0, True)
    with gateway_process(planted) as running, maya.engine(running) as engine:
        engine.cycle(Wake.USER)
        assert engine.status.mode is Mode.SIGN_IN
    assert len(maya.portal.outbox.items()) == 1, "nothing of hers is lost by it"
    maya.close()


def test_a_restore_stands_in_the_audit_log_whose_chain_goes_on(planted: Planted) -> None:
    Service.open(Settings(folder=planted.folder)).close()
    assert run("restored", "--folder", str(planted.folder))[0] == 0
    for _ in range(2):
        Service.open(Settings(folder=planted.folder)).close()
    status, told = run("audit", "show", "--folder", str(planted.folder))
    assert (status, told.count("  restored  ")) == (0, 1), told
    status, told = run("audit", "verify", "--folder", str(planted.folder))
    assert (status, "chain whole" in told) == (0, True), told


def test_what_a_restored_database_is_told(planted: Planted) -> None:
    service = Service.open(Settings(folder=planted.folder))
    connection = sqlite3.connect(planted.folder / "gateway.sqlite3")
    with connection:
        connection.execute("INSERT INTO lease VALUES ('g', 'h', '2999-01-01T00:00:00.000000Z')")
    service.close()
    run("restored", "--keep-sessions", "--folder", str(planted.folder))
    assert connection.execute("SELECT count(*) FROM lease").fetchone() == (0,)
    marks = "count(*), count(passed_at), count(high), count(began_at), count(swept_at)"
    objects, *known = connection.execute(f"SELECT {marks} FROM ingest_cursor").fetchone()
    assert (objects > 3, known) == (True, [0, 0, 0, 0])
    assert connection.execute("SELECT read_at FROM source").fetchall() == [(None,)]
    connection.close()


def test_a_gateway_whose_secret_is_lost_goes_on_with_a_new_one(planted: Planted, tmp_path: Path) -> None:
    maya = Client(tmp_path / "maya.db", planted)
    with gateway_process(planted) as running:
        maya.sync(running)
    maya.portal.intents.edit(planted.deal, {"competitor": "Northwall"})
    (planted.folder / "secret.key").unlink()
    status, told = run("check", "--folder", str(planted.folder))
    assert (status, "counterpart-gateway restored" in told) == (1, True)
    assert run("restored", "--keep-sessions", "--folder", str(planted.folder))[0] == 0
    with gateway_process(planted) as running:
        maya.sync(running)
    assert planted.written(planted.deal, "rival") == ["Northwall"]
    maya.close()


# ------------------------------------------------------------------------------------------------------- the copy


def test_a_backup_is_whole_private_and_without_keys(planted: Planted, tmp_path: Path) -> None:
    content = b"a price list"
    sha256 = hashlib.sha256(content).hexdigest()
    service = Service.open(Settings(folder=planted.folder))
    service.gateway.setup.blobs.keep(sha256, iter((content,)))
    service.close()
    target = tmp_path / "backup"
    status, told = run("backup", str(target), "--folder", str(planted.folder))
    assert status == 0, told
    files = {path.relative_to(target).as_posix(): path for path in target.rglob("*") if path.is_file()}
    blob = f"blobs/{sha256[:2]}/{sha256}"
    assert set(files) == {"SHA256SUMS", "crm.sqlite3", "gateway.sqlite3", blob}
    assert all(path.stat().st_mode & 0o077 == 0 for path in (target, *target.rglob("*")))
    lines = files.pop("SHA256SUMS").read_text().splitlines()
    sums = {line[66:]: line[:64] for line in lines}
    assert sums == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    assert "secret.key" in told
    assert "receipts.pem" in told
    again = run("backup", str(target), "--folder", str(planted.folder))
    assert again == (1, f"{target} is not an empty folder. Give each backup a new one.\n")
    nothing = run("backup", str(tmp_path / "b2"), "--folder", str(tmp_path / "none"))
    assert nothing == (1, f"There is no gateway's database in {tmp_path / 'none'}.\n")


def test_a_backup_says_what_lies_elsewhere(
    planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("BLOBS", "s3"), ("S3_BUCKET", "files"), ("CRM_URL", "sqlite:///elsewhere.sqlite3")):
        monkeypatch.setenv(f"COUNTERPART_GATEWAY_{name}", value)
    status, told = run("backup", str(tmp_path / "backup"), "--folder", str(planted.folder))
    assert (status, "Files are in bucket files" in told, "(crm_url): back that up too" in told) == (
        0,
        True,
        True,
    )


def test_a_backup_is_of_one_moment_while_others_write(tmp_path: Path) -> None:
    folder = tmp_path / "gateway"
    database = file_database(folder / "gateway.sqlite3")
    begun, stop = threading.Event(), threading.Event()
    written = [0]

    def write() -> None:
        while not stop.is_set():
            written[0] += 1
            with database.write() as connection:
                for name in ("one", "two"):
                    connection.exec_driver_sql(
                        "INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, str(written[0]))
                    )
            begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert begun.wait(20)
        for number in range(5):
            before = written[0]
            assert run("backup", str(tmp_path / f"b{number}"), "--folder", str(folder))[0] == 0
            with sqlite3.connect(tmp_path / f"b{number}" / "gateway.sqlite3") as copy:
                found = dict(copy.execute("SELECT name, value FROM meta").fetchall())
            copy.close()
            assert found["one"] == found["two"]
            assert int(found["one"]) >= before - 1, "it is not older than the moment it was asked for"
    finally:
        stop.set()
        writer.join(20)
        database.close()


def test_a_damaged_database_makes_no_backup(planted: Planted, tmp_path: Path) -> None:
    path = planted.folder / "gateway.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 20] = b"\xff" * 4096 * 17
    path.write_bytes(data)
    status, told = run("backup", str(tmp_path / "backup"), "--folder", str(planted.folder))
    assert (status, "malformed" in told) == (1, True)
    assert not (tmp_path / "backup" / "SHA256SUMS").exists()


def test_where_no_backup_was_put_back_nothing_is_said_to_be_restored(tmp_path: Path) -> None:
    """Such as a database that was made anew, and whose pg_restore failed."""
    (tmp_path / "empty").mkdir()
    status, told = run("restored", "--folder", str(tmp_path / "empty"))
    assert (status, told) == (
        1,
        "There is no gateway in this database. Put the backup back first (docs/gateway.md).\n",
    )
    assert list((tmp_path / "empty").iterdir()) == []
    with postgres.database() as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTERPART_GATEWAY_DATABASE", address)
        assert run("restored", "--folder", str(tmp_path / "empty")) == (status, told)
        assert not is_begun(address)
