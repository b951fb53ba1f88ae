"""What holds, out of what an organisation says: order of places, raw values, and what is not understood."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.session.policy.reading import managed
from app.session.policy.schema import NOBODYS, UNMANAGED, Layer, Managed, Policy
from app.session.policy.settings import RESTRICTING, SETTINGS, STRICTEST, Kind
from tests.examples import played


class Source:
    """Places that a test names: machine, user, recommended."""

    name = "Group Policy"

    def __init__(self, *layers: Layer) -> None:
        self._layers = layers

    def layers(self) -> tuple[Layer, ...]:
        return self._layers


def forced(**values: Any) -> Managed:
    return managed(Source(Layer("machine", True, values)))


def test_where_nobody_says_anything_nobody_manages() -> None:
    assert managed(Source()) is NOBODYS
    assert managed(Source(Layer("machine", True), Layer("defaults", False))) is NOBODYS


def test_the_strongest_place_that_has_a_value_counts() -> None:
    found = managed(
        Source(
            Layer("machine", True, {"OfflineDays": 14}),
            Layer("user", True, {"OfflineDays": 90, "LogLevel": "info"}),
            Layer("defaults", False, {"LogLevel": "debug", "GatewayAddress": "portal.vendor.example"}),
        )
    )
    assert found.policy == Policy(
        offline_days=14, log_level="info", gateway_address="https://portal.vendor.example"
    )
    assert found.forced == {"offline_days", "log_level"}
    assert found.recommended == {"gateway_address"}
    assert found.places == {"offline_days": "machine", "log_level": "user", "gateway_address": "defaults"}
    assert (found.source, found.problems) == ("Group Policy", ())


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("Kiosk", 1, True), ("Kiosk", 0, False), ("Kiosk", "1", True), ("Kiosk", " True ", True),
        ("Kiosk", False, False),
        ("kiosk", 1, True), ("KIOSK", "no", False),
        ("OfflineDays", 14, 14), ("OfflineDays", "14", 14), ("OfflineDays", 0, 0),
        ("DocumentQuotaMb", "2000", 2000), ("DocumentQuotaMb", 0, None),
        ("UpdateChannel", "Beta", "beta"), ("Telemetry", "off", "off"),
        ("KioskPlace", " Lounge · 2 ", "Lounge · 2"),
        ("GatewayAddress", "Portal.Vendor.example/", "https://portal.vendor.example"), ("GatewayAddress", "", ""),
        ("AllowedGateways", ["a.example", "https://B.example:443"], ("https://a.example", "https://b.example")),
        ("AllowedGateways", {"10": "c.example", "9": "b.example", "1": "a.example"},
         ("https://a.example", "https://b.example", "https://c.example")),
        ("AllowedGateways", "a.example; b.example,c.example", ("https://a.example", "https://b.example", "https://c.example")),
        ("AllowedGateways", ["a.example", "A.EXAMPLE"], ("https://a.example",)),
        ("AllowedGateways", [], ()),
        ("Proxy", "System", "system"), ("Proxy", "NONE", "none"), ("Proxy", "", "system"),
        ("Proxy", "proxy.corp.example:8080", "http://proxy.corp.example:8080"),
        ("Proxy", "http://kim:s3cret@proxy.corp.example:8080/", "http://kim:s3cret@proxy.corp.example:8080"),
    ],
)  # fmt: skip
def test_what_platforms_give_becomes_a_value(key: str, raw: Any, value: Any) -> None:
    found = forced(**{key: raw})
    name = next(setting.name for setting in SETTINGS if setting.key.lower() == key.lower())
    assert getattr(found.policy, name) == value
    assert found.problems == ()
    assert found.forces(name)


@pytest.mark.parametrize(
    ("key", "raw", "expected"),
    [
        ("Kiosk", 2, "1 (on) or 0 (off)"), ("Kiosk", "ja", "1 (on) or 0 (off)"), ("Kiosk", [1], "1 (on)"),
        ("Kiosk", "", "1"),
        ("OfflineDays", -1, "from 0 to 365"), ("OfflineDays", 366, "from 0 to 365"),
        ("OfflineDays", "14 days", "number"),
        ("OfflineDays", True, "number"), ("OfflineDays", 1.5, "number"), ("OfflineDays", "", "number"),
        ("DocumentQuotaMb", 49, "from 50 to 100,000"), ("IdleLockSeconds", b"60", "number"),
        ("UpdateChannel", "nightly", "none, stable, beta"), ("Telemetry", "on", "off"),
        ("LogLevel", 1, "error, warning"),
        ("GatewayAddress", "http://portal.vendor.example", "https://"), ("GatewayAddress", 7, "text"),
        ("GatewayAddress", "a.example\nb.example", "one line"), ("KioskHelp", "x" * 201, "200 characters"),
        ("AllowedGateways", ["a.example", "not an address"], "addresses"), ("AllowedGateways", [""], "addresses"),
        ("AllowedGateways", ["a.example", 7], "addresses"), ("AllowedGateways", 7, "a list"),
        ("AllowedGateways", [f"{n}.example" for n in range(51)], "at most 50"),
        ("AllowedGateways", ["a" * 301], "addresses"),
        ("Proxy", "socks5://proxy.example", "system, none"), ("Proxy", "http://", "system, none"),
        ("Proxy", "http://proxy.example/wpad.pac", "PAC"), ("Proxy", "socks5h://proxy.example", "SOCKS"),
        ("Proxy", "http://kim:s3#cret@proxy.example", "# as %23"),
        ("GatewayAddress", "https://*.vendor.example", "* stands for nothing"),
        ("AllowedGateways", ["a.example", "https://*.vendor.example"], "“https://*.vendor.example” is not"),
        ("AllowedGateways", [*(f"{n}.example" for n in range(40)), "http://b.example"], "“http://b.example” is not"),
        ("Proxy", "http://proxy:port", "system, none"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told_with_what_would(key: str, raw: Any, expected: str) -> None:
    found = forced(**{key: raw})
    name = next(setting.name for setting in SETTINGS if setting.key == key)
    (problem,) = found.problems
    assert key in problem
    assert "machine" in problem
    assert expected in problem
    assert not found.forces(name)
    assert found.blocking == (found.problems if name in RESTRICTING else ())


@pytest.mark.parametrize("setting", [one for one in SETTINGS if one.restricts], ids=lambda one: str(one.name))
@pytest.mark.parametrize("strong", [True, False], ids=["forced", "recommended"])
def test_a_restriction_with_a_mistake_blocks_wherever_it_stands(setting: Any, strong: bool) -> None:
    found = managed(Source(Layer("here", strong, {setting.key: b"\x00"}), Layer("below", False, {})))
    assert found.blocking
    assert getattr(found.policy, setting.name) == getattr(UNMANAGED, setting.name)


def test_every_field_is_restricting_has_a_strictest_value_or_restricts_nothing() -> None:
    """A new field has to be thought about: what if it is not understood?"""
    harmless = {"kiosk_place", "kiosk_help", "document_quota_mb", "telemetry", "log_level"}
    assert {setting.name for setting in SETTINGS} == RESTRICTING | set(STRICTEST) | harmless
    assert not RESTRICTING & set(STRICTEST)


@pytest.mark.parametrize(
    ("key", "name", "value"),
    [
        ("KioskUnlockMinutes", "kiosk_unlock_minutes", 0),
        ("UpdateChannel", "update_channel", "none"),
        ("UpdateAddress", "update_channel", "none"),
    ],
)
def test_what_has_a_strictest_value_falls_back_to_it(key: str, name: str, value: Any) -> None:
    found = managed(
        Source(Layer("machine", True, {key: "?"}), Layer("defaults", False, {"UpdateChannel": "beta"}))
    )
    assert getattr(found.policy, name) == value
    assert found.problems
    assert found.blocking == ()


@pytest.mark.parametrize(
    ("key", "meant", "blocks"),
    [
        ("AllowedGateway", "AllowedGateways", True),
        ("Kiosks", "Kiosk", True),
        ("Koisk", "Kiosk", True),
        ("OfflineDay", "OfflineDays", True),
        ("LogLevels", "LogLevel", False),
    ],
)
def test_a_misspelt_restriction_is_not_passed_over(key: str, meant: str, blocks: bool) -> None:
    found = forced(**{key: "a.example"})
    assert meant in found.problems[0]
    assert bool(found.blocking) is blocks


def test_a_name_of_a_later_version_is_told_and_stops_nobody() -> None:
    found = forced(Wallpaper="blue", OfflineDays=3)
    assert "Wallpaper" in found.problems[0]
    assert (found.blocking, found.policy.offline_days) == ((), 3)


@pytest.mark.parametrize(
    ("below", "blocks"),
    [({"OfflineDays": 14}, True), ({"offlinedays": 14, "x": 1}, True), ({"LogLevel": "info"}, False)],
)
def test_settings_below_a_heading_are_told_and_those_that_restrict_block(below: Any, blocks: bool) -> None:
    found = forced(Counterpart=below)
    assert "stands below Counterpart" in found.problems[0]
    assert bool(found.blocking) is blocks


def test_a_wrong_entry_with_a_password_in_it_is_not_named() -> None:
    (problem,) = forced(AllowedGateways=["a.example", "https://kim:s3cret@b.example"]).problems
    assert "is not" not in problem.partition("expected")[2]


def test_a_name_that_is_there_twice_in_other_letters_is_not_understood() -> None:
    found = forced(Kiosk=True, KIOSK=False)
    assert "Kiosk in machine is “True, False”" in found.blocking[0]
    assert not found.policy.kiosk


RAW = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates()
    | st.sampled_from(["https://a.example", "http://k:pw@p:1", "[::1", "https://\u2100.example", "1", "none"]),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=4), inside, max_size=4),
    max_leaves=6,
)  # fmt: skip


@played(60)
@given(
    st.dictionaries(st.sampled_from([one.key for one in SETTINGS]) | st.text(max_size=20), RAW, max_size=5)
)
def test_whatever_stands_there_is_understood_or_told(values: dict[str, Any]) -> None:
    found = managed(Source(Layer("machine", True, values)))
    for setting in SETTINGS:
        given = [name for name in values if name.lower() == setting.key.lower()]
        told = [problem for problem in found.problems if problem.startswith(f"{setting.key} in ")]
        assert bool(given) == (found.forces(setting.name) or bool(told)), setting.key
        if setting.restricts and told:
            assert found.blocking


def test_a_place_that_cannot_be_believed_blocks_and_says_why() -> None:
    found = managed(Source(Layer("/etc/x", True, unread="it is a link")))
    assert found.blocking == ("/etc/x: it is a link",)


def test_no_problem_quotes_a_proxy_for_it_may_hold_a_password() -> None:
    found = forced(Proxy="http://kim:s3cret@proxy.example/pac")
    assert found.blocking
    assert "s3cret" not in " ".join(found.problems)


def test_what_is_quoted_is_short_and_printable() -> None:
    (problem,) = forced(OfflineDays="\x1b[31m" + "9" * 500).problems
    assert "\x1b" not in problem
    assert len(problem) < 250


def test_an_address_that_is_not_allowed_is_told() -> None:
    found = forced(GatewayAddress="a.example", AllowedGateways=["b.example"])
    assert "a.example" in found.problems[0]
    assert found.blocking == ()


def test_each_field_has_its_kind_and_bounds() -> None:
    kinds = {setting.name: setting.kind for setting in SETTINGS}
    assert kinds["kiosk"] is Kind.SWITCH
    assert kinds["document_quota_mb"] is Kind.NUMBER
    assert all(setting.most > setting.least for setting in SETTINGS if setting.kind is Kind.NUMBER)
    assert [setting.name for setting in SETTINGS] == list(Policy.model_fields)
