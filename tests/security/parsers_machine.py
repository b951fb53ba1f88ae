"""What this computer, its administrator, its kiosk and its updates hand to the client; see `test_fuzz.py`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from hypothesis import strategies as st
from tuf.api.metadata import TargetFile

from app.composition.kiosk_brand import last_brand
from app.composition.receipts import receipt_named
from app.contract.errors import CounterpartError
from app.services.doctor.gateway import _moment
from app.services.kiosk.apart import SetApart
from app.services.kiosk.values import Apart, TakenBack
from app.services.words import Words
from app.session.accounts import Device
from app.session.device_code import CodeShown, DeviceCode
from app.session.installation import INSTALLATION_FILE, InstallationKind, read_installation
from app.session.kiosk.sealed_file import SealBroken, head_of, read_sealed
from app.session.policy.linux import POLICY_FILE, LinuxPolicy
from app.session.policy.reading import managed
from app.session.policy.schema import Layer, Managed, Policy
from app.session.policy.settings import SETTINGS
from app.session.updates.places import Home
from app.session.updates.refusals import UpdateRefused
from app.session.updates.release import Machine, release_of
from app.sync.clock import SystemClock
from app.sync.wire import Wire
from tests.security.material import ODD_JSON, TEXT, as_bytes, outside, spoilt
from tests.security.target import Sent, Target


class _Organisation:
    """Says whatever it says."""

    name = "Group Policy"

    def __init__(self, *layers: Layer) -> None:
        self._layers = layers

    def layers(self) -> Sequence[Layer]:
        """What it says."""
        return self._layers


def _apart(text: str) -> None:
    SetApart(_Holder(TakenBack(apart=(Apart("draft", text),)))).pieces(Words("en_GB"))


@dataclass
class _Holder:
    taken_back: TakenBack

    def give_up_apart(self) -> tuple[Apart, ...]:
        return ()


def _set(values: Mapping[str, Any]) -> None:
    forced, recommended = (
        Layer("HKLM", forced=True, values=values),
        Layer("HKLM", forced=False, values=values),
    )
    for layer in (forced, recommended):
        assert isinstance(managed(_Organisation(layer)).policy, Policy)


def _policy_file(body: bytes) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / POLICY_FILE).write_bytes(body)
        (folder / POLICY_FILE).chmod(0o600)
        found = managed(LinuxPolicy(folder, owner=os.getuid()))
        assert isinstance(found.policy, Policy)


def _code(body: bytes) -> None:
    """The answer to the first question, and to the one whether somebody has let it in."""
    bodies = iter((body, body, body))

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, headers={"content-type": "application/json"}, stream=Sent(next(bodies, body))
        )

    class GivesUp:
        waited = 0

        def wait(self, timeout: float) -> bool:
            assert timeout >= 0
            self.waited += 1
            return self.is_set()

        def is_set(self) -> bool:
            return self.waited > 3

        def set(self) -> None:
            self.waited = 9

    shown: list[object] = []
    client = httpx.Client(base_url="https://g.example", transport=httpx.MockTransport(answer))
    wire = Wire(client, SystemClock())
    try:
        kiosk = Managed(policy=Policy(kiosk=True, gateway_address="https://g.example"))
        DeviceCode(kiosk, wire, Device("k", "k"), SystemClock(), shown.append, GivesUp()).run()
    finally:
        wire.close()
        assert all(0 <= one.seconds <= 600 for one in shown if isinstance(one, CodeShown))


def _custom(custom: object) -> None:
    target = TargetFile(1, {"sha256": "0" * 64}, "stable/linux-x86_64.zip", {"custom": custom})
    release_of(target, Machine("linux-x86_64", "2.36"))


def _in_folder(name: str, body: bytes, read: Any) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(body)
        read(Path(folder))


def _sealed(folder: Path) -> None:
    path = folder / "a.sealed"
    head_of(path)
    assert [*read_sealed(path, "a", bytes(32), "m")] == []


def _installed(folder: Path) -> None:
    found = read_installation(folder / "counterpart", frozen=True)
    assert found.kind in (InstallationKind.MANAGED, InstallationKind.PER_USER)


_CODE = as_bytes(
    {
        "device_code": "d",
        "user_code": "KTRM-4827",
        "verification_uri": "https://g.example/oauth/device",
        "verification_uri_complete": "https://g.example/oauth/device?user_code=KTRM-4827",
        "expires_in": 600,
        "interval": 5,
    }
)
_FACTS = as_bytes(
    {"version": "0.2.0", "platform": "linux-x86_64", "store_schema": 6, "unpacked": 1, "notes": {"en": "x"}}
)
_VALUES = st.dictionaries(
    st.sampled_from([*(setting.key for setting in SETTINGS), "GatewayAddres", ""]) | TEXT,
    ODD_JSON | TEXT | st.binary(max_size=8) | st.integers(0, 3),
    max_size=6,
)

TARGETS: tuple[Target, ...] = (
    Target("name of a receipt", TEXT | TEXT.map("file://".__add__), receipt_named),
    Target("values of a registry or profile", _VALUES, _set),
    Target(
        "policy file",
        spoilt(b'Kiosk = true\nAllowedGateways = ["https://a.example"]\nProxy = "none"\n')
        | st.sampled_from(
            [b"a = " + b"[" * 20_000, b"\xff\xfe", b"a = 1\na = 2", b"[a]\n" * 100, b"a = 9" + b"9" * 9_000]
        ),
        _policy_file,
        slow=True,
    ),
    Target("device code", outside(_CODE), _code, (CounterpartError,), slow=True),
    Target(
        "facts of a release",
        ODD_JSON | outside(_FACTS).map(lambda body: body.decode(errors="replace")),
        _custom,
        (UpdateRefused, ValueError),
    ),
    Target(
        "sealed work",
        st.binary(max_size=400),
        partial(lambda body: _in_folder("a.sealed", body, _sealed)),
        (SealBroken,),
        slow=True,
    ),
    Target("kept work apart", TEXT | ODD_JSON.map(partial(json.dumps, default=str)), _apart, ()),
    Target(
        "installation",
        outside(b'{"kind": "per_user"}'),
        lambda body: _in_folder(INSTALLATION_FILE, body, _installed),
        slow=True,
    ),
    Target(
        "pointer of updates",
        outside(b'{"installed": "x", "version": "0.2.0"}'),
        lambda body: _in_folder("current.json", body, lambda folder: Home(folder, "linux").pointer()),
        slow=True,
    ),
    Target(
        "brand of a kiosk",
        outside(b'{"vendor": "Halden", "initial": "H"}'),
        lambda body: _in_folder("brand.json", body, last_brand),
        slow=True,
    ),
    Target(
        "clock of a server",
        TEXT.map(lambda text: httpx.Headers([(b"date", text.encode(errors="replace"))])),
        _moment,
    ),
)
