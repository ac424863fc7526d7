"""The page in the reader's language before the app runs: `<html lang>`, Streamlit's own texts.

Streamlit has no translations of the texts it brings along ("Select all", "Running…"). A script
of ours, served here, replaces them in the browser: `built_in.js` with a dictionary from the
catalogues. Texts of pages are not here: those come from `dashboards.i18n` in Python.
"""

import gzip
import json
import re
from functools import cache
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import file_util

from dashboards.i18n import LANGUAGES, Language, catalogue
from dashboards.i18n.negotiation import COOKIE, negotiate

TAGS: dict[Language, str] = {"zh": "zh-CN", "en": "en"}
_SCRIPT_PATH = "/built-in/{digest}.js"
_PREFIX = "builtin."
# The only inline script of the page; Streamlit sets it for crawlers that draw pages.
_INLINE_SCRIPT = re.compile(r"<script>\s*window\.prerenderReady = false\s*</script>")


@cache
def built_in_texts() -> dict[str, str]:
    """Streamlit's own texts and what they are in Chinese; `{name}` stands for any words."""
    english, chinese = catalogue("en"), catalogue("zh")
    names = [key.removeprefix(_PREFIX) for key in english if key.startswith(_PREFIX)]
    return {english[f"builtin.{name}"]: chinese[f"builtin.{name}"] for name in names}


@cache
def script() -> bytes:
    """The script that translates Streamlit's own texts."""
    values = {"dictionary": built_in_texts(), "tags": TAGS, "cookie": COOKIE}
    source = Path(__file__).with_name("built_in.js").read_text(encoding="utf-8")
    return source.replace("__VALUES__", json.dumps(values, ensure_ascii=False)).encode()


@cache
def _script_path() -> str:
    return _SCRIPT_PATH.format(digest=sha256(script()).hexdigest()[:16])


@cache
def _page(language: Language) -> bytes:
    """Streamlit's page in a language, with our script in place of its inline one."""
    page = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    page = page.replace('<html lang="en">', f'<html lang="{TAGS[language]}">')
    page = _INLINE_SCRIPT.sub(f'<script src=".{_script_path()}"></script>', page)
    title = catalogue(language)["app.title"]
    return page.replace("<title>Streamlit</title>", f"<title>{title}</title>").encode()


@cache
def _compressed_page(language: Language) -> bytes:
    return gzip.compress(_page(language))


def script_route() -> Route:
    """Serves the script; its address changes with its content."""

    async def serve(_request: Request) -> Response:
        return Response(
            script(),
            media_type="text/javascript",
            headers={"Cache-Control": "public, immutable, max-age=31536000"},
        )

    return Route(_script_path(), serve)


def language_of(scope: Scope) -> Language:
    """The language of a request."""
    headers = Headers(scope=scope)
    parameters = parse_qs(scope["query_string"].decode("latin-1"))
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        cookie = None
    return negotiate(
        parameters.get("lang", [None])[0],
        cookie.value if cookie else None,
        headers.get("accept-language"),
    )


class PageLanguage:
    """Answers every page with the one in the reader's language, compressed where it may be."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        for language in LANGUAGES:
            _compressed_page(language)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # The file behind the page never changes, what we answer does: no "not modified".
        conditions = (b"if-none-match", b"if-modified-since", b"range")
        headers = [entry for entry in scope["headers"] if entry[0] not in conditions]
        is_page = False

        async def send_page(message: Message) -> None:
            nonlocal is_page
            if message["type"] == "http.response.start" and _is_page(message):
                is_page = True
                await send(_start(message, scope))
                body = b"" if scope["method"] == "HEAD" else _body(scope)
                await send({"type": "http.response.body", "body": body})
            elif not is_page:
                await send(message)

        may_be_page = "text/html" in Headers(scope=scope).get("accept", "")
        inner = {**scope, "headers": headers} if may_be_page else scope
        await self._app(inner, receive, send_page)


def _is_page(message: Message) -> bool:
    kind = Headers(raw=message["headers"]).get("content-type", "")
    return message["status"] == 200 and kind.startswith("text/html")


def _is_compressed(scope: Scope) -> bool:
    return "gzip" in Headers(scope=scope).get("accept-encoding", "")


def _body(scope: Scope) -> bytes:
    language = language_of(scope)
    return _compressed_page(language) if _is_compressed(scope) else _page(language)


def _start(message: Message, scope: Scope) -> Message:
    headers = MutableHeaders(raw=list(message["headers"]))
    for name in ("etag", "last-modified", "accept-ranges", "content-encoding"):
        if name in headers:
            del headers[name]
    headers["Content-Length"] = str(len(_body(scope)))
    headers["Content-Language"] = TAGS[language_of(scope)]
    headers["Cache-Control"] = "no-cache"
    headers["Vary"] = "Accept-Encoding, Accept-Language, Cookie"
    if _is_compressed(scope):
        headers["Content-Encoding"] = "gzip"
    return {**message, "headers": headers.raw}
