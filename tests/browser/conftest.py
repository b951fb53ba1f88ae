"""One browser, one gateway with the sample programme and its worker, served for real, for all tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.logs import configure_logs
from gateway.sample.build import build_sample
from gateway.service import Service
from gateway.settings import Settings
from tests.browser.chromium import Browser, chromium
from tests.browser.programme import Programme
from tests.gateway.quick_passwords import quick_passwords
from tests.gateway.serving import serving


@pytest.fixture(scope="package")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programme]:
    """The sample programme, served."""
    configure_logs("CRITICAL")
    folder = tmp_path_factory.mktemp("gateway")
    with quick_passwords():
        # A brake that stops at four records, so that a held sweep needs no thousands of them.
        service = Service.open(Settings(folder=folder, ingest_seconds=0.2, brake_floor=3, brake_share=0.02))
        accounts = build_sample(service.crm, service.gateway.identity, service.crm.now().date(), 1)
        service.gateway.backfill()
        with serving(service.app()) as url:
            programme = Programme(service, accounts, url)
            yield programme
            programme.close()
        service.close()


@pytest.fixture(scope="package")
def window(programme: Programme, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The browser's one window."""
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield Browser(driver, programme.url)


@pytest.fixture
def browser(window: Browser) -> Iterator[Browser]:
    """The window; when the test is over its pages must have logged nothing and fetched nothing from elsewhere."""
    window.faults()
    yield window
    assert window.faults() == []
