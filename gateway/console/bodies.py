"""How much may be sent to the console: little by who has not signed in, a document by who has."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.console.auth import SESSION_KEY

#: Bytes of a form with a name and a password.
STRANGERS_MOST = 64 * 1024

#: Bytes of a form with a file: the largest a partner may bring, and what is around it.
STAFFS_MOST = 52 * 1024 * 1024


class Bodies:
    """Refuses bodies that are too large, announced or not. Stands inside the session and before all that reads forms.

    What checks a form's token reads the whole of it first, whoever sent it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = STAFFS_MOST if scope["session"].get(SESSION_KEY) else STRANGERS_MOST
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if len(announced) > 18 or (announced.isdigit() and int(announced) > most):
            await _too_large(scope, receive, send)
            return
        taken, began, over = 0, False, False

        async def counted() -> Message:
            nonlocal taken, over
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                over = True
                raise HTTPException(413, _WORDS)
            return message

        async def noted(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except Exception:
            if not over or began:
                raise
            await _too_large(scope, receive, send)


_WORDS = "This is too large."
_too_large = PlainTextResponse(_WORDS, status_code=413, headers={"Connection": "close"})
