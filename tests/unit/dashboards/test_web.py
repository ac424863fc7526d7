"""The doors before the app, asked as a client would ask them; no browser, no snapshot."""

import gzip
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit import file_util

import dashboards.web.health
from dashboards.i18n.negotiation import negotiate
from dashboards.web.headers import HEADERS
from dashboards.web.stack import middleware, routes
from pipelines.metrics import NoSnapshotError, Snapshot
from pipelines.metrics.sign_in import SignIn

STATIC = Path(file_util.get_static_dir())
PAGE = {"Accept": "text/html"}
SIGN_IN = SignIn(
    metadata_url="https://id.example.org/.well-known/openid-configuration",
    client_id="kpi",
    client_secret=SecretStr("s"),
    redirect_uri="https://kpi.example.org/oauth2callback",
    cookie_secret=SecretStr("c" * 32),
)
Ask = Callable[..., TestClient]


async def _page(request: Request) -> Response:
    """As a server of files answers: a browser that has the file gets none."""
    if {"if-none-match", "if-modified-since"} & set(request.headers):
        return Response(status_code=304)
    return FileResponse(STATIC / "index.html")


async def _cookie(_request: object) -> Response:
    answer = PlainTextResponse("")
    answer.set_cookie("_streamlit_user", "x")
    return answer


async def _redirect(request: Request) -> Response:
    """As Streamlit answers: from the login to the provider, from the callback to its first page."""
    is_login = request.url.path == "/auth/login"
    return RedirectResponse("https://id.example.org/authorize" if is_login else "/", 302)


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("open")
    await socket.close()


@pytest.fixture
def ask() -> Iterator[Ask]:
    """A client of the doors with a little app behind them."""

    def client(
        sign_in: SignIn | None = None, host: str = "127.0.0.1", client: str = "127.0.0.1"
    ) -> TestClient:
        app = Starlette(
            routes=[
                *routes(),
                Route("/cookie", _cookie),
                Route("/auth/login", _redirect),
                Route("/oauth2callback", _redirect),
                Route("/_stcore/{rest:path}", _cookie),
                WebSocketRoute("/_stcore/stream", _socket),
                Route("/{path:path}", _page),
            ],
            middleware=middleware(sign_in),
        )
        return TestClient(app, base_url=f"http://{host}", client=(client, 1))

    yield client


@pytest.mark.parametrize("path", ["/overview", "/healthz", "/_stcore/metrics", "/cookie"])
def test_security_headers_are_on_every_answer(ask: Ask, path: str) -> None:
    headers = ask().get(path).headers
    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    policy = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["frame-src"] == "'none'"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_https_alone_has_hsts_and_secure_cookies(ask: Ask) -> None:
    plain = ask().get("/cookie").headers
    assert "Strict-Transport-Security" not in plain
    assert "Secure" not in plain["set-cookie"]
    secure = ask(SIGN_IN, "kpi.example.org", "10.0.0.7").get("/cookie").headers
    assert secure["Strict-Transport-Security"] == "max-age=31536000"
    assert secure["set-cookie"].endswith("; Secure")


def test_a_page_has_no_inline_script(ask: Ask) -> None:
    """The policy would refuse it; a new version of Streamlit may bring one."""
    page = ask().get("/overview", headers=PAGE).text
    scripts = re.findall(r"<script[^>]*>", page)
    assert scripts
    assert [tag for tag in scripts if "src=" not in tag] == []


