"""What makes registrations clash, by cases, and the filter that is shipped."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.contract.clashing import (
    ClashFields,
    clash_fields,
    domain_of,
    folded,
    keys_of,
    make_filter,
    read_filter,
    registered,
)
from app.contract.manifest import Manifest, effective

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
SALT = bytes(range(16))


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("kestrel.example", "kestrel.example"),
        (" https://www.Kestrel.example/shop?x=1#top ", "kestrel.example"),
        ("HTTP://kestrel.example:8080", "kestrel.example"),
        ("kestrel.example.", "kestrel.example"),
        ("ftp://maya@kestrel.example/a@b", "kestrel.example"),
        ("kestrel.example?from=mail@x.example", "kestrel.example"),
        ("shop.kestrel.example", "shop.kestrel.example"),
        ("www.kestrel.example/www.other.example", "kestrel.example"),
        ("Müller.example", "xn--mller-kva.example"),
        ("xn--mller-kva.example", "xn--mller-kva.example"),
        ("kestrel..example", ""),
        ("", ""),
        (None, ""),
        (7, "7"),
    ],
)
def test_a_website_is_compared_by_its_domain(written: object, domain: str) -> None:
    assert domain_of(written) == domain


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Kestrel Homes", "kestrel homes"),
        ("KESTREL  HOMES Ltd.", "kestrel homes"),
        ("Kestrel Homes Limited", "kestrel homes"),
        ("Müller & Söhne GmbH & Co. KG", "muller sohne"),
        ("MUELLER & Söhne", "mueller sohne"),
        ("Łódź Łomża S.A.", "lodz lomza"),
        ("Rossi S.p.A.", "rossi"),
        ("O'Neill's", "oneills"),
        ("O\u2019Neill\u2019s", "oneills"),
        ("Straße", "strasse"),
        ("Ørsted A/S", "orsted a s"),
        ("Ltd", "ltd"),
        ("株式会社 ケストレル", "株式会社 ケストレル"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_name_is_compared_without_what_people_write_differently(written: object, name: str) -> None:
    assert folded(written) == name


FIELDS = ClashFields("website", "customer", "country")


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (
            {"website": "kestrel.example", "customer": "Kestrel Ltd", "country": "gb"},
            ("d:kestrel.example", "n:kestrel|GB"),
        ),
        ({"website": "kestrel.example"}, ("d:kestrel.example",)),
        ({"customer": "Kestrel"}, ()),
        ({"customer": "Ke", "country": "GB"}, ()),
        ({"website": "kes", "customer": "", "country": "GB"}, ()),
        ({"website": "localhost"}, ()),
        ({}, ()),
    ],
)
def test_what_is_too_little_is_no_key(data: dict[str, object], keys: tuple[str, ...]) -> None:
    assert keys_of(FIELDS, data) == keys


def test_what_a_registration_is_stands_in_the_manifest(manifest: Manifest) -> None:
    found = {entity.name: clash_fields(entity) for entity in manifest.entities}
    assert {name for name, fields in found.items() if fields} == {"deal_registration"}
    deal = found["deal_registration"]
    assert deal is not None
    assert deal.named == ("customer", "website", "country")
    reader = effective(manifest, "read_only").entity("deal_registration")
    assert reader is not None
    assert clash_fields(reader) is None


@pytest.mark.parametrize(
    ("state", "counts"),
    [("draft", False), ("submitted", True), ("approved", True), ("rejected", False), ("unheard_of", False)],
)
def test_what_is_open_and_handed_in_counts(manifest: Manifest, state: str, counts: bool) -> None:
    deal = manifest.entity("deal_registration")
    assert deal is not None
    assert registered(deal, {"state": state}) is counts


def test_a_filter_forgets_nothing_and_is_seldom_wrong() -> None:
    keys = [f"d:customer-{number}.example" for number in range(20_000)]
    found = make_filter(SALT, keys, NOW)
    again = read_filter(found.model_dump(mode="json"))
    assert again is not None
    assert again.as_of == NOW
    assert all(map(again.may_hold, keys))
    wrong = sum(again.may_hold(f"d:nobody-{number}.example") for number in range(20_000))
    assert wrong / 20_000 < 0.004
    # 100,000 registrations of two keys each stay well below half a megabyte.
    assert len(again.bits) * 10 < 350_000


def test_the_same_registrations_make_the_same_filter_and_another_salt_another() -> None:
    keys = ["d:a.example", "d:b.example", "n:kestrel|GB"]
    assert make_filter(SALT, keys, NOW) == make_filter(SALT, keys[::-1], NOW)
    assert make_filter(SALT, keys, NOW).body != make_filter(bytes(16), keys, NOW).body
    empty = read_filter(make_filter(SALT, [], NOW))
    assert empty is not None
    assert not empty.may_hold("d:a.example")


@pytest.mark.parametrize(
    "kept",
    [
        None,
        [],
        {},
        {"salt": "zz", "hashes": 9, "body": "AAAA", "as_of": "2026-11-23T09:41:00Z"},
        {"salt": "00", "hashes": 0, "body": "AAAA", "as_of": "2026-11-23T09:41:00Z"},
        {"salt": "00", "hashes": 9, "body": "A A!", "as_of": "2026-11-23T09:41:00Z"},
        {"salt": "00", "hashes": 9, "body": "AAAA", "as_of": "yesterday"},
        {"format": 2, "salt": "00", "hashes": 9, "body": "AAAA", "as_of": "2026-11-23T09:41:00Z"},
    ],
)
def test_what_cannot_be_read_is_no_filter(kept: object) -> None:
    assert read_filter(kept) is None
