"""20. Each device and each partner may ask so much: then 429 with `Retry-After`, and the client asks nothing until
then.

More: `tests/gateway/test_rates.py`, `tests/e2e/test_limits.py`, `tests/sync/test_pauses.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.contract.errors import Busy
from app.sync.http_transport import HttpTransport
from app.sync.wire import Wire, system_client
from gateway.rates import Rate, Rates
from gateway.settings import Settings
from tests.e2e.together import Person, Vendor, vendor_at
from tests.gateway.world import FixedClock

NONE = Rate(0, 0)


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendor]:
    """A gateway that allows a device five requests at once, and a partner six."""
    rates = Rates(requests=Rate(6, 5), mutations=NONE, bytes=NONE, partner=1.2, unknown=Rate(60, 40))
    with vendor_at(tmp_path_factory.mktemp("strict"), rates=rates) as made:
        yield made


def token(vendor: Vendor, person: Person, device: str) -> str:
    session = vendor.gateway.identity.session_for(person.user, device)
    with vendor.gateway.ground.database.write() as connection:
        return vendor.gateway.identity.sessions.first_tokens(connection, session.id).access


def asked(vendor: Vendor, access: str) -> httpx.Response:
    return httpx.get(f"{vendor.url}/v1/me", headers={"Authorization": f"Bearer {access}"}, trust_env=False)


class Known:
    """A token that outlasts the test."""

    def __init__(self, access: str) -> None:
        self._access = access

    def access(self) -> str:
        return self._access

    def renew(self, refused: str) -> str:
        raise AssertionError(refused)


def test_a_device_a_partner_and_the_pause_the_client_keeps(strict: Vendor) -> None:
    """In one, for they share what the partner may ask."""
    person = strict.person("rep")
    one, two = token(strict, person, "one"), token(strict, person, "two")
    answers = [asked(strict, one) for _ in range(7)]
    assert [answer.status_code for answer in answers[:5]] == [200] * 5
    refused = answers[-1]
    assert refused.status_code == 429
    seconds = int(refused.headers["retry-after"])
    assert seconds > 0
    problem = refused.json()
    assert (problem["status"], problem["retry_after"] > 0) == (429, True)
    # The other device of the same partner has what is left of the partner's.
    statuses = [asked(strict, two).status_code for _ in range(3)]
    assert statuses[-1] == 429
    assert 200 in statuses

    sent: list[str] = []
    client = system_client(strict.url)
    client.event_hooks["request"].append(lambda request: sent.append(request.url.path))
    wire = Wire(client, FixedClock())
    transport = HttpTransport(wire, Known(one))
    with pytest.raises(Busy) as busy:
        transport.me()
    assert busy.value.retry_after
    assert sent == ["/v1/me"]
    for _ in range(3):
        with pytest.raises(Busy, match="asked for a pause"):
            transport.me()
    assert sent == ["/v1/me"], "nothing was sent meanwhile"
    transport.close()


def test_guesses_of_strangers_are_counted_by_their_network(strict: Vendor) -> None:
    statuses = {asked(strict, f"forged-{n}").status_code for n in range(60)}
    assert statuses == {401, 429}


def test_the_default_is_a_limit(tmp_path: Path) -> None:
    """Who sets nothing has limits all the same."""
    settings = Settings(folder=tmp_path)
    rates = settings.rates()
    assert all(rate.a_minute > 0 for rate in (rates.requests, rates.mutations, rates.bytes, rates.unknown))