@pytest.mark.parametrize(
    ("query", "cookie", "accepted", "tag"),
    [
        ("?lang=en", "zh", "zh-CN", "en"),
        ("?lang=zh&p=ytd", "en", "en-GB", "zh-CN"),
        ("", "en", "zh-CN", "en"),
        ("", None, "en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("", None, "fr,zh-TW;q=0.4,en;q=0.3", "zh-CN"),
        ("", None, "fr", "zh-CN"),
        ("?lang=xx", "xx", "en;q=nonsense", "zh-CN"),
        ("?lang=%22%3E", "%22%3E", '"><script>', "zh-CN"),
    ],
)
def test_language_of_a_page(
    ask: Ask, query: str, cookie: str | None, accepted: str, tag: str
) -> None:
    cookies = {"Cookie": f"kpi_lang={cookie}"} if cookie else {}
    headers = {**PAGE, **cookies, "Accept-Language": accepted}
    answer = ask().get(f"/overview{query}", headers=headers)
    assert f'<html lang="{tag}">' in answer.text
    assert answer.headers["Content-Language"] == tag


def test_no_language_at_all_is_chinese() -> None:
    assert negotiate(None, None, None) == "zh"
    assert negotiate(None, None, "en;q=0") == "zh"


def test_a_page_in_another_language_is_never_not_modified(ask: Ask) -> None:
    client = ask()
    first = client.get("/overview?lang=zh", headers=PAGE)
    modified = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    headers = {**PAGE, "If-None-Match": "*", "If-Modified-Since": modified}
    second = client.get("/overview?lang=en", headers=headers)
    assert (first.status_code, second.status_code) == (200, 200)
    assert '<html lang="en">' in second.text
    assert "etag" not in second.headers


def test_pages_and_files_are_compressed_for_those_who_say_so(ask: Ask) -> None:
    script = next((STATIC / "static" / "js").glob("index.*.js"))
    for path, whole in ((f"/static/js/{script.name}", script.read_bytes()), ("/overview", None)):
        plain = ask().get(path, headers={**PAGE, "Accept-Encoding": "identity"})
        small = ask().get(path, headers={**PAGE, "Accept-Encoding": "gzip"})
        assert "content-encoding" not in plain.headers
        assert small.headers["content-encoding"] == "gzip"
        assert "Accept-Encoding" in small.headers["vary"]
        assert int(small.headers["content-length"]) < len(small.content) / 2
        if whole is not None:
            assert small.content == whole
            assert small.headers["cache-control"] == "public, immutable, max-age=31536000"


def test_first_load_is_small() -> None:
    """The bytes of the scripts that the page names; a chart brings 0.4 MB more."""
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    named = re.findall(r'(?:href|src)="\./(static/(?:js|css)/[^"]+)"', page)
    assert len(named) > 50
    assert sum(len(gzip.compress((STATIC / name).read_bytes(), 6)) for name in named) < 1_000_000


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/metrics",
        "/_stcore/metrics/",
        "/overview/_stcore/metrics",
        "/_stcore/agent/interact",
        "/_stcore/agent/mcp",
        "/_stcore/script-health-check",
    ],
)
def test_streamlits_own_doors_are_closed(ask: Ask, path: str) -> None:
    answer = ask().get(path)
    assert answer.status_code == 404
    assert answer.text == "Not Found"
    assert ask().get("/_stcore/health").status_code == 200


def test_without_sign_in_other_machines_are_refused(ask: Ask) -> None:
    assert ask(client="127.0.0.1").get("/overview").status_code == 200
    assert ask(client="::1").get("/overview").status_code == 200
    for other in ("10.0.0.7", "203.0.113.9", "::ffff:10.0.0.7", "unknown"):
        assert ask(client=other).get("/overview").status_code == 403
    with (
        pytest.raises(WebSocketDisconnect),
        ask(client="10.0.0.7").websocket_connect("ws://127.0.0.1/_stcore/stream"),
    ):
        pass
    assert ask(SIGN_IN, "kpi.example.org", "10.0.0.7").get("/overview").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "kpi.example.org", "127.0.0.1.evil.example"])
def test_other_host_names_are_refused(ask: Ask, host: str) -> None:
    """A name of theirs that leads to this machine (DNS rebinding) opens nothing."""
    assert ask(host=host).get("/overview").status_code == 400
    for own in ("localhost", "127.0.0.1:8501", "[::1]:8501"):
        assert ask(host=own).get("/overview").status_code == 200


@pytest.mark.parametrize(
    ("origin", "is_let_in"),
    [
        ("http://127.0.0.1", True),
        (None, True),
        ("http://localhost:3000", False),
        ("http://127.0.0.1:3000", False),
        ("https://evil.example", False),
        ("null", False),
    ],
)
def test_a_socket_opens_for_own_pages_only(ask: Ask, origin: str | None, is_let_in: bool) -> None:
    headers = {"Origin": origin} if origin else {}
    if is_let_in:
        with ask().websocket_connect("ws://127.0.0.1/_stcore/stream", headers=headers) as socket:
            assert socket.receive_text() == "open"
    else:
        with (
            pytest.raises(WebSocketDisconnect),
            ask().websocket_connect("ws://127.0.0.1/_stcore/stream", headers=headers),
        ):
            pass


