"""What the gateway fetches, and that no address leads it into a network that is not public."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.outbound import Outbound, OutboundFailed, OutboundRefused, Rules, judge, target_of

pytestmark = pytest.mark.databases("sqlite")

HOST = "files.example"

REFUSED_ADDRESSES = [
    "http://files.example/a",
    "ftp://files.example/a",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "gopher://files.example:70/x",
    "//files.example/a",
    "files.example/a",
    "",
    "https://",
    "https:///a",
    "https://user@files.example/",
    "https://user:pass@files.example/",
    "https://@files.example/",
    "https://files.example:99999/",
    "https://files.example:0/",
    "https://files.example:x/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://1.2.3.4.5/",
    "https://a.b.1/",
    "https://[::1%25eth0]/",
    "https://[::ffff:7f00:1/",
    "https://files.example\\@evil.example/",
    "https://files .example/",
    "https://files.example/\r\nX: y",
    "https://files.example/\t",
    "https://fil\u0435s.example/",
    "https://-files.example/",
    "https://files..example/",
]


@pytest.mark.parametrize("url", REFUSED_ADDRESSES)
def test_addresses_that_are_not_even_looked_up(url: str) -> None:
    def asked(host: str, _port: int) -> Sequence[str]:
        raise AssertionError(f"{host} was looked up")

    with pytest.raises(OutboundRefused):
        Outbound(resolver=asked).get(url)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://files.example/a?b#c", HOST, 443),
        ("https://FILES.example.:8443/", HOST, 8443),
        ("https://93.184.216.34/", "93.184.216.34", 443),
        ("https://[2606:2800:220:1::1]/", "2606:2800:220:1::1", 443),
        ("https://a-b.files_1.example/", "a-b.files_1.example", 443),
    ],
)
def test_addresses_that_are(url: str, host: str, port: int) -> None:
    target = target_of(url, Rules())
    assert (target.host, target.port, target.inside) == (host, port, False)


NEVER = [
    "169.254.169.254",
    "169.254.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "nonsense",
]
INSIDE = [
    "127.0.0.1",
    "127.8.9.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fc00::1",
    "fd12::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::1",
    "192.0.2.1",
]
PUBLIC = ["93.184.216.34", "1.1.1.1", "2606:2800:220:1::1", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.mark.parametrize("text", NEVER + INSIDE)
def test_addresses_that_are_not_public(text: str) -> None:
    with pytest.raises(OutboundRefused):
        judge(text, inside=False)
    with pytest.raises(OutboundRefused):
        Outbound(resolver=lambda _host, _port: ["1.1.1.1", text]).get("https://files.example/")


@pytest.mark.parametrize("text", NEVER)
def test_addresses_that_are_never_reached(text: str) -> None:
    with pytest.raises(OutboundRefused):
        judge(text, inside=True)


@pytest.mark.parametrize("text", PUBLIC)
def test_addresses_that_are_public(text: str) -> None:
    assert str(judge(text, inside=False)) == str(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", [item for item in INSIDE if not item.startswith(("192.0.2", "2002"))])
def test_addresses_inside_are_reached_when_a_person_says_so(text: str) -> None:
    judge(text, inside=True)


# ---------------------------------------------------------------------------------------------------- a real server


class Answers(BaseHTTPRequestHandler):
    """Answers by path, and notes what it was asked."""

    def do_GET(self) -> None:
        """Answer."""
        served = self.server
        assert isinstance(served, Site)
        served.asked.append((self.path, self.headers.get("Host", ""), self.headers.get("Authorization", "")))
        if self.path in served.leads:
            self.send_response(302)
            self.send_header("Location", served.leads[self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = b"x" * 5000 if self.path == "/large" else b"hello"
        self.send_response(200)
        self.send_header("Content-Type", "Text/Plain; charset=utf-8")
        if self.path == "/packed":
            self.send_header("Content-Encoding", "gzip")
        if self.path != "/endless":
            self.send_header("Content-Length", str(len(body) + (7 if self.path == "/short" else 0)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class Site(ThreadingHTTPServer):
    """A server on this machine. `leads`: where paths lead on to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked: list[tuple[str, str, str]] = []
        self.leads: dict[str, str] = {}
        self.names: dict[str, list[list[str]]] = {}
        self.looked_up: list[str] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def resolver(self, host: str, _port: int) -> Sequence[str]:
        """Give each name its next addresses; the last ones stay."""
        self.looked_up.append(host)
        known = self.names.get(host, [["127.0.0.1"]])
        return known.pop(0) if len(known) > 1 else known[0]

    def outbound(self, *, most: int = 1000, verify: ssl.SSLContext | None = None) -> Outbound:
        """A way out that knows this server as one inside."""
        rules = Rules(inside=frozenset({f"{HOST}:{self.port}"}), most=most)
        return Outbound(rules, self.resolver, verify=verify)

    def url(self, path: str, host: str = HOST, scheme: str = "http") -> str:
        """An address here."""
        return f"{scheme}://{host}:{self.port}{path}"


