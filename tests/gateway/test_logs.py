"""The log: whatever goes through it, nobody's secrets or addresses come out."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from pydantic import BaseModel, ValidationError
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.api.app import build_app
from gateway.callers import short
from gateway.logs import adopt_libraries, configure_logs, redact
from tests.gateway.serving import serving
from tests.gateway.world import World
from tests.patience import PATIENCE

pytestmark = pytest.mark.databases("sqlite")

TOKEN = "Xk3vQ9_zA-41bCdEfGhIjKlMnOpQrStUvWxYz012345"
PASSWORD = "correct-horse-hunter2"
EMAIL = "ada.admin+x@example.co.uk"
CANARIES = (TOKEN, PASSWORD, "hunter2", EMAIL, "ada.admin", "example.co.uk")


@pytest.fixture(params=[False, True], ids=["lines", "json"])
def begin_to_log(request: pytest.FixtureRequest) -> Iterator[Callable[[], None]]:
    """Sets the log up as a process has it, of libraries too: onto what is standard error by then."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level

    def begin() -> None:
        configure_logs("INFO", as_json=request.param)
        adopt_libraries("INFO", as_json=request.param)

    yield begin
    root.handlers = before
    root.setLevel(level)
    logging.captureWarnings(False)
    configure_logs("CRITICAL")  # and off what was standard error in this test


def clean(said: str) -> None:
    """Check that no canary is in what was said, and that something was."""
    assert said
    for canary in CANARIES:
        assert canary not in said, said


@pytest.mark.parametrize(
    "message",
    [
        f"bad token {TOKEN}",
        f"no account for {EMAIL} here",
        f"GET /oauth/callback?code={PASSWORD}&state=1",
        f'{{"password": "{PASSWORD}", "user": 1}}',
        f"{{'refresh_token': '{PASSWORD}'}}",
        f"password={PASSWORD}",
        f"client_secret: {PASSWORD}",
        f"Authorization: Bearer {PASSWORD}",
        "authorization basic " + PASSWORD,
        f"postgresql://gateway:{PASSWORD}@db.example:5432/gateway",
        f"Cookie: counterpart_console={PASSWORD}",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl of " + EMAIL,
        f"[SQL: UPDATE account SET email=?]\n[parameters: ('{EMAIL}', [1], '{PASSWORD}')]\n(Background on this)",
        f"1 validation error\nport\n  not a number [type=int, input_value='{PASSWORD}', input_type=str]",
    ],
)
def test_secrets_are_taken_out_of_texts(message: str) -> None:
    clean(json.dumps(redact(None, "info", {"event": message})))
    clean(json.dumps(redact(None, "info", {"event": "x", "error": {"said": [message]}})))


@pytest.mark.parametrize(
    "message",
    [
        "request",
        "/v1/receipts/01a20cc8-9650-7b54-a34a-42b24c6bed24",
        "0" * 64,
        "Uvicorn running on http://127.0.0.1:8470 (Press CTRL+C to quit)",
        "source system unavailable: HubSpot cannot be reached.",
    ],
)
def test_what_helps_stays(message: str) -> None:
    assert redact(None, "info", {"event": message}) == {"event": message}


def fail(secret: str) -> None:
    """Fail with a secret in a local variable, and the like in what is said."""
    assert secret
    raise ValueError(f"no account for {EMAIL} with password={secret}")


def fail_in_the_database(secret: str) -> None:
    with create_engine("sqlite://").connect() as connection:
        connection.execute(text("SELECT * FROM nothing WHERE email = :email"), {"email": secret + EMAIL})


class Form(BaseModel):
    """Something with a number."""

    number: int


def fail_in_validation(secret: str) -> None:
    Form.model_validate({"number": secret})


@pytest.mark.parametrize("how", [fail, fail_in_the_database, fail_in_validation])
def test_tracebacks_tell_where_and_not_what(
    begin_to_log: Callable[[], None], how: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    begin_to_log()
    try:
        how(PASSWORD)
    except (ValueError, SQLAlchemyError, ValidationError):
        structlog.get_logger().exception("ours", user=EMAIL, token=PASSWORD)
        logging.getLogger("a.library").exception("theirs, of %s", EMAIL)
    said = capsys.readouterr().err
    clean(said)
    assert said.count("Traceback") >= 2
    assert how.__name__ in said


def test_libraries_lines_look_like_ours(
    begin_to_log: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    begin_to_log()
    logging.getLogger("uvicorn.error").info("Uvicorn running on %s", "http://127.0.0.1:1")
    structlog.get_logger().info("ours")
    logging.getLogger("httpx").info("HTTP Request: GET https://crm.example/?q=Riverside")
    logging.getLogger("py.warnings").warning("x.py:1: UserWarning: no good %s", EMAIL)
    theirs, ours, warned = capsys.readouterr().err.splitlines()
    assert "Uvicorn running on http://127.0.0.1:1" in theirs
    if theirs.startswith("{"):
        assert json.loads(theirs).keys() == json.loads(ours).keys() == {"event", "level", "timestamp"}
    else:
        assert "[info     ]" in theirs
        assert "[info     ]" in ours
    clean(warned)


def test_a_log_level_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="There is no log level LOUD; use DEBUG"):
        configure_logs("LOUD")


def test_nothing_secret_of_a_whole_day_comes_out(
    begin_to_log: Callable[[], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sign-in with a wrong and a right password, tokens, refusals and a failure, over HTTP."""
    begin_to_log()
    world = World(folder=tmp_path)
    gateway = world.gateway
    with world.database.write() as connection:
        tokens = gateway.identity.sessions.first_tokens(connection, world.admin.id)

    def broken(*_: object) -> None:
        raise RuntimeError(f"{EMAIL} said {tokens.access} and password={PASSWORD}")

    with serving(build_app(gateway)) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        bearer = {"Authorization": f"Bearer {tokens.access}"}
        client.get("/v1/me", headers={**bearer, "X-Request-Id": "request-of-ours"})
        client.get("/v1/me", headers={"Authorization": f"Bearer {TOKEN}"})
        client.post("/oauth/authorize", data={"request": TOKEN, "email": EMAIL, "password": PASSWORD})
        form = {"client_id": "counterpart-desktop", "grant_type": "refresh_token"}
        client.post("/oauth/token", data={**form, "refresh_token": tokens.refresh})
        client.get("/v1/changes", params={"cursor": TOKEN}, headers=bearer)
        client.get(f"/oauth/authorize?code={TOKEN}&login_hint={EMAIL}")
        client.get(f"/oauth/invitation/{PASSWORD}")
        client.get("/v1/line%0Abreak%20[info]%20forged", headers=bearer)
        monkeypatch.setattr(gateway, "me", broken)
        assert client.get("/v1/me", headers=bearer).status_code == 500
    said = capsys.readouterr().err
    clean(said)
    for canary in (tokens.access, tokens.refresh, "laptop", world.admin.device, "127.0.0.1"):
        assert canary not in said.replace("http://127.0.0.1", ""), canary
    assert "RuntimeError" in said
    served = [line for line in said.splitlines() if "request-of-ours" in line]
    assert len(served) == 1
    assert world.admin.user in served[0]
    assert short(world.admin.device) in served[0]
    assert not any(line.startswith("break") for line in said.splitlines())
    gateway.close()
    assert threading.active_count() < 50
