"""Error answers: every one is a problem document (RFC 9457), whoever raised it."""

from __future__ import annotations

import http
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as OutOfTime
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from app.contract.changes import ProblemDocument
from gateway.database import is_unavailable
from gateway.problems import Problem, too_busy

_CODES = {
    400: "invalid",
    401: "sign_in",
    403: "not_allowed",
    404: "not_found",
    405: "method",
    413: "too_large",
}

#: Seconds after which a caller may try again when the database did not answer.
_DATABASE_AGAIN = 2.0


def problem_answer(problem: Problem) -> Response:
    """Return the answer that tells a problem."""
    document = ProblemDocument(
        title=http.HTTPStatus(problem.status).phrase,
        status=problem.status,
        detail=problem.detail,
        code=problem.code,
        fields=problem.fields,
        retry_after=problem.retry_after,
    )
    headers: dict[str, str] = {}
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if problem.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(problem.retry_after)))
    if problem.code == "offset":
        headers["Upload-Offset"] = problem.fields.get("offset", "")
    return Response(
        document.model_dump_json(),
        status_code=problem.status,
        media_type="application/problem+json",
        headers=headers,
    )


def answer_problems(app: FastAPI) -> None:
    """Turn everything that can go wrong into a problem document."""

    def known(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return problem_answer(error)

    def framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = _CODES.get(error.status_code, "invalid")
        answer = problem_answer(Problem(error.status_code, code, str(error.detail)))
        for name, value in (error.headers or {}).items():
            answer.headers.setdefault(name, value)
        if error.status_code == 405:
            answer.headers["Allow"] = _allowed(app, request.scope["path"]) or answer.headers.get("Allow", "")
        return answer

    def invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_answer(
            Problem(422, "invalid", "The request is not as it should be.", fields=_fields(error.errors()))
        )

    def unavailable(_request: Request, error: Exception) -> Response:
        if not is_unavailable(error):
            raise error
        return problem_answer(too_busy("The gateway's database does not answer right now.", _DATABASE_AGAIN))

    app.add_exception_handler(Problem, known)
    for kind in (DBAPIError, OutOfTime):
        app.add_exception_handler(kind, unavailable)
    app.add_exception_handler(HTTPException, framework)
    app.add_exception_handler(RequestValidationError, invalid)


def _allowed(app: FastAPI, path: str) -> str:
    """All methods of a path. Each is a route of its own, and the framework names those of the first."""
    described = app.openapi()["paths"].items()
    fitting = (methods for template, methods in described if compile_path(template)[0].match(path))
    return ", ".join(sorted({method.upper() for methods in fitting for method in methods}))


def _fields(errors: Any) -> dict[str, str]:
    """Where and what, without the value that was sent: it may be a secret."""
    return {".".join(str(part) for part in item["loc"]): str(item["msg"]) for item in errors}
