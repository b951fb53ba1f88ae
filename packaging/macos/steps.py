"""How a `.app` is signed, notarised and packed: lists of commands. Pure, but for reading which files are code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from macos.bundle import APP, IDENTIFIER, OLDEST_MACOS

#: How a file of code for macOS begins: thin, in both orders of bytes and widths, and fat.
_MACH_O = frozenset(
    bytes.fromhex(text) for text in ("feedface", "feedfacf", "cefaedfe", "cffaedfe", "cafebabe")
)
#: A class of Java begins like fat code; there the second word is a version, from 45 on, and not a number of parts.
_FAT, _MOST_PARTS = bytes.fromhex("cafebabe"), 40
_BUNDLES = frozenset({".app", ".appex", ".bundle", ".framework", ".xpc"})

ENTITLEMENTS = Path(__file__).with_name("entitlements.plist")


@dataclass(frozen=True)
class Step:
    """`what` it is for, in words; the `command`; whether it `notarises`: then its answer says how it went."""

    what: str
    command: tuple[str, ...]
    notarises: bool = False


@dataclass(frozen=True)
class Credentials:
    """The key of App Store Connect by which Apple's notary service is asked: its file, its id, its issuer."""

    key: Path
    key_id: str
    issuer: str

    @property
    def options(self) -> tuple[str, ...]:
        """As notarytool takes them; the secret is in the file."""
        return ("--key", str(self.key), "--key-id", self.key_id, "--issuer", self.issuer)


def is_code(file: Path) -> bool:
    """Whether a file is code for macOS, by how it begins."""
    with file.open("rb") as opened:
        head = opened.read(8)
    if head[:4] not in _MACH_O:
        return False
    return head[:4] != _FAT or int.from_bytes(head[4:8], "big") < _MOST_PARTS


def parts(app: Path) -> list[Path]:
    """What has a signature of its own, inside out: files of code, then the bundles around them, the app itself last.

    Signing a bundle signs the program it is named for, so that one is not listed. Links are followed nowhere.
    """
    inside = sorted(path for path in app.rglob("*") if not path.is_symlink())
    bundles = [path for path in inside if path.is_dir() and path.suffix in _BUNDLES]
    mains = {_main(bundle) for bundle in [*bundles, app]}
    code = [path for path in inside if path.is_file() and is_code(path) and path not in mains]
    return [*_deepest_first(code), *_deepest_first(bundles), app]


def _main(bundle: Path) -> Path:
    """The program that stands for a bundle."""
    if bundle.suffix == ".framework":
        current = bundle / "Versions" / "Current"
        folder = current.resolve() if current.exists() else bundle
        return folder / bundle.stem
    programs = bundle / "Contents" / "MacOS"
    by_name = [path for path in programs.glob("*") if path.name.lower() == bundle.stem.lower()]
    return by_name[0] if by_name else programs / bundle.stem


def _deepest_first(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: (-len(path.parts), str(path)))


def sign_app(app: Path, identity: str) -> list[Step]:
    """Sign inside out, each part by itself, under the hardened runtime and with a time stamp, then verify."""
    steps = []
    for path in parts(app):
        own = ("--entitlements", str(ENTITLEMENTS)) if path == app else ()
        command = (
            "codesign",
            "--force",
            "--sign",
            identity,
            "--timestamp",
            "--options",
            "runtime",
            *own,
            str(path),
        )
        steps.append(Step(f"sign {path.relative_to(app.parent)}", command))
    verify = ("codesign", "--verify", "--strict", "--deep", "--verbose=2", str(app))
    return [*steps, Step("verify every signature", verify)]


def notarise_app(app: Path, archive: Path, who: Credentials) -> list[Step]:
    """Let Apple look at the app, and attach what it says, so that a computer off line knows as well."""
    return [
        Step("pack the app for the notary", ("ditto", "-c", "-k", "--keepParent", str(app), str(archive))),
        _submit(archive, who),
        *_staple(app),
        Step("ask Gatekeeper", ("spctl", "--assess", "--type", "execute", "--verbose=2", str(app))),
    ]


def _submit(file: Path, who: Credentials) -> Step:
    command = ("xcrun", "notarytool", "submit", str(file), *who.options, "--wait", "--output-format", "json")
    return Step(f"notarise {file.name}", command, notarises=True)


def notary_log(submission: str, who: Credentials) -> tuple[str, ...]:
    """The command that says why a submission was not accepted."""
    return ("xcrun", "notarytool", "log", submission, *who.options)


def _staple(file: Path) -> list[Step]:
    return [
        Step(f"staple {file.name}", ("xcrun", "stapler", "staple", str(file))),
        Step(f"validate {file.name}", ("xcrun", "stapler", "validate", str(file))),
    ]


def pack_app(app: Path, archive: Path) -> list[Step]:
    """Pack the stapled app for users who install it themselves: its files and links, and nothing beside them."""
    bare = ("--norsrc", "--noextattr", "--noqtn", "--noacl")
    return [Step("pack the app", ("ditto", "-c", "-k", *bare, "--keepParent", str(app), str(archive)))]


def make_package(root: Path, work: Path, target: Path, version: str, identity: str) -> list[Step]:
    """Make the package for MDM out of a folder that holds nothing but the app. `work` has the two files below."""
    component = work / "component.pkg"
    build = ("pkgbuild", "--root", str(root), "--component-plist", str(work / "component.plist"))
    place = ("--identifier", IDENTIFIER, "--version", version, "--install-location", "/Applications")
    product = ("productbuild", "--distribution", str(work / "distribution.xml"), "--package-path", str(work))
    return [
        Step("make the component", (*build, *place, "--ownership", "recommended", str(component))),
        Step("make the package", (*product, "--sign", identity, "--timestamp", str(target))),
        Step("verify its signature", ("pkgutil", "--check-signature", str(target))),
    ]


def notarise_package(package: Path, who: Credentials) -> list[Step]:
    """Let Apple look at the package as well."""
    ask = ("spctl", "--assess", "--type", "install", "--verbose=2", str(package))
    return [_submit(package, who), *_staple(package), Step("ask Gatekeeper", ask)]


def component() -> list[dict[str, object]]:
    """The component property list: the app goes to /Applications, wherever a copy of it may lie."""
    return [
        {
            "RootRelativeBundlePath": APP,
            "BundleIsRelocatable": False,
            "BundleIsVersionChecked": True,
            "BundleHasStrictIdentifier": True,
            "BundleOverwriteAction": "upgrade",
        }
    ]


def distribution(version: str, architecture: str) -> str:
    """The distribution file: for the whole computer, on the versions of macOS that Qt runs on. Nothing is asked."""
    return f"""<?xml version="1.0" encoding="utf-8"?>
<installer-gui-script minSpecVersion="2">
  <title>Counterpart</title>
  <options customize="never" require-scripts="false" rootVolumeOnly="true" hostArchitectures="{architecture}" />
  <domains enable_anywhere="false" enable_currentUserHome="false" enable_localSystem="true" />
  <volume-check><allowed-os-versions><os-version min="{OLDEST_MACOS}" /></allowed-os-versions></volume-check>
  <choices-outline><line choice="{IDENTIFIER}" /></choices-outline>
  <choice id="{IDENTIFIER}" visible="false"><pkg-ref id="{IDENTIFIER}" /></choice>
  <pkg-ref id="{IDENTIFIER}" version="{version}" onConclusion="none">component.pkg</pkg-ref>
</installer-gui-script>
"""
