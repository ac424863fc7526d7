"""Who may connect at all: closed paths, other sites' scripts, other machines without sign-in."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pipelines.metrics.sign_in import is_local

# Streamlit's own doors that ask nobody who they are: its metrics name functions and sessions,
# and its interface for programs drives the app.
_CLOSED = re.compile(r"/_stcore/(metrics|agent|script-health-check)(/|$)")


class Doors:
    """Refuses a request before anything else sees it.

    `origins` are the addresses whose pages may open a socket besides the server's own;
    `is_local_only` shuts out whoever does not come from this machine, whatever address the
    server was bound to.
    """

    def __init__(self, app: ASGIApp, origins: Iterable[str], is_local_only: bool) -> None:
        self._app = app
        self._origins = frozenset(origins)
        self._is_local_only = is_local_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or (refusal := self._refusal(scope)) is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            status, text = refusal
            await PlainTextResponse(text, status)(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        client = scope.get("client")
        if self._is_local_only and not (client and is_local(client[0])):
            return 403, "This dashboard answers its own machine only; others need sign-in."
        if _CLOSED.search(scope["path"]):
            return 404, "Not Found"
        if scope["type"] == "websocket" and not self._is_own_page(Headers(scope=scope)):
            return 403, "A page of another site may not connect."
        return None

    def _is_own_page(self, headers: Headers) -> bool:
        """Streamlit itself would let pages of any port of this machine in, and ask a host of
        the internet for its own address to find out."""
        origin = headers.get("origin")
        if origin is None:
            return True
        return urlsplit(origin).netloc == headers.get("host") or origin in self._origins
