"""What keeps a computer from working with its gateway is found, said and mended; nothing is changed by looking."""

from __future__ import annotations

import errno
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from keyring.errors import KeyringLocked

from app.composition.demo import PassingKeyring
from app.contract.errors import CounterpartError, Refused, Unreachable
from app.contract.version import RELEASE
from app.services.doctor import gateway as asked
from app.services.doctor import here, network
from app.services.doctor.computer import RealComputer, Shown
from app.services.doctor.examination import Examination, Standing
from app.services.doctor.finding import NAMES, Check, Finding, State
from app.services.doctor.report import as_json, as_lines, is_well
from app.services.doctor.way import Way, way_to
from app.services.opening import Opening
from app.services.surroundings import Surroundings
from app.services.words import Words
from app.session.installation import Installation, InstallationKind
from app.session.logbook.redacting import Redactor
from app.session.policy.schema import Managed, Policy
from app.store.keys import KeyRing
from app.store.pages import PAGE_SIZE
from app.sync.clock import SystemClock
from tests.services.small_gateway import SmallGateway, small_gateway
from tests.services.test_opening import PHRASE, entered, surroundings

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
SOURCE = Installation(InstallationKind.SOURCE, Path("/usr/bin/python3"))


@dataclass
class Proxies:
    """How a system may be set."""

    found: dict[str, str] = field(default_factory=dict)

    def proxies(self) -> Mapping[str, str]:
        return self.found

    def bypassed(self, host: str) -> bool:
        return False


@dataclass
class FakeComputer:
    """A computer of which everything is said; sockets are real unless it is cut off."""

    proxies: Proxies = field(default_factory=Proxies)
    system: str = "linux"
    pac: bool = False
    names: dict[str, int] = field(default_factory=lambda: {"localhost": 1, "127.0.0.1": 1})
    offline: bool = False
    room: int = 80_000_000_000
    refuses: dict[str, int] = field(default_factory=dict)
    running: dict[int, bool] = field(default_factory=dict)
    time_zone: str = "GMT"
    temp: Path = Path("/tmp")

    def script(self) -> bool:
        return self.pac

    def resolve(self, host: str, port: int) -> int:
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return self.names[host]

    def connect(self, host: str, port: int) -> socket.socket:
        if self.offline:
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        return socket.create_connection((host, port), 3)

    def free(self, folder: Path) -> int:
        return self.room

    def writable(self, folder: Path) -> bool:
        if str(folder) in self.refuses:
            raise OSError(self.refuses[str(folder)], os.strerror(self.refuses[str(folder)]))
        return True

    def temporary(self) -> Path:
        return self.temp

    def lives(self, process: int) -> bool | None:
        return self.running.get(process)

    def versions(self) -> Mapping[str, str]:
        return {
            "system": "Linux 6.1",
            "machine": "x86_64",
            "python": "3.11.7",
            "tls": "OpenSSL 3",
            "qt": "6.11",
        }

    def zone(self) -> str:
        return self.time_zone

    def encoding(self) -> str:
        return "UTF-8"


Serve = Callable[[socket.socket], None]


