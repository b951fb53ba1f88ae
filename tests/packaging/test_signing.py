"""Authenticode with a certificate made here: what is signed, in which order, and that what was altered is refused.

The programs are pip's launchers for Windows, the package is the stand-in. Time stamps and signtool need Windows or the
network; of them the commands are held here.
"""

from __future__ import annotations

import shutil
import struct
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pip
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.packaging.scripts import script

signing = script("windows.sign")
build = script("windows.build")

linux = pytest.mark.skipif(sys.platform != "linux", reason="osslsigncode and wixl are here on Linux only")

LAUNCHERS = Path(pip.__file__).parent / "_vendor" / "distlib"
PASSWORD = "the key's own password"
STAMPS = "https://timestamp.vendor.example"


class Authority:
    """A certificate authority of this test, and a signer it vouches for."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder / name
        self.folder.mkdir()
        root_key, root = _certificate(f"{name} root", None)
        key, leaf = _certificate(f"{name} signer", (root_key, root))
        self.roots = self._write("roots.pem", root.public_bytes(Encoding.PEM))
        self.chain = self._write("chain.pem", leaf.public_bytes(Encoding.PEM))
        locked = BestAvailableEncryption(PASSWORD.encode())
        self.key = self._write("key.pem", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
        self.password = self._write("password", PASSWORD.encode())

    def _write(self, name: str, data: bytes) -> Path:
        (self.folder / name).write_bytes(data)
        return self.folder / name

    @property
    def environment(self) -> dict[str, str]:
        """What a workflow sets, with the time stamp left out."""
        return {
            "COUNTERPART_SIGN_CERTIFICATE": str(self.chain),
            "COUNTERPART_SIGN_KEY": str(self.key),
            "COUNTERPART_SIGN_PASSWORD_FILE": str(self.password),
            "COUNTERPART_SIGN_TIMESTAMP": "off",
            "COUNTERPART_SIGN_ROOTS": str(self.roots),
        }


Issuer = tuple[ec.EllipticCurvePrivateKey, x509.Certificate]


def _certificate(name: str, issuer: Issuer | None) -> Issuer:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[1].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=7))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
    return key, made.sign(issuer[0] if issuer else key, hashes.SHA256())


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "ours")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "theirs")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("msi")
    made = build.package(stand_in=True, environment={})
    return Path(build.build(made, build.stand_in(folder / "payload"), folder / "to", folder / "work"))


@pytest.fixture(params=["exe", "msi"])
def file(request: pytest.FixtureRequest, tmp_path: Path, package: Path) -> Path:
    """One that nobody signed."""
    source = LAUNCHERS / "t64.exe" if request.param == "exe" else package
    return Path(shutil.copyfile(source, tmp_path / f"file.{request.param}"))


def sign(file: Path, authority: Authority) -> None:
    environment = authority.environment
    signing.sign([file], signing.signer(environment), lambda one: signing.verify(one, environment))


@linux
def test_what_was_signed_holds(file: Path, ours: Authority) -> None:
    before = file.read_bytes()
    sign(file, ours)
    signing.verify(file, ours.environment)
    assert file.read_bytes() != before
    assert not list(file.parent.glob("*.signed"))


@linux
def test_what_nobody_signed_is_refused(file: Path, ours: Authority) -> None:
    with pytest.raises(signing.NotSigned, match="does not hold"):
        signing.verify(file, ours.environment)


@linux
def test_what_was_altered_after_it_was_signed_is_refused(file: Path, ours: Authority) -> None:
    sign(file, ours)
    data = bytearray(file.read_bytes())
    # A word of the payload's text, or one of the program's own messages.
    at = data.index(b"MSCF" if file.suffix == ".msi" else b"This program cannot be run")
    data[at + 40] ^= 1
    file.write_bytes(data)
    with pytest.raises(signing.NotSigned, match="does not hold"):
        signing.verify(file, ours.environment)


@linux
def test_what_somebody_else_signed_is_refused(file: Path, ours: Authority, theirs: Authority) -> None:
    sign(file, theirs)
    with pytest.raises(signing.NotSigned, match="does not hold"):
        signing.verify(file, ours.environment)


@linux
def test_a_certificate_that_is_not_for_code_is_refused(file: Path, ours: Authority, tmp_path: Path) -> None:
    key, root = _certificate("self-made", None)
    (tmp_path / "own.pem").write_bytes(root.public_bytes(Encoding.PEM))
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "own.key").write_bytes(plain)
    environment = {
        **ours.environment,
        "COUNTERPART_SIGN_CERTIFICATE": str(tmp_path / "own.pem"),
        "COUNTERPART_SIGN_KEY": str(tmp_path / "own.key"),
    }
    del environment["COUNTERPART_SIGN_PASSWORD_FILE"]
    with pytest.raises(signing.NotSigned):
        signing.sign([file], signing.signer(environment), lambda one: signing.verify(one, environment))


@linux
def test_a_wrong_password_signs_nothing_and_is_not_told(
    file: Path, ours: Authority, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = file.read_bytes()
    (tmp_path / "wrong").write_text("quite another secret", encoding="utf-8")
    environment = {**ours.environment, "COUNTERPART_SIGN_PASSWORD_FILE": str(tmp_path / "wrong")}
    with pytest.raises(signing.NotSigned, match="osslsigncode did not sign") as told:
        signing.sign([file], signing.signer(environment), pytest.fail)
    assert file.read_bytes() == before
    assert "secret" not in str(told.value) + "".join(capfd.readouterr())


@linux
def test_a_folder_stands_for_what_nobody_signed_in_it(ours: Authority, tmp_path: Path, package: Path) -> None:
    folder = tmp_path / "counterpart"
    (folder / "_internal").mkdir(parents=True)
    program = Path(shutil.copyfile(LAUNCHERS / "t64.exe", folder / "counterpart.exe"))
    library = Path(shutil.copyfile(LAUNCHERS / "w64.exe", folder / "_internal" / "z.dll"))
    qts = Path(shutil.copyfile(LAUNCHERS / "t32.exe", folder / "_internal" / "Qt6Core.dll"))
    (folder / "_internal" / "notes.txt").write_text("no program", encoding="utf-8")
    sign(qts, ours)
    msi = Path(shutil.copyfile(package, tmp_path / "a.msi"))
    assert signing.is_signed(qts)
    assert not signing.is_signed(program)
    # Libraries, then programs, then the package, whatever the order in which they are named.
    assert signing.wanted([msi, folder]) == [library, program, msi]


def test_what_only_ends_like_a_program_is_refused(tmp_path: Path) -> None:
    for data in (b"", b"MZ", b"MZ" + bytes(58) + struct.pack("<I", 1 << 30), b"not a program" * 50):
        odd = tmp_path / "odd.exe"
        odd.write_bytes(data)
        with pytest.raises(signing.NotSigned, match="no program for Windows"):
            signing.wanted([tmp_path])


def commands(environment: dict[str, str], file: Path) -> list[Sequence[str]]:
    """What is run to sign and verify a file on Windows."""
    run: list[Sequence[str]] = []

    def noted(command: Sequence[str]) -> int:
        run.append(command)
        return 0

    signing.sign(
        [file],
        signing.signer(environment),
        lambda one: signing.verify(one, environment, "win32", noted),
        noted,
    )
    return run


def test_signtool_takes_sha256_a_time_stamp_and_verifies(tmp_path: Path) -> None:
    file = tmp_path / "a.msi"
    environment = {"COUNTERPART_SIGN_THUMBPRINT": "ab12", "COUNTERPART_SIGN_TIMESTAMP": STAMPS}
    stamped = ["/fd", "SHA256", "/tr", STAMPS, "/td", "SHA256"]
    assert commands(environment, file) == [
        ["signtool", "sign", "/sha1", "ab12", *stamped, "/d", "Counterpart", str(file)],
        ["signtool", "verify", "/pa", "/all", "/tw", str(file)],
    ]
    tried = commands({**environment, "COUNTERPART_SIGN_TIMESTAMP": "off"}, file)
    assert tried == [
        ["signtool", "sign", "/sha1", "ab12", "/fd", "SHA256", "/d", "Counterpart", str(file)],
        ["signtool", "verify", "/pa", "/all", str(file)],
    ]


def test_a_signing_service_is_called_by_its_own_program(tmp_path: Path) -> None:
    file = tmp_path / "a.exe"
    environment = {
        "COUNTERPART_SIGN_COMMAND": '["service", "--sign", "{file}"]',
        "COUNTERPART_SIGN_TIMESTAMP": STAMPS,
    }
    assert commands(environment, file)[0] == ["service", "--sign", str(file)]


def test_osslsigncode_stamps_the_time_where_a_service_is_named(ours: Authority, tmp_path: Path) -> None:
    how = signing.signer({**ours.environment, "COUNTERPART_SIGN_TIMESTAMP": STAMPS})
    command = how.signing(tmp_path / "a.exe", tmp_path / "b.exe")
    assert command[command.index("-ts") + 1] == STAMPS
    assert command[command.index("-h") + 1] == "sha256"
    assert PASSWORD not in " ".join(command)


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({}, "TIMESTAMP is not set"),
        ({"TIMESTAMP": "off"}, "nothing says who signs"),
        ({"TIMESTAMP": "off", "CERTIFICATE": "c.pem"}, "nothing says who signs"),
        ({"TIMESTAMP": "off", "COMMAND": '["service"]'}, "with .* in it"),
    ],
)
def test_what_is_not_said_is_asked_for(environment: dict[str, str], why: str) -> None:
    with pytest.raises(signing.NotSigned, match=why):
        signing.signer({f"COUNTERPART_SIGN_{name}": value for name, value in environment.items()})


def test_without_roots_nothing_is_taken_as_verified(tmp_path: Path) -> None:
    never: Callable[[Sequence[str]], int] = lambda _: pytest.fail("nothing is to be run")  # noqa: E731
    with pytest.raises(signing.NotSigned, match="ROOTS is not set"):
        signing.verify(tmp_path / "a.exe", {}, "linux", never)


def test_the_command_line_tells_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COUNTERPART_SIGN_TIMESTAMP", raising=False)
    assert signing.main([str(tmp_path)]) == 1
    assert "TIMESTAMP is not set" in capsys.readouterr().err
