"""Migrations that processes of two versions live through, and a process that meets a newer database."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import AbstractOperations, Operations
from alembic.operations import ops as alembic_ops
from alembic.script import Script, ScriptDirectory
from typer.testing import CliRunner

from gateway import migrate as migrating
from gateway.__main__ import cli
from gateway.assembly import database_at
from gateway.database import Database, open_engine
from gateway.migrate import COMPATIBLE_FROM, NewerDatabase, contracts, migrate
from tests.gateway.databases import POSTGRESQL, lender
from tests.gateway.world import World, partner_manifest

SCRIPTS = Path(migrating.__file__).parent / "migrations"


def chain() -> list[Script]:
    """All migrations, oldest first."""
    return [*ScriptDirectory.from_config(migrating._config()).walk_revisions()][::-1]


def address(folder: Path) -> str:
    """The address of an empty database."""
    return lender.empty_address() if lender.kind == POSTGRESQL else f"sqlite:///{folder}/gateway.sqlite3"


@contextmanager
def opened(at: str) -> Iterator[Database]:
    """A database as it is, not brought up."""
    database = Database(open_engine(at))
    try:
        yield database
    finally:
        database.close()


# ----------------------------------------------------------------------------------- what a migration may do: expand


def reasons(script: Script, dialect: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Say why an older process could not live with what a migration does."""
    done: list[alembic_ops.MigrateOperation] = []
    monkeypatch.setattr(AbstractOperations, "invoke", lambda _self, operation: done.append(operation))
    context = MigrationContext.configure(dialect_name=dialect, opts={"as_sql": True})
    with Operations.context(context):
        script.module.upgrade()
    made = {operation.table_name for operation in done if isinstance(operation, alembic_ops.CreateTableOp)}
    return [reason for operation in done if (reason := _reason(operation, made))]


def _reason(operation: alembic_ops.MigrateOperation, made: set[str]) -> str:
    """Say what is wrong with one step; `made`: tables that the same migration makes, which no older process knows."""
    if getattr(operation, "table_name", None) in made:
        return ""
    match operation:
        case alembic_ops.CreateTableOp() | alembic_ops.DropIndexOp():
            return ""
        case alembic_ops.CreateIndexOp():
            return f"a unique index on {operation.table_name}" if operation.unique else ""
        case alembic_ops.AddColumnOp():
            column = operation.column
            fits = column.nullable or column.server_default is not None
            return (
                ""
                if fits
                else f"{operation.table_name}.{column.name} must be filled by those who do not know it"
            )
        case alembic_ops.ExecuteSQLOp():
            first = str(operation.sqltext).split()[0].upper()
            return (
                "" if first in {"UPDATE", "INSERT", "CREATE", "SELECT"} else f"SQL that begins with {first}"
            )
        case _:
            return type(operation).__name__


