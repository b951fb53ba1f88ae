"""What wixl leaves out of a package, added to its tables; written in one order, so that equal input gives equal bytes.

Tables travel as text, as `msiinfo export` and `msibuild -i` have them: two heads, the table's name with its keys, rows.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from windows.settings import hidden_properties, secure_properties, settings

CABINET = "counterpart.cab"
_SPACE = uuid.UUID("c5f8a0de-4f4b-4a34-8a3c-63f1f0a0d3b2")
_SUMMARY = "_SummaryInformation"
#: Rows of the summary, by the numbers that Windows Installer has for them.
_PACKAGE_CODE, _CREATED, _SAVED = "9", "12", "13"


@dataclass(frozen=True)
class Table:
    """`head`: column names, column types, and the table's name with its keys; `rows`: cells by column."""

    head: tuple[str, str, str]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def parse(cls, text: str) -> Table:
        """Read the text of one table."""
        # msiinfo ends the table of the code page with a zero.
        lines = text.replace("\r\n", "\n").rstrip("\n\0").split("\n")
        return cls((lines[0], lines[1], lines[2]), tuple(tuple(line.split("\t")) for line in lines[3:]))

    def column(self, name: str) -> int:
        """The place of a column."""
        return self.head[0].split("\t").index(name)

    def text(self) -> str:
        """The text to import, its rows in order."""
        rows = sorted("\t".join(row) for row in self.rows)
        return "\r\n".join([*self.head, *rows, ""])

    def with_cells(self, column: str, change: Callable[[dict[str, str]], str]) -> Table:
        """The table with the cells of one column as `change` gives them for a row."""
        names, at = self.head[0].split("\t"), self.column(column)
        changed = []
        for row in self.rows:
            cells = list(row)
            cells[at] = change(dict(zip(names, row, strict=False)))
            changed.append(tuple(cells))
        return Table(self.head, tuple(changed))


def completed(tables: dict[str, Table], cabinet: bytes, when: int) -> dict[str, Table]:
    """The tables of a package with what wixl did not put there. `when`: seconds since 1970, UTC."""
    conditions = {one.component: one.given for one in settings()}
    done = dict(tables)
    done["Component"] = tables["Component"].with_cells(
        "Condition", lambda row: conditions.get(row["Component"], row["Condition"])
    )
    done["Shortcut"] = tables["Shortcut"].with_cells("Target", lambda _: "[#Program]")
    listed = {"SecureCustomProperties": secure_properties(), "MsiHiddenProperties": hidden_properties()}
    lists = tuple((name, ";".join(sorted(names))) for name, names in listed.items())
    kept = tuple(row for row in tables["Property"].rows if row[0] not in listed)
    done["Property"] = Table(tables["Property"].head, (*kept, *lists))
    told = datetime.fromtimestamp(when, UTC).strftime("%Y/%m/%d %H:%M:%S")
    code = f"{{{_package_code(done, cabinet)}}}"
    facts = {_PACKAGE_CODE: code, _CREATED: told, _SAVED: told}
    done[_SUMMARY] = tables[_SUMMARY].with_cells(
        "Value", lambda row: facts.get(row["PropertyId"], row["Value"])
    )
    return done


def _package_code(tables: dict[str, Table], cabinet: bytes) -> str:
    """Two packages have the same code only when they are the same, as Windows Installer asks for."""
    content = hashlib.sha256(cabinet)
    for name in sorted(tables):
        if name != _SUMMARY:
            content.update(tables[name].text().encode())
    return str(uuid.uuid5(_SPACE, content.hexdigest())).upper()


def rewrite(package: Path, work: Path, when: int) -> None:
    """Complete a package that wixl made, in place. Raises CalledProcessError."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    names = _printed(work, "msiinfo", "tables", str(package)).decode().split()
    tables = {
        name: Table.parse(_printed(work, "msiinfo", "export", str(package), name).decode("cp1252"))
        for name in names
    }
    cabinet = _printed(work, "msiinfo", "extract", str(package), CABINET)
    (work / CABINET).write_bytes(cabinet)
    command = ["msibuild", "rewritten.msi"]
    for name, table in sorted(completed(tables, cabinet, when).items()):
        (work / f"{name}.idt").write_bytes(table.text().encode("cp1252"))
        command += ["-i", f"{name}.idt"]
    subprocess.run([*command, "-a", CABINET, CABINET], cwd=work, check=True, capture_output=True)
    shutil.copyfile(work / "rewritten.msi", package)


def _printed(work: Path, *command: str) -> bytes:
    """What a program prints. A table with streams in it also leaves them in a folder of its name, for the import."""
    return subprocess.run(command, cwd=work, check=True, capture_output=True).stdout