@contextmanager
def listening(serve: Serve) -> Iterator[int]:
    """Serve connections, one after the other, on a port of the system's choosing."""
    listener = socket.create_server(("127.0.0.1", 0))

    def forever() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    serve(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=forever, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


# -- proxy --------------------------------------------------------------------------------------------------


def proxy_finding(
    answer: bytes, seen: list[bytes] | None = None, address: str = "http://127.0.0.1:{port}"
) -> Finding:
    def serve(connection: socket.socket) -> None:
        got = connection.recv(4096)
        if seen is not None:
            seen.append(got)
        connection.sendall(answer)

    with listening(serve) as port:
        computer = FakeComputer(Proxies({"https": address.format(port=port)}))
        way = way_to("https://portal.halden.example", "system", computer)
        return network.proxy(way, "system", computer)


def test_a_proxy_that_lets_the_gateway_through() -> None:
    seen: list[bytes] = []
    found = proxy_finding(
        b"HTTP/1.1 200 Connection established\r\n\r\n", seen, "http://maya:p%40ss@127.0.0.1:{port}"
    )
    assert (found.state, found.facts["used"], found.about) == (State.OK, True, "portal.halden.example")
    assert seen[0].startswith(b"CONNECT portal.halden.example:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic bWF5YTpwQHNz" in seen[0]
    assert "maya" not in repr(found)
    assert "p@ss" not in repr(found)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "wants a name and a password"),
        (
            b"HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: NTLM\r\n\r\n",
            "signs people in by Negotiate, NTLM, which is not spoken here",
        ),
        (
            b'HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n',
            "wants a name and a password",
        ),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "does not let the gateway through"),
        (b"SSH-2.0-OpenSSH\r\n", "does not let the gateway through"),
    ],
)
def test_a_proxy_that_does_not(answer: bytes, words: str) -> None:
    found = proxy_finding(answer)
    assert found.state is State.BAD
    assert words in found.what
    assert found.mend


def test_a_proxy_that_is_not_there_and_one_that_cannot_be_spoken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for address, words in (
        (f"http://127.0.0.1:{port}", "does not answer"),
        ("socks5://maya:secret@127.0.0.1:1", "of a kind that cannot be used"),
    ):
        computer = FakeComputer(Proxies({"https": address}))
        found = network.proxy(way_to("https://portal.halden.example", "system", computer), "system", computer)
        assert found.state is State.BAD
        assert words in found.what
        assert "secret" not in repr(found)


def test_who_set_a_proxy_that_is_not_there_can_mend_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    way = Way("https://portal.halden.example", address)
    by_policy = network.proxy(way, address, FakeComputer())
    by_system = network.proxy(way, "system", FakeComputer())
    assert "Your organisation set it" in by_policy.mend
    assert "in the system" in by_system.mend


def test_a_proxy_behind_tls_is_used_and_not_looked_into() -> None:
    way = Way("https://portal.halden.example", "https://127.0.0.1:1")
    assert network.proxy(way, "system", FakeComputer()).state is State.UNKNOWN
    assert "this proxy" in network.certificate(way, FakeComputer(), NOW).what


def test_a_certificate_behind_a_proxy_that_refuses_is_not_taken_for_a_lost_cable() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 407 No\r\n\r\n")

    with listening(serve) as port:
        way = Way("https://portal.halden.example", f"http://127.0.0.1:{port}")
        found = network.certificate(way, FakeComputer(), NOW)
    assert (found.state, found.mend) == (State.UNKNOWN, "")
    assert "the proxy lets nothing through" in found.what


def test_a_gateway_that_is_asked_under_a_wrong_address_is_told_from_one_that_is_well() -> None:
    way = Way("https://portal.halden.example/v1")
    well = asked.Answered(401, True, 0.1, NOW, NOW)
    assert asked.gateway(way, well, "").state is State.OK
    lost = asked.gateway(way, replace(well, status=404), "")
    assert lost.state is State.BAD
    assert "not under this address" in lost.what


def test_no_proxy_and_a_script_that_is_not_run() -> None:
    computer = FakeComputer(Proxies({"https": "http://proxy.example:8080"}))
    straight = network.proxy(way_to("https://portal.halden.example", "none", computer), "none", computer)
    assert (straight.state, straight.facts["used"], straight.facts["by_policy"]) == (State.OK, False, True)
    scripted = FakeComputer(pac=True)
    found = network.proxy(way_to("https://portal.halden.example", "system", scripted), "system", scripted)
    assert (found.state, found.facts["script"]) == (State.WARN, True)
    assert "PAC" in found.what


# -- name and certificate -----------------------------------------------------------------------------------


