"""Back to the page that was asked for, once its reader has signed in.

Streamlit sends everybody to its first page. The browser names the page on the way to the
provider (`Referer`); a cookie keeps it until the way back.
"""

from urllib.parse import quote, unquote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOGIN, _CALLBACK = "/auth/login", "/oauth2callback"
_COOKIE = "kpi_return"
_KEPT_SECONDS = 3600  # for a second factor, or a password that has to be changed first


class ReturnPath:
    """Keeps the path and query of the page at the login, and leads there from the callback.

    `origin` is the dashboard's own. It stands before whatever the cookie says, so that no cookie
    leads to another site.
    """

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self._app = app
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_led(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                if scope["path"] == _LOGIN:
                    self._keep(Headers(scope=scope).get("referer", ""), headers)
                else:
                    self._lead(unquote(Request(scope).cookies.get(_COOKIE, "")), headers)
                message = {**message, "headers": headers.raw}
            await send(message)

        is_ours = scope["type"] == "http" and scope["path"] in (_LOGIN, _CALLBACK)
        await self._app(scope, receive, send_led if is_ours else send)

    def _keep(self, referer: str, headers: MutableHeaders) -> None:
        if referer.startswith(f"{self._origin}/"):
            path = quote(referer.removeprefix(self._origin), safe="")
            headers.append("Set-Cookie", _cookie(path, _KEPT_SECONDS))

    def _lead(self, path: str, headers: MutableHeaders) -> None:
        if path.startswith("/") and "location" in headers:
            headers["Location"] = RedirectResponse(f"{self._origin}{path}").headers["location"]
            headers.append("Set-Cookie", _cookie("", 0))


def _cookie(value: str, seconds: int) -> str:
    answer = Response()
    answer.set_cookie(_COOKIE, value, seconds, path=_CALLBACK, httponly=True, samesite="lax")
    return answer.headers["set-cookie"]