@contextmanager
def running(site: Site) -> Iterator[Site]:
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        thread.join()
        site.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    with running(Site()) as found:
        yield found


def test_what_is_fetched(site: Site) -> None:
    found = site.outbound().get(site.url("/a?b=1#part"), {"Authorization": "secret"})
    assert (found.status, found.media_type, found.body) == (200, "text/plain", b"hello")
    assert site.asked == [("/a?b=1", f"{HOST}:{site.port}", "secret")]


def test_the_address_that_was_judged_is_the_one_that_is_asked(site: Site) -> None:
    """A name that points elsewhere the next time it is looked up: it is looked up once."""
    site.names[HOST] = [["127.0.0.1"], ["10.0.0.1"]]
    assert site.outbound().get(site.url("/")).body == b"hello"
    assert site.looked_up == [HOST]


def test_a_name_that_points_inside_at_a_redirect(site: Site) -> None:
    site.names[HOST] = [["127.0.0.1"], ["169.254.169.254"]]
    site.leads = {"/": "/again"}
    with pytest.raises(OutboundRefused, match="not public"):
        site.outbound().get(site.url("/"))
    assert [path for path, _, _ in site.asked] == ["/"]


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1:{port}/secret",
        "https://127.0.0.1:{port}/secret",
        "http://localhost:{port}/secret",
        "https://localhost:{port}/secret",
        "https://[::1]:{port}/secret",
        "https://[::ffff:127.0.0.1]:{port}/secret",
        "https://2130706433:{port}/secret",
        "http://169.254.169.254/latest/meta-data/",
        "https://evil.example:{port}/secret",
        "https://u:p@files.example:{port}/secret",
        "file:///etc/passwd",
        "//127.0.0.1:{port}/secret",
        "http://files.example:1/secret",
    ],
)
def test_redirects_that_lead_inside(site: Site, to: str) -> None:
    site.leads = {"/": to.format(port=site.port)}
    with pytest.raises(OutboundRefused):
        site.outbound().get(site.url("/"), {"Authorization": "secret"})
    assert [path for path, _, _ in site.asked] == ["/"]


def test_redirects_are_followed_three_times(site: Site) -> None:
    site.leads = {"/0": "/1", "/1": site.url("/2"), "/2": "/3"}
    found = site.outbound().get(site.url("/0"), {"Authorization": "secret"})
    assert (found.body, found.url) == (b"hello", site.url("/3"))
    assert {secret for _, _, secret in site.asked} == {"secret"}
    site.leads["/3"] = "/4"
    with pytest.raises(OutboundRefused, match="more than 3"):
        site.outbound().get(site.url("/0"))
    assert "/4" not in [path for path, _, _ in site.asked]


def test_what_is_too_much_or_too_strange(site: Site) -> None:
    for path in ("/large", "/packed"):
        with pytest.raises(OutboundRefused):
            site.outbound().get(site.url(path))
    with pytest.raises(OutboundFailed):
        site.outbound().get(site.url("/short"))
    assert site.outbound(most=5000).get(site.url("/large")).body == b"x" * 5000


def test_what_takes_too_long(site: Site) -> None:
    times = iter([0.0, 0.0, 31.0])
    rules = Rules(inside=frozenset({f"{HOST}:{site.port}"}))
    with pytest.raises(OutboundFailed, match="too long"):
        Outbound(rules, site.resolver, monotonic=lambda: next(times, 31.0)).get(site.url("/"))


def test_what_cannot_be_reached(site: Site) -> None:
    def unknown(_host: str, _port: int) -> Sequence[str]:
        raise OSError("no such name")

    with pytest.raises(OutboundFailed, match="not known"):
        Outbound(resolver=unknown).get("https://files.example/")
    with pytest.raises(OutboundFailed, match="no address"):
        Outbound(resolver=lambda _host, _port: []).get("https://files.example/")


@pytest.mark.parametrize("name", [HOST, "another.example"])
def test_a_certificate_is_the_names_and_not_the_addresss(tmp_path: Path, name: str) -> None:
    certificate = certify(tmp_path, name)
    site = Site()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    site.socket = context.wrap_socket(site.socket, server_side=True)
    verify = ssl.create_default_context(cafile=certificate)
    with running(site):
        outbound = site.outbound(verify=verify)
        if name == HOST:
            assert outbound.get(site.url("/", scheme="https")).body == b"hello"
        else:
            with pytest.raises(OutboundFailed, match=r"(?i)certificate"):
                outbound.get(site.url("/", scheme="https"))


def certify(folder: Path, name: str) -> Path:
    """Make a certificate that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    issued = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(issued)
        .issuer_name(issued)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "site.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