def test_a_name_that_is_known_and_one_that_is_not() -> None:
    computer = FakeComputer(names={"portal.halden.example": 2})
    assert network.name(Way("https://portal.halden.example"), computer).facts["addresses"] == 2
    unknown = network.name(Way("https://other.example"), computer)
    assert (unknown.state, "other.example" in unknown.what) == (State.BAD, True)
    by_proxy = network.name(Way("https://other.example", "http://p:1"), computer)
    assert (by_proxy.state, by_proxy.facts["by_proxy"]) == (State.OK, True)


@dataclass(frozen=True)
class Authority:
    """A certificate authority of a test."""

    key: ec.EllipticCurvePrivateKey
    name: x509.Name
    file: Path

    def server(
        self, folder: Path, host: str = "localhost", days: tuple[float, float] = (-1, 60)
    ) -> ssl.SSLContext:
        """A server's context with a certificate for that name, valid from and to so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = certificate(name(host), self.name, key.public_key(), self.key, days, host)
        path = folder / "server.pem"
        path.write_bytes(pem(key) + made.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))


def name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"{common} Org"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    signing: ec.EllipticCurvePrivateKey,
    days: tuple[float, float],
    host: str = "",
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
    )
    if host:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    else:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(signing, hashes.SHA256())


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    made = certificate(name("Brightwater"), name("Brightwater"), key.public_key(), key, (-10, 90))
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return Authority(key, name("Brightwater"), file)


def secure(context: ssl.SSLContext, got: list[bytes] | None = None) -> Serve:
    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            data = tls.recv(1024)
            if got is not None:
                got.append(data)

    return serve


def seen_at(
    context: ssl.SSLContext, trusted: Callable[[], ssl.SSLContext], public: Callable[[], ssl.SSLContext]
) -> Finding:
    with listening(secure(context)) as port:
        way = Way(f"https://localhost:{port}")
        return network.certificate(way, FakeComputer(), datetime.now(UTC), trusted, public)


def test_a_certificate_of_a_companys_own_authority_is_trusted_and_said_to_be_one(
    authority: Authority, tmp_path: Path
) -> None:
    found = seen_at(authority.server(tmp_path), authority.trusted, ssl.create_default_context)
    assert (found.state, found.facts["private_authority"]) == (State.OK, True)
    assert "“Brightwater Org”" in found.what
    assert "may read along" in found.what
    public = seen_at(authority.server(tmp_path), authority.trusted, authority.trusted)
    assert (public.state, public.facts["private_authority"]) == (State.OK, False)


def test_a_certificate_that_ends_soon(authority: Authority, tmp_path: Path) -> None:
    found = seen_at(authority.server(tmp_path, days=(-1, 5)), authority.trusted, authority.trusted)
    assert found.state is State.WARN
    assert "It ends on" in found.mend


@pytest.mark.parametrize(
    ("host", "days", "trusts", "words"),
    [
        ("localhost", (-9, -1), True, "does not hold today"),
        ("localhost", (1, 9), True, "does not hold today"),
        ("other.example", (-1, 9), True, "another name than localhost"),
        ("localhost", (-1, 9), False, "“Brightwater Org” vouches for it, whom this computer does not trust"),
    ],
    ids=["expired", "not yet", "other name", "unknown authority"],
)
def test_a_certificate_that_is_refused_says_why_and_nothing_was_sent(
    authority: Authority, tmp_path: Path, host: str, days: tuple[float, float], trusts: bool, words: str
) -> None:
    got: list[bytes] = []
    context = authority.server(tmp_path, host, days)
    trusted = authority.trusted if trusts else ssl.create_default_context
    with listening(secure(context, got)) as port:
        way = Way(f"https://localhost:{port}")
        found = network.certificate(way, FakeComputer(), datetime.now(UTC), trusted, trusted)
    assert found.state is State.BAD
    assert words in found.what
    assert found.mend
    assert b"".join(got) == b""


def test_what_speaks_no_tls_and_nobody_at_all() -> None:
    with listening(lambda connection: connection.sendall(b"HTTP/1.1 302 Found\r\n\r\n")) as port:
        found = network.certificate(Way(f"https://localhost:{port}"), FakeComputer(), NOW)
    assert (found.state, "does not speak TLS" in found.what) == (State.BAD, True)
    away = network.certificate(Way("https://localhost:1"), FakeComputer(offline=True), NOW)
    assert away.state is State.UNKNOWN
    assert network.certificate(Way("http://127.0.0.1:1"), FakeComputer(), NOW).state is State.OK


# -- gateway and clock --------------------------------------------------------------------------------------


def client(
    status: int, headers: dict[str, str] | None = None, *, epoch: bool = True, described: str = RELEASE
) -> httpx.Client:
    given = {**({"Counterpart-Epoch": "e1"} if epoch else {}), **(headers or {})}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/openapi.json":
            return httpx.Response(200, content=iter([json.dumps({"info": {"version": described}}).encode()]))
        return httpx.Response(status, headers=given)

    return httpx.Client(base_url="https://portal.halden.example", transport=httpx.MockTransport(answer))


WAY = Way("https://portal.halden.example")


@pytest.mark.parametrize(
    ("status", "epoch", "state", "words"),
    [
        (401, True, State.OK, f"Version {RELEASE} answers"),
        (426, True, State.BAD, "no longer speaks with this version"),
        (503, True, State.WARN, "busy"),
        (200, False, State.BAD, "it is no gateway"),
        (302, False, State.BAD, "it is no gateway"),
    ],
)
def test_what_answers_at_the_address(status: int, epoch: bool, state: State, words: str) -> None:
    with client(status, epoch=epoch) as opened:
        found = asked.gateway(WAY, asked.ask(opened, NOW), asked.version(opened))
    assert found.state is state
    assert words in found.what


def test_a_gateway_that_says_something_odd_of_its_version_is_not_quoted() -> None:
    with client(401, described="<b>maya@brightwater.example</b>") as opened:
        assert asked.version(opened) == ""


def test_a_gateway_that_is_not_reached() -> None:
    found = asked.gateway(WAY, Unreachable("The gateway did not answer in time."), "")
    assert (found.state, found.facts["error"]) == (State.BAD, "Unreachable")
    assert asked.clock(WAY, Unreachable(), "linux").state is State.UNKNOWN


@pytest.mark.parametrize(
    ("ahead", "state", "words"),
    [
        (timedelta(seconds=40), State.OK, "agrees"),
        (timedelta(minutes=12), State.WARN, "12 minutes ahead"),
        (-timedelta(minutes=7), State.WARN, "7 minutes behind"),
        (timedelta(days=1), State.BAD, "24 hours ahead"),
        (-timedelta(days=3), State.BAD, "3 days behind"),
    ],
)
def test_the_clock_against_the_gateways(ahead: timedelta, state: State, words: str) -> None:
    with client(401, {"Counterpart-Time": (NOW - ahead).isoformat()}) as opened:
        answered = asked.ask(opened, NOW)
    found = asked.clock(WAY, answered, "linux")
    assert (found.state, found.facts["ahead_seconds"]) == (state, round(ahead.total_seconds()))
    assert words in found.what
    assert bool(found.mend) is (state is not State.OK)


@pytest.mark.parametrize("system", ["win32", "darwin", "linux"])
def test_how_to_set_the_clock_is_said_for_each_system(system: str) -> None:
    with client(401, {"Date": "Mon, 23 Nov 2026 09:00:00 GMT"}) as opened:
        assert "ime" in asked.clock(WAY, asked.ask(opened, NOW), system).mend


def test_the_event_channel_and_sign_in_by_code() -> None:
    with client(401) as opened:
        assert asked.events(WAY, opened, live=None).state is State.OK
        assert asked.device_codes(WAY, opened, kiosk=True).state is State.OK
    with client(200, epoch=False) as opened:
        assert asked.events(WAY, opened, live=None).state is State.WARN
    with client(404) as opened:
        assert asked.device_codes(WAY, opened, kiosk=True).state is State.BAD
        assert asked.device_codes(WAY, opened, kiosk=False).state is State.OK
        assert asked.events(WAY, opened, live=True).state is State.OK


# -- this computer ------------------------------------------------------------------------------------------


class LockedKeyring(PassingKeyring):
    """One that wants to be unlocked."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("locked")


