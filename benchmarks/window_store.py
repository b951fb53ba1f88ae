"""An account as the window finds it: a folder with the encrypted store of so many deal registrations, gateway away.

Made once for each size and kept in the scale's folder; every measurement that writes works on a copy.
"""

from __future__ import annotations

import json
import shutil
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.contract.canonical import canonical, record_hash
from app.contract.changes import Company, Me
from app.contract.manifest import effective, parse_manifest
from app.session.accounts import Account, Accounts
from app.session.oauth import TokenSet
from app.session.tokens import StoreVault
from app.store.database import Store
from app.store.keys import Cost, PassphraseKey
from benchmarks.records import COMPANY, OWNER, Deals, pages

KEY = bytes(range(32))
PASSPHRASE = "correct horse battery staple"  # noqa: S105  # it opens made-up records
#: Nothing listens there, so the gateway is away.
NOWHERE = "http://127.0.0.1:9"
#: A key store answers without deriving anything; neither does this.
_CHEAP = Cost(passes=1, memory=8, lanes=1)
_MANIFEST = Path(__file__).parent.parent / "resources" / "manifests" / "partner.toml"
_PAGE = 5_000


def me() -> Me:
    """Who is signed in: the owner of all records."""
    return Me(
        user=OWNER,
        name="Nia Osei",
        email="nia@brightwater.example",
        role="manager",
        role_label="Sales manager",
        companies=(Company(gid=COMPANY, name="Brightwater IT Ltd"),),
        vendor="Halden Systems",
        device="device-1",
        grant="grant-1",
    )


def manifest_text() -> str:
    """The sample portal as this user's gateway serves it."""
    whole = parse_manifest(tomllib.loads(_MANIFEST.read_text("utf-8")))
    return effective(whole, me().role).model_dump_json()


def company_row() -> str:
    """The one record that is not a deal, as a row of a page."""
    data = {"name": "Brightwater IT Ltd", "tier": "gold", "country": "GB", "city": "Leeds"}
    return canonical([COMPANY, "company", "v1", record_hash(data), data])


def account_at(root: Path, gateway: str = NOWHERE) -> Account:
    """Make the account's folder with its key."""
    account = Accounts(root).at(gateway, me().user, me().name, me().vendor)
    PassphraseKey(account.folder / "key.json", _CHEAP).create(PASSPHRASE, KEY)
    return account


def held(folder: Path, records: int) -> Path:
    """Return the root of an account that holds so many deals, searchable; made when it is not there yet."""
    root = folder / f"held-{records}"
    if not (root / "made").exists():
        account = account_at(root)
        with Store.open(account.store_path, KEY) as store:
            _greet(store)
            _fill(store, records)
            _complete(store)
        _sign_in(account)
        (root / "made").touch()
    return root


def copied(folder: Path, records: int, name: str) -> Path:
    """Return a fresh copy of `held` under another name."""
    root = folder / name
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(held(folder, records), root)
    return root


def only_account(root: Path) -> Account:
    """Return the account under a root."""
    return Accounts(root).list()[0]


def greeted(root: Path, gateway: str) -> Path:
    """Return the root of an account that knows its portal and holds nothing: a first sync begins there."""
    account = account_at(root, gateway)
    with Store.open(account.store_path, KEY) as store:
        _greet(store)
    _sign_in(account)
    return root


def _greet(store: Store) -> None:
    store.cursors.save_me(me())
    store.adopt_manifest(manifest_text(), '"manifest"')


def _fill(store: Store, records: int) -> None:
    deals, manifest = Deals(), store.manifest
    assert manifest is not None
    for start in range(0, records, _PAGE):
        rows = [deals.row(index) for index in range(start, min(start + _PAGE, records))]
        for puts in pages(rows, 500):
            store.mirror.apply_puts(puts, manifest)
    store.mirror.apply_puts(f"[{company_row()}]".encode(), manifest)
    store.mirror.build_indexes(manifest)
    while store.search.build():
        pass


def _complete(store: Store) -> None:
    now = datetime.now(UTC)
    checkpoint = replace(store.cursors.read(), cursor="1", epoch="epoch", complete=True, as_of=now)
    store.cursors.write(checkpoint)


def _sign_in(account: Account) -> None:
    tokens = TokenSet("access", "refresh", datetime.now(UTC) + timedelta(days=1))
    StoreVault(lambda: Store.open(account.store_path, KEY)).save(tokens)


def raw_bytes(store: Store) -> int:
    """The bytes of JSON that a store holds."""
    return int(store.connection.value("SELECT sum(length(CAST(data AS BLOB))) FROM record"))


def told(line: str) -> dict[str, object]:
    """Read one line a measuring process wrote."""
    found: dict[str, object] = json.loads(line)
    return found