@pytest.mark.parametrize("script", chain(), ids=lambda script: script.revision)
def test_an_older_process_can_live_with_each_migration(
    script: Script, database_kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not contracts(script):
        assert reasons(script, database_kind, monkeypatch) == []


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("step", "told"),
    [
        (lambda op: op.drop_column("mirror", "revision"), "DropColumnOp"),
        (lambda op: op.drop_table("hint"), "DropTableOp"),
        (lambda op: op.rename_table("hint", "clue"), "RenameTableOp"),
        (lambda op: op.alter_column("mirror", "data", nullable=True), "AlterColumnOp"),
        (lambda op: op.alter_column("mirror", "data", new_column_name="text"), "AlterColumnOp"),
        (lambda op: op.create_unique_constraint("uq", "hint", ["mark"]), "CreateUniqueConstraintOp"),
        (lambda op: op.create_index("ix", "hint", ["mark"], unique=True), "a unique index on hint"),
        (
            lambda op: op.add_column("hint", sa.Column("x", sa.Integer(), nullable=False)),
            "hint.x must be filled by those who do not know it",
        ),
        (lambda op: op.execute("ALTER TABLE hint RENAME TO clue"), "SQL that begins with ALTER"),
        (lambda op: op.execute(sa.text(" delete from hint")), "SQL that begins with DELETE"),
        (lambda op: op.add_column("hint", sa.Column("x", sa.Integer(), nullable=True)), ""),
        (lambda op: op.create_table("new", sa.Column("x", sa.Integer(), nullable=False)), ""),
    ],
)
def test_what_an_older_process_could_not_live_with_is_found(
    step: Callable[[Any], None], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import op

    class Module:
        def upgrade(self) -> None:
            step(op)

    script = type("Like", (), {"module": Module()})()
    assert reasons(script, "sqlite", monkeypatch) == ([told] if told else [])


# --------------------------------------------------------------------------------------- two versions on one database


@pytest.mark.parametrize("script", chain()[1:], ids=lambda script: script.revision)
def test_a_writer_of_the_version_before_works_on_the_database_that_was_brought_up(
    script: Script, tmp_path: Path
) -> None:
    """Its tables are those of the revision before: it writes, edits and reads rows of each as it always has."""
    if contracts(script):
        return
    with opened(address(tmp_path)) as database:
        migrate(database, str(script.down_revision))
        older = sa.MetaData()
        older.reflect(database.engine)
        migrate(database, script.revision)
        for number, table in enumerate(older.sorted_tables):
            if table.name in {"alembic_version", "meta"}:
                continue
            row = {column.name: _value(column, number) for column in table.columns}
            same = sa.and_(*(table.c[column.name] == row[column.name] for column in table.primary_key))
            with database.write() as connection:
                connection.execute(sa.insert(table).values(row))
                if table.name not in ("audit", "audit_checkpoint"):  # only appended to
                    assert connection.execute(sa.update(table).where(same).values(row)).rowcount == 1
            with database.read() as connection:
                assert dict(connection.execute(sa.select(table).where(same)).one()._mapping) == row


def _value(column: sa.Column[Any], number: int) -> object:
    if isinstance(column.type, sa.Boolean):
        return True
    if isinstance(column.type, sa.Integer):
        return 1000 + number
    if isinstance(column.type, sa.Float):
        return number + 0.5
    return f"{column.name}{number}"[: getattr(column.type, "length", None)]


# -------------------------------------------------------------------------------- a process that meets a newer one's


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Let the code be of a later version, with the migrations named; with none it is the present one again."""
    folder = tmp_path / "newer"
    shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    present, last = migrating._config, chain()[-1].revision

    def config(*names: str, contracting: tuple[str, ...] = ()) -> None:
        before = last
        for written in (folder / "versions").glob("m9*"):
            written.unlink()
        for name in names:
            body = "contracts = True\n" if name in contracting else ""
            text = (
                f'revision = "{name}"\ndown_revision = "{before}"\nbranch_labels = depends_on = None\n{body}'
            )
            (folder / "versions" / f"m{name}_x.py").write_text(
                f"{text}\n\ndef upgrade() -> None:\n    pass\n"
            )
            before = name

        def later() -> object:
            found = present()
            found.set_main_option("script_location", str(folder))
            return found

        monkeypatch.setattr(migrating, "_config", later if names else present)
        migrating.known_revisions.cache_clear()

    yield config
    monkeypatch.undo()
    migrating.known_revisions.cache_clear()


def compatible_from(database: Database) -> str | None:
    """From which revision on a process may use it."""
    with database.read() as connection:
        found: str | None = connection.execute(
            sa.text("SELECT value FROM meta WHERE name = :name"), {"name": COMPATIBLE_FROM}
        ).scalar()
    return found


def test_a_new_database_is_for_those_who_know_all_of_it(tmp_path: Path) -> None:
    database = database_at(address(tmp_path))
    assert compatible_from(database) == chain()[-1].revision
    database.close()


def test_the_version_before_starts_on_a_database_that_was_brought_up(
    tmp_path: Path, newer: Callable[..., None]
) -> None:
    at, last = address(tmp_path), chain()[-1].revision
    database_at(at).close()
    newer("9001", "9002")
    database_at(at).close()
    newer()
    database = database_at(at)
    assert compatible_from(database) == last
    world = World()
    assert world.restarted(database=database).backfill() > 0, "it serves, and writes"
    with database.read() as connection:
        assert migrating.is_ahead(migrating.revision_of(connection))
    database.close()


def test_two_steps_are_too_many(tmp_path: Path, newer: Callable[..., None]) -> None:
    at = address(tmp_path)
    database_at(at).close()
    for names in (("9001",), ("9001", "9002")):
        newer(*names)
        database_at(at).close()
    newer()
    with pytest.raises(
        NewerDatabase, match=r"brought this database to version 9002, and needs 9001 at least"
    ):
        database_at(at)
    newer("9001")
    database_at(at).close()


def test_a_step_that_takes_away_shuts_the_versions_before_out(
    tmp_path: Path, newer: Callable[..., None]
) -> None:
    at = address(tmp_path)
    database_at(at).close()
    newer("9001", "9002", "9003", contracting=("9002",))
    database = database_at(at)
    assert compatible_from(database) == "9002"
    database.close()
    newer("9001")
    with pytest.raises(NewerDatabase, match="needs 9002 at least; this one knows 9001"):
        database_at(at)


@pytest.mark.databases("sqlite")
def test_a_process_that_is_too_old_says_so_in_one_line(tmp_path: Path, newer: Callable[..., None]) -> None:
    database_at(f"sqlite:///{tmp_path}/gateway.sqlite3").close()
    newer("9001", contracting=("9001",))
    database_at(f"sqlite:///{tmp_path}/gateway.sqlite3").close()
    newer()
    result = CliRunner().invoke(cli, ["backfill", "--folder", str(tmp_path)])
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "Start the newer one." in result.output


def test_an_older_process_does_not_cut_records_back_to_its_own_manifest(
    tmp_path: Path, newer: Callable[..., None]
) -> None:
    at = address(tmp_path)
    database_at(at).close()
    newer("9001")
    world, database = World(), database_at(at)
    world.restarted(database=database)
    entity, *others = partner_manifest().entities
    fewer = type(entity).model_validate({**entity.model_dump(), "fields": entity.fields[:-1]})
    older = partner_manifest().model_copy(update={"entities": (fewer, *others)})
    newer()
    with pytest.raises(NewerDatabase, match="another manifest or mapping"):
        world.restarted(older, database)
    database.close()