def _signed_in(ask: Ask, referer: str) -> str:
    """Where somebody lands who signs in from a page."""
    client = ask(SIGN_IN, "kpi.example.org", "10.0.0.7")
    client.follow_redirects = False
    login = client.get("/auth/login", headers={"Referer": referer})
    assert login.headers["location"] == "https://id.example.org/authorize"
    kept = login.headers.get("set-cookie", "").partition(";")[0]
    return client.get("/oauth2callback", headers={"Cookie": kept}).headers["location"]


@pytest.mark.parametrize(
    "page",
    [
        "/",
        "/overview",
        "/kpi?lang=en&m=some_kpi&p=2026-08-01..2026-08-31&site=demo%3Amall,demo%3Ahall",
        "/record?id=ticket%3Ademo%3AT-1%20%E4%BD%A0%3B%0D%0A",
        "//evil.example/x",
    ],
)
def test_a_sign_in_ends_on_the_page_where_it_began(ask: Ask, page: str) -> None:
    own = "https://kpi.example.org"
    assert _signed_in(ask, f"{own}{page}") == f"{own}{page}"


@pytest.mark.parametrize(
    "referer",
    [
        "",
        "https://evil.example/overview",
        "https://kpi.example.org.evil.example/overview",
        "https://kpi.example.org@evil.example/overview",
        "http://kpi.example.org/overview",
        "/overview",
    ],
)
def test_a_sign_in_from_elsewhere_ends_on_the_first_page(ask: Ask, referer: str) -> None:
    assert _signed_in(ask, referer) == "/"


@pytest.mark.parametrize(
    ("cookie", "location"),
    [
        ("https%3A%2F%2Fevil.example", "/"),
        (".evil.example", "/"),
        ("%40evil.example", "/"),
        ("%2F%2Fevil.example", "https://kpi.example.org//evil.example"),
        ("%2F%5Cevil.example", "https://kpi.example.org/%5Cevil.example"),
        ("%2F%0D%0ASet-Cookie: a=b", "https://kpi.example.org/%0D%0ASet-Cookie:%20a=b"),
    ],
)
def test_no_cookie_leads_to_another_site(ask: Ask, cookie: str, location: str) -> None:
    client = ask(SIGN_IN, "kpi.example.org", "10.0.0.7")
    client.follow_redirects = False
    answer = client.get("/oauth2callback", headers={"Cookie": f"kpi_return={cookie}"})
    assert answer.headers["location"] == location


def test_the_page_is_kept_for_one_sign_in(ask: Ask) -> None:
    client = ask(SIGN_IN, "kpi.example.org", "10.0.0.7")
    client.follow_redirects = False
    login = client.get("/auth/login", headers={"Referer": "https://kpi.example.org/calls"})
    kept = login.headers["set-cookie"]
    assert all(f"; {flag}" in kept for flag in ("HttpOnly", "Path=/oauth2callback", "Secure"))
    back = client.get("/oauth2callback", headers={"Cookie": kept.partition(";")[0]})
    assert "Max-Age=0" in back.headers["set-cookie"]


def test_health_tells_the_snapshot_and_no_more(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2026, 9, 30, 16, tzinfo=UTC)
    snapshot = Snapshot("s-1", 7, "run-1", at, at, Path("secret/place"))

    class Store:
        def __init__(self) -> None:
            self.snapshot = snapshot

    monkeypatch.setattr(dashboards.web.health, "open_store", Store)
    answer = ask().get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "snapshot": "s-1",
        "number": 7,
        "as_of": "2026-09-30T16:00:00+00:00",
    }


def test_health_before_the_first_snapshot_is_503(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing() -> None:
        raise NoSnapshotError("nothing has been published yet.")

    monkeypatch.setattr(dashboards.web.health, "open_store", nothing)
    answer = ask().get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "nothing is published"}
