"""Sign-in against a real provider on this machine, in a real browser."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from dashboards.i18n import Texts
from pipelines.metrics.access_log import read_access
from pipelines.settings import Settings
from tests.e2e.browser import MARKS, Watched
from tests.e2e.conftest import Watch
from tests.e2e.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, providing
from tests.e2e.serving import free_port, serving

pytestmark = [*MARKS, pytest.mark.xdist_group("sign_in")]
ZH, EN = Texts("zh"), Texts("en")
COOKIE = "_streamlit_user"
COOKIE_SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105
ACCESS = """
readers:
  - group: mall-managers
    role: manager
    scope: {site: ["demo:mall"]}
"""
MANAGER = {"sub": "1", "email": "manager@example.org", "groups": ["staff", "mall-managers"]}
NOBODY = {"sub": "2", "email": "nobody@example.org", "groups": ["staff"]}


@pytest.fixture(scope="module")
def home(published_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published home with readers of its own."""
    folder = tmp_path_factory.mktemp("signed_in")
    for entry in published_home.iterdir():
        (folder / entry.name).symlink_to(entry)
    (folder / "access.yaml").write_text(ACCESS, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing(f"http://127.0.0.1:{free_port()}/oauth2callback") as running:
        yield running


@contextmanager
def serving_readers(home: Path, provider: Provider, **environment: str) -> Iterator[str]:
    """A dashboard whose readers sign in at the provider."""
    with serving(
        "dashboards/server.py",
        home,
        urlsplit(provider.redirect_uri).port,
        KPI_AUTH_METADATA_URL=provider.metadata_url,
        KPI_AUTH_CLIENT_ID=CLIENT_ID,
        KPI_AUTH_CLIENT_SECRET=CLIENT_SECRET,
        KPI_AUTH_REDIRECT_URI=provider.redirect_uri,
        KPI_AUTH_COOKIE_SECRET=COOKIE_SECRET,
        **environment,
    ) as running:
        yield running


@pytest.fixture(scope="module")
def address(home: Path, provider: Provider) -> Iterator[str]:
    with serving_readers(home, provider) as running:
        yield running


@pytest.fixture
def visitor(watch: Watch, address: str, provider: Provider) -> Watched:
    """A browser of somebody who has not signed in."""
    opened = watch(address=address)
    opened.allowed_origins = (address, provider.issuer)
    return opened


def sign_in(visitor: Watched, user: Mapping[str, object], provider: Provider) -> None:
    provider.user = user
    with visitor.page.expect_response("**/oauth2callback**"):
        visitor.page.get_by_role("button", name=ZH("sign_in.button")).click()
    visitor.page.get_by_role("button", name=ZH("sign_in.end")).wait_for()
    visitor.settle()


def sign_out(visitor: Watched) -> None:
    with visitor.page.expect_response("**/auth/logout"):
        visitor.page.get_by_role("button", name=ZH("sign_in.end")).click()
    visitor.page.wait_for_load_state("networkidle")
    visitor.settle()


def has_sign_in_page(visitor: Watched) -> bool:
    """Whether there is the button and nothing else, not even a sidebar without content."""
    buttons = visitor.page.get_by_role("button").all_inner_texts()
    is_alone = [text for text in buttons if text] in (
        [ZH("sign_in.button")],
        [EN("sign_in.button")],
    )
    return is_alone and not has_sidebar(visitor)


def has_sidebar(visitor: Watched) -> bool:
    return visitor.page.get_by_test_id("stSidebar").is_visible()


def cookie(secret: str, issued_at: float, origin: str) -> str:
    """The cookie Streamlit would set, signed with `secret`."""
    claims = {**MANAGER, "iat": int(issued_at), "origin": origin, "is_logged_in": True}
    return create_signed_value(secret, COOKIE, json.dumps(claims)).decode()


@pytest.mark.parametrize("path", ["overview", "tickets?lang=en", "data", "dictionary", "nowhere"])
def test_anonymous_sees_sign_in_and_nothing_else(visitor: Watched, path: str) -> None:
    visitor.open(path)
    assert has_sign_in_page(visitor)
    assert (
        visitor.page.locator('[data-testid="stMetric"], [data-testid="stSidebar"] a').count() == 0
    )


def test_a_manager_comes_in_and_goes_out(visitor: Watched, provider: Provider) -> None:
    visitor.open("overview")
    sign_in(visitor, MANAGER, provider)
    page = visitor.page
    assert page.get_by_role("heading", name=ZH("page.overview")).count() >= 1
    assert page.locator('[data-testid="stMetric"]').count() > 0
    assert has_sidebar(visitor)
    assert page.get_by_text(str(MANAGER["email"])).count() == 1
    assert visitor.faults == []
    visitor.open("tickets?lang=zh")
    assert page.locator('[data-testid="stMetric"]').count() > 0, "the sign-in holds"
    sign_out(visitor)
    assert has_sign_in_page(visitor)
    assert [c["name"] for c in page.context.cookies() if c["name"].startswith(COOKIE)] == []
    visitor.open("tickets?lang=zh")
    assert has_sign_in_page(visitor)


def test_a_sign_in_leads_to_the_page_that_was_asked_for(
    visitor: Watched, provider: Provider
) -> None:
    asked = "lang=zh&p=last_4w&site=demo:mall"
    visitor.open(f"tickets?{asked}")
    sign_in(visitor, MANAGER, provider)
    landed = urlsplit(visitor.page.url)
    assert (landed.path, parse_qs(landed.query)) == ("/tickets", parse_qs(asked))
    assert visitor.page.get_by_role("heading", name=ZH("page.tickets")).count() >= 1
    assert visitor.faults == []


def test_a_user_whom_nobody_let_in_is_refused_and_noted(
    visitor: Watched, provider: Provider, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.open("overview")
    sign_in(visitor, NOBODY, provider)
    page = visitor.page
    assert page.get_by_role("heading", name=ZH("no_access.title")).count() == 1
    assert page.locator('[data-testid="stMetric"], [data-testid="stSidebar"] a').count() == 0
    monkeypatch.setenv("KPI_HOME", str(home))
    noted = read_access(Settings()).filter(pl.col("reader") == NOBODY["email"])
    assert set(noted["action"]) == {"refused"}
    sign_out(visitor)
    assert has_sign_in_page(visitor)


@pytest.mark.parametrize(
    ("secret", "age_hours", "comes_in"),
    [
        (COOKIE_SECRET, 0.4, True),
        (COOKIE_SECRET, 0.6, False),
        (COOKIE_SECRET, 13, False),
        ("f" * 32, 0.4, False),
    ],
    ids=["good", "idle", "expired", "forged"],
)
def test_cookie(
    visitor: Watched, address: str, secret: str, age_hours: float, comes_in: bool
) -> None:
    value = cookie(secret, time.time() - age_hours * 3600, address)
    visitor.page.context.add_cookies([{"name": COOKIE, "value": value, "url": address}])
    visitor.open("overview")
    assert has_sign_in_page(visitor) is not comes_in
    assert (visitor.page.locator('[data-testid="stMetric"]').count() > 0) is comes_in


def test_an_entry_taken_away_ends_access(visitor: Watched, address: str, home: Path) -> None:
    value = cookie(COOKIE_SECRET, time.time(), address)
    visitor.page.context.add_cookies([{"name": COOKIE, "value": value, "url": address}])
    visitor.open("overview?lang=zh")
    assert visitor.page.locator('[data-testid="stMetric"]').count() > 0
    access = home / "access.yaml"
    try:
        access.write_text(ACCESS.replace("mall-managers", "others"), encoding="utf-8")
        visitor.page.get_by_role("button", name=ZH("language.other")).click()
        visitor.page.get_by_role("heading", name=EN("no_access.title")).wait_for()
        visitor.settle()
        assert not has_sidebar(visitor)
    finally:
        access.write_text(ACCESS, encoding="utf-8")


def test_a_screen_nobody_is_at_shows_the_sign_in_page(
    watch: Watch, home: Path, provider: Provider
) -> None:
    """By itself; and the cookie, which is still there, opens nothing any more."""
    redirect_uri = f"http://127.0.0.1:{free_port()}/oauth2callback"
    elsewhere = replace(provider, redirect_uri=redirect_uri)
    with serving_readers(home, elsewhere, KPI_AUTH_IDLE_MINUTES="0.3") as address:
        visitor = watch(address=address)
        value = cookie(COOKIE_SECRET, time.time(), address)
        visitor.page.context.add_cookies([{"name": COOKIE, "value": value, "url": address}])
        visitor.open("overview?lang=zh")
        assert visitor.page.locator('[data-testid="stMetric"]').count() > 0
        button = visitor.page.get_by_role("button", name=ZH("sign_in.button"), exact=True)
        button.wait_for(timeout=60_000)
        visitor.settle()
        assert has_sign_in_page(visitor)
        visitor.open("tickets?lang=zh")
        assert has_sign_in_page(visitor)