class ForgetfulKeyring(PassingKeyring):
    """One that takes what it is given and has it no more."""

    def set_password(self, service: str, username: str, password: str) -> None:
        return


def test_the_key_store_is_tried_and_left_as_it_was() -> None:
    kept = PassingKeyring()
    kept.set_password("Counterpart", "a" * 24, "untouched")
    found = here.keyring(lambda: KeyRing(kept), "check-1", needed=True)
    assert found.state is State.OK
    assert kept._kept == {("Counterpart", "a" * 24): "untouched"}


def test_a_key_store_that_is_locked_forgets_or_is_not_there() -> None:
    locked = here.keyring(lambda: KeyRing(LockedKeyring()), "check-1", needed=True)
    assert (locked.state, locked.facts["locked"]) == (State.BAD, True)
    assert "Unlock" in locked.mend
    assert here.keyring(lambda: KeyRing(ForgetfulKeyring()), "check-1", needed=True).state is State.BAD
    assert here.keyring(lambda: None, "check-1", needed=False).state is State.OK
    away = here.keyring(lambda: None, "check-1", needed=True)
    assert (away.state, "plain" in (away.what + away.mend)) == (State.BAD, False)


def size(count: int) -> str:
    return f"{count} B"


@pytest.mark.parametrize(
    ("room", "state"), [(10_000_000, State.BAD), (300_000_000, State.WARN), (80_000_000_000, State.OK)]
)
def test_how_much_room_there_is(tmp_path: Path, room: int, state: State) -> None:
    assert here.disk(tmp_path, FakeComputer(room=room), [], size).state is state


