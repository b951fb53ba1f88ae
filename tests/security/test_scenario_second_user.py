"""A second user of the same system, and a mask that gives everything away: what belongs to one stays out of the
other's reach; what is in the temporary folder for all is not believed.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.composition.instance import Handed, Instance
from app.services.opening import Opening
from app.session.accounts import Accounts
from tests.e2e.together import Vendor
from tests.security.conftest import Give

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows gives a user's folders to that user alone"
)

NOBODY = 65_534

#: What somebody else tries: look in, read, write, connect (which needs the right to write). Prints what worked.
_TRIES = """
for path do
    if [ -d "$path" ]; then
        ls "$path" >/dev/null 2>&1 && echo "list $path"
        ( : > "$path/planted" ) 2>/dev/null && echo "write $path"
    else
        cat "$path" >/dev/null 2>&1 && echo "read $path"
        [ -w "$path" ] && echo "write $path"
    fi
done
true
"""


def others_can(paths: list[Path]) -> list[str]:
    """What another user can do with these; by trying where the tests may become one, else by what the modes say."""
    if os.getuid() == 0:
        done = subprocess.run(
            ["/bin/sh", "-c", _TRIES, "sh", *map(str, paths)],
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=True,
            cwd="/",
        )
        return done.stdout.splitlines()
    return [str(path) for path in paths if _open_to_others(path)]


def _open_to_others(path: Path) -> bool:
    above = [path, *path.parents]
    return all(stat.S_IMODE(one.stat().st_mode) & 0o001 for one in above[1:]) and bool(
        stat.S_IMODE(path.stat().st_mode) & 0o006
    )


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A place that everybody can get to, so that only our own doors are in the way; short, for a socket in it."""
    folder = Path(tempfile.mkdtemp(prefix="open-", dir="/tmp"))  # as the system's own is
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_another_user_gets_at_nothing_of_an_account(
    vendor: Vendor, computer: Give, open_folder: Path, qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(0)
    try:
        monkeypatch.setenv("XDG_RUNTIME_DIR", "")
        monkeypatch.setattr("tempfile.gettempdir", lambda: str(open_folder))
        made = computer(vendor.person("rep"))
        instance = Instance(made.around.root)
        assert instance.claim()
        assert made.sync().ok
        signed_in = made.account
        with Opening(made.around).open(signed_in, made.ring.load(signed_in.id) or b"").open_store() as store:
            store.settings.put("x", 1)
            root = made.around.root
            everything = [root, *root.rglob("*"), *open_folder.glob("counterpart-*"), Path(instance._address)]
            assert any(path.name.endswith("-wal") for path in everything)
            assert Path(instance._address).is_socket()
            assert others_can(everything) == []
    finally:
        os.umask(before)
    loose = [path for path in everything if path.is_file() and path.suffix != ".lock" and path.exists()]
    assert not [
        path for path in loose if stat.S_IMODE(path.stat().st_mode) & 0o077 and path.name.startswith("store")
    ]
    assert instance.asked is not None
    instance.close()


def test_the_trial_itself_would_tell(open_folder: Path) -> None:
    loose = open_folder / "loose"
    loose.mkdir()
    (loose / "a").write_text("x")
    loose.chmod(0o777)
    (loose / "a").chmod(0o644)
    assert others_can([loose, loose / "a"])


def test_a_folder_that_was_loose_is_made_private(tmp_path: Path) -> None:
    root = tmp_path / "data"
    root.mkdir(mode=0o777)
    root.chmod(0o777)
    Accounts(root).device("d-1")
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    account = Accounts(root).at("https://g.example", "u", "Maya", "Halden")
    account.folder.chmod(0o755)
    again = Accounts(root).at("https://g.example", "u", "Maya", "Halden")
    assert stat.S_IMODE(again.folder.stat().st_mode) == 0o700


def test_a_link_planted_where_the_socket_is_to_be_is_not_followed(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch, qapp: object
) -> None:
    """`/tmp/counterpart-maya` → somewhere of an attacker's."""
    import getpass

    target = open_folder / "attackers"
    target.mkdir(mode=0o700)
    (open_folder / f"counterpart-{getpass.getuser()}").symlink_to(target)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(open_folder))
    instance = Instance(open_folder / ("far" * 40))
    assert instance.claim()
    assert list(target.iterdir()) == []
    assert not Instance(open_folder / ("far" * 40)).hand_over(Handed(link="counterpart://sync"))
    instance.close()