def test_a_large_store_needs_twice_its_size(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    with store.open("wb") as file:
        file.truncate(600_000_000)
    assert here.disk(tmp_path, FakeComputer(room=1_000_000_000), [store], size).state is State.WARN


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    for folder, words in ((tmp_path, "Counterpart’s folder"), (Path("/tmp"), "temporary files")):
        found = here.disk(tmp_path, FakeComputer(refuses={str(folder): errno.EROFS}), [], size)
        assert (found.state, found.facts["errno"]) == (State.BAD, errno.EROFS)
        assert words in found.what


def test_what_an_organisation_set() -> None:
    assert "No organisation" in here.policy(Managed()).what
    managed = Managed(Policy(), frozenset({"kiosk"}), frozenset(), "Group Policy")
    assert "Group Policy" in here.policy(managed).what
    doubtful = replace(managed, problems=("Kiosk: “maybe” is not yes or no.",))
    assert here.policy(doubtful).state is State.WARN
    assert here.policy(replace(doubtful, blocking=doubtful.problems)).state is State.BAD


def test_windows_that_are_open_and_what_dead_ones_left(tmp_path: Path) -> None:
    assert here.leftovers(tmp_path, FakeComputer()).facts == {"open": 0, "left": 0}
    (tmp_path / "a.lock").write_text("11\ncounterpart\nhost\n")
    (tmp_path / "b.lock").write_text("22\ncounterpart\nhost\n")
    (tmp_path / "c.lock").write_text("nonsense")
    found = here.leftovers(tmp_path, FakeComputer(running={11: True, 22: False}))
    assert (found.state, found.facts) == (State.WARN, {"open": 1, "left": 1})


def test_language_time_zone_screen_and_installation() -> None:
    computer = FakeComputer()
    assert here.locale_and_zone("de_DE", "de", computer).state is State.OK
    assert here.locale_and_zone("xx_XX", "en", computer).state is State.WARN
    assert here.locale_and_zone("de_DE", "de", FakeComputer(time_zone="")).state is State.WARN
    assert here.display(None).state is State.UNKNOWN
    assert here.display(Shown(1920, 1080, 1.0)).state is State.OK
    assert here.display(Shown(800, 600, 2.0)).state is State.WARN
    for kind in InstallationKind:
        assert here.installation(Installation(kind, Path("x"))).facts["kind"] == kind.value
    assert here.versions(computer, Shown(1, 1, 1.0, qt="6.11.3")).facts["qt"] == "6.11.3"


# -- all of it ----------------------------------------------------------------------------------------------


@pytest.fixture
def gateway() -> Iterator[SmallGateway]:
    with small_gateway() as made:
        yield made


def examine(around: Surroundings, **ways: object) -> list[Finding]:
    given: dict[str, object] = {"computer": FakeComputer(), "installation": SOURCE, **ways}
    return Examination(around, **given).run()  # type: ignore[arg-type]


def by_name(findings: list[Finding]) -> dict[Check, Finding]:
    return {finding.name: finding for finding in findings}


def test_a_computer_that_is_well(gateway: SmallGateway, tmp_path: Path) -> None:
    around = replace(surroundings(tmp_path), clock=SystemClock())
    entered(Opening(around), gateway).close()
    before = {path: path.read_bytes() for path in tmp_path.rglob("store.db")}
    told: list[Finding] = []
    examination = Examination(around, computer=FakeComputer(), installation=SOURCE)
    findings = examination.run(told.append)
    assert sorted(told, key=repr) == sorted(findings, key=repr)
    assert [finding.name for finding in findings] == [*Check]
    found = by_name(findings)
    assert found[Check.DATABASE].state is State.OK
    assert "opens and is whole" in found[Check.DATABASE].what
    assert found[Check.GATEWAY].state is State.OK
    assert is_well(findings)
    assert [inside.intact for inside in examination.insides.values()] == [True]
    assert {path: path.read_bytes() for path in tmp_path.rglob("store.db")} == before


def test_without_a_network_and_without_an_account(tmp_path: Path) -> None:
    found = by_name(examine(surroundings(tmp_path, ring=False), computer=FakeComputer(offline=True)))
    assert found[Check.GATEWAY].state is State.UNKNOWN
    assert Check.PROXY not in found
    named = by_name(examine(surroundings(tmp_path), gateways=["https://nowhere.invalid"]))
    assert named[Check.DNS].state is State.BAD
    assert named[Check.GATEWAY].state is State.BAD
    with pytest.raises(Refused):
        examine(surroundings(tmp_path), gateways=["no address"])


def test_a_passphrase_is_never_asked_for(gateway: SmallGateway, tmp_path: Path) -> None:
    around = surroundings(tmp_path, ring=False)
    account = entered(Opening(around), gateway, PHRASE)
    unlocked = dict(account.unlocked)
    account.close()
    assert by_name(examine(around))[Check.DATABASE].state is State.UNKNOWN
    opened = by_name(examine(around, standing=Standing(keys=unlocked)))
    assert opened[Check.DATABASE].state is State.OK


def test_a_store_that_is_damaged_has_another_key_or_lost_it(gateway: SmallGateway, tmp_path: Path) -> None:
    around = surroundings(tmp_path)
    account = entered(Opening(around), gateway)
    known, path = account.account.id, account.account.store_path
    account.close()
    other = by_name(examine(around, standing=Standing(keys={known: bytes(32)})))[Check.DATABASE]
    assert (other.state, other.facts["error"]) == (State.BAD, "WrongKey")
    data = bytearray(path.read_bytes())
    data[-PAGE_SIZE + 9] ^= 1
    path.write_bytes(data)
    assert "damaged" in by_name(examine(around))[Check.DATABASE].what
    ring = around.ring()
    assert ring is not None
    ring.destroy(known)
    assert "not in the key store" in by_name(examine(around))[Check.DATABASE].what


class SlowComputer(FakeComputer):
    """One that takes its time for names, as a broken network does."""

    def resolve(self, host: str, port: int) -> int:
        time.sleep(3)
        return 1


def test_what_does_not_come_back_in_time_is_said_and_holds_up_nothing(
    tmp_path: Path, gateway: SmallGateway
) -> None:
    began = time.monotonic()
    found = by_name(
        examine(surroundings(tmp_path), computer=SlowComputer(), gateways=[gateway.url], limit=1.5)
    )
    assert time.monotonic() - began < 2.9
    assert (found[Check.DNS].state, found[Check.DNS].what) == (State.UNKNOWN, "It did not come back in time.")
    assert found[Check.DISK].state is State.OK


class BrokenComputer(FakeComputer):
    """One on which a check meets what nobody foresaw."""

    def zone(self) -> str:
        raise RuntimeError("Kestrel Foods")


def test_a_check_that_breaks_is_a_finding_without_what_it_said(tmp_path: Path) -> None:
    found = by_name(examine(surroundings(tmp_path), computer=BrokenComputer()))[Check.LOCALE]
    assert (found.state, found.what) == (State.UNKNOWN, "It broke off: RuntimeError.")


def test_a_policy_that_keeps_a_gateway_away_is_what_the_gateway_finding_says(tmp_path: Path) -> None:
    managed = Managed(Policy(allowed_gateways=("https://other.example",)), frozenset({"allowed_gateways"}))
    around = replace(surroundings(tmp_path), managed=managed)
    found = by_name(examine(around, gateways=["https://portal.halden.example"]))
    assert "does not allow" in found[Check.GATEWAY].what


def test_json_has_a_stable_shape(tmp_path: Path) -> None:
    found = as_json(examine(surroundings(tmp_path)), NOW, Redactor())
    assert set(found) == {"form", "release", "at", "ok", "findings"}
    assert (found["form"], found["at"]) == (1, "2026-11-23T09:41:00Z")
    for finding in found["findings"]:
        assert set(finding) == {"name", "state", "about", "what", "mend", "facts"}
        assert finding["state"] in {"ok", "warn", "bad", "unknown"}
    json.dumps(found)


def test_lines_for_the_phone_say_how_to_mend_and_what_it_comes_to() -> None:
    findings = [
        Finding(Check.DISK, State.BAD, "The disk is full: 3 MB are free.", "Free some space now.", "", {}),
        Finding(Check.CLOCK, State.OK, "It agrees.", about="portal.halden.example"),
    ]
    assert as_lines(findings, Words(), Redactor()) == [
        "BAD   Disk: The disk is full: 3 MB are free.",
        "      → Free some space now.",
        "ok    Clock (portal.halden.example): It agrees.",
        "",
        "1 thing has to be mended.",
    ]


def test_every_check_has_a_name() -> None:
    assert set(NAMES) == set(Check)


def test_the_real_computer_answers(tmp_path: Path) -> None:
    computer = RealComputer(Proxies())
    assert computer.resolve("localhost", 1) >= 1
    assert computer.free(tmp_path / "not" / "there") > 0
    assert computer.writable(tmp_path / "not" / "there")
    assert list(tmp_path.iterdir()) == []
    assert computer.lives(os.getpid()) in (True, None)
    assert computer.versions()["python"]
    assert computer.script() in (True, False)


def test_errors_of_the_contract_are_told_as_they_are() -> None:
    error: CounterpartError = Unreachable()
    assert asked.gateway(WAY, error, "").what == error.cause
