"""Sign-in: its settings, where it is compulsory, who a user is, and the documented example."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

import dashboards.session
from dashboards.i18n import Texts
from pipelines.cli import app
from pipelines.errors import AccessError, SignInError
from pipelines.metrics.access import reader_of, roles
from pipelines.metrics.sign_in import (
    Uses,
    check_address,
    groups_of,
    is_fresh,
    is_local,
    sign_in_of,
    user_of,
)
from pipelines.settings import PROJECT_DIR, Settings
from tests.unit.dashboards.fake_store import FakeStore, OpenPage

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
WHOLE = {
    "KPI_AUTH_METADATA_URL": "https://id.example.org/.well-known/openid-configuration",
    "KPI_AUTH_CLIENT_ID": "kpi",
    "KPI_AUTH_CLIENT_SECRET": "s",
    "KPI_AUTH_REDIRECT_URI": "https://kpi.example.org/oauth2callback",
    "KPI_AUTH_COOKIE_SECRET": "c" * 32,
}
DOCUMENT = (PROJECT_DIR / "docs" / "access.md").read_text(encoding="utf-8")


def configure(monkeypatch: pytest.MonkeyPatch, **changes: str) -> Settings:
    for name, value in {**WHOLE, **changes}.items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_no_variable_is_no_sign_in() -> None:
    assert sign_in_of(Settings()) is None


def test_all_variables_are_a_sign_in_and_secrets_are_not_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = configure(monkeypatch, KPI_AUTH_CLIENT_SECRET="do-not-print")  # noqa: S106
    sign_in = sign_in_of(settings)
    assert sign_in is not None
    assert (sign_in.origin, sign_in.host) == ("https://kpi.example.org", "kpi.example.org")
    assert "do-not-print" not in repr(sign_in) + repr(settings)


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(SignInError, match=name):
        sign_in_of(configure(monkeypatch, **{name: ""}))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("KPI_AUTH_REDIRECT_URI", "https://kpi.example.org/", "/oauth2callback"),
        ("KPI_AUTH_REDIRECT_URI", "http://kpi.example.org/oauth2callback", "https://"),
        ("KPI_AUTH_COOKIE_SECRET", "c" * 31, "openssl rand"),
    ],
)
def test_a_weak_sign_in_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    with pytest.raises(SignInError, match=told):
        sign_in_of(configure(monkeypatch, **{name: value}))


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.0.1", "localhost", "::1"])
def test_local_addresses(address: str) -> None:
    assert is_local(address)
    check_address(Settings(), address)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.7", "kpi.example.org", "", None])  # noqa: S104
def test_other_addresses_need_sign_in(monkeypatch: pytest.MonkeyPatch, address: str | None) -> None:
    assert not is_local(address)
    with pytest.raises(SignInError, match="needs sign-in"):
        check_address(Settings(), address)
    check_address(configure(monkeypatch), address)


def test_kpi_dashboard_refuses_other_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr("os.execv", lambda program, arguments: started.extend(arguments))
    monkeypatch.setattr("os.chdir", lambda folder: None)
    refused = CliRunner().invoke(app, ["dashboard", "--address", "0.0.0.0"])  # noqa: S104
    assert isinstance(refused.exception, SignInError)
    assert started == []
    configure(monkeypatch)
    CliRunner().invoke(app, ["dashboard", "--address", "0.0.0.0"])  # noqa: S104
    assert started[started.index("--server.address") + 1] == "0.0.0.0"  # noqa: S104


def test_a_server_without_sign_in_that_others_reach_shows_nothing(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamlit.config.get_option", lambda name: None)
    with pytest.raises(SignInError):
        dashboards.session.current_reader()


def signed_in(monkeypatch: pytest.MonkeyPatch, claims: dict[str, object]) -> None:
    monkeypatch.setattr("streamlit.user_info.UserInfoProxy.to_dict", lambda self: claims)


def test_nobody_signed_in_gets_the_sign_in_page_in_their_language(
    open_page: OpenPage, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch)
    issued = datetime.now(UTC).timestamp()
    signed_in(monkeypatch, {"is_logged_in": False, "email": "boss@example.org", "iat": issued})
    for language in ("zh", "en"):
        page = open_page("overview", lang=language)
        texts = Texts("zh" if language == "zh" else "en")
        assert [button.label for button in page.button] == [texts("sign_in.button")]
        assert store.requests == []


def test_a_reader_with_an_entry_sees_figures_and_a_way_out(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = _open_as(open_page, monkeypatch, tmp_path, "boss@example.org")
    assert page.metric
    assert Texts("zh")("sign_in.end") in [button.label for button in page.button]


def test_a_reader_without_an_entry_sees_none(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store: FakeStore
) -> None:
    page = _open_as(open_page, monkeypatch, tmp_path, "other@example.org")
    assert page.title[0].value == Texts("zh")("no_access.title")
    assert not page.metric
    assert store.requests == []
    noted = "".join(path.read_text("utf-8") for path in (tmp_path / "access").iterdir())
    assert "other@example.org" in noted
    assert '"refused"' in noted


def _open_as(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, home: Path, email: str
) -> AppTest:
    configure(monkeypatch, KPI_HOME=str(home))
    (home / "access.yaml").write_text(
        "readers: [{user: boss@example.org, role: admin, scope: everything}]", encoding="utf-8"
    )
    issued = datetime.now(UTC).timestamp()
    claims: dict[str, object] = {"is_logged_in": True, "email": email, "sub": "1", "iat": issued}
    signed_in(monkeypatch, claims)
    return open_page("overview")


@pytest.mark.parametrize(
    ("hours", "fresh"), [(0, True), (11.9, True), (12, False), (400, False), (None, False)]
)
def test_a_sign_in_is_good_for_half_a_day(hours: float | None, fresh: bool) -> None:
    issued = None if hours is None else (NOW - timedelta(hours=hours)).timestamp()
    assert is_fresh(Settings(), {"iat": issued}, NOW) is fresh


@pytest.mark.parametrize(("minutes", "idle"), [(0, False), (29.9, False), (30, True), (None, True)])
def test_a_sign_in_never_used_is_idle_half_an_hour_after_its_token(
    minutes: float | None, idle: bool
) -> None:
    """As after a restart of the dashboard: it knows no uses."""
    assert Uses().is_idle(Settings(), claims_of("1", minutes), NOW) is idle


def test_every_use_prolongs_a_sign_in_and_only_that() -> None:
    uses, settings = Uses(), Settings()
    mine, others = claims_of("1", 25), claims_of("2", 25)
    uses.note(settings, mine, NOW)
    for minutes, idle in ((29, False), (30, True)):
        assert uses.is_idle(settings, mine, NOW + timedelta(minutes=minutes)) is idle
    assert uses.is_idle(settings, others, NOW + timedelta(minutes=5))
    elsewhere = claims_of("1", 20)
    assert uses.is_idle(settings, elsewhere, NOW + timedelta(minutes=10)), "another browser"


def test_what_has_ended_does_not_come_back_when_it_is_forgotten() -> None:
    uses, settings = Uses(), Settings()
    uses.note(settings, claims_of("1", 0), NOW)
    later = NOW + timedelta(minutes=31)
    uses.note(settings, claims_of("2", 0), later)
    assert uses.is_idle(settings, claims_of("1", 0), later)
    assert len(uses._used_at) == 1


def claims_of(sub: str, age_minutes: float | None) -> dict[str, object]:
    age = None if age_minutes is None else timedelta(minutes=age_minutes)
    return {"sub": sub, "iat": None if age is None else (NOW - age).timestamp()}


def test_an_idle_reader_sees_the_sign_in_page(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = _open_as(open_page, monkeypatch, tmp_path, "boss@example.org")
    assert page.run().metric, "in use"
    monkeypatch.setenv("KPI_AUTH_IDLE_MINUTES", "0")
    page.run()
    assert not page.metric
    assert [button.label for button in page.button] == [Texts("zh")("sign_in.button")]


@pytest.mark.parametrize(
    ("claims", "user"),
    [
        ({"sub": "1", "email": "a@example.org"}, "a@example.org"),
        ({"sub": "1", "email": "a@example.org", "email_verified": True}, "a@example.org"),
        ({"sub": "1", "email": "a@example.org", "email_verified": False}, "1"),
        ({"sub": "1"}, "1"),
    ],
)
def test_who_a_user_is(claims: dict[str, object], user: str) -> None:
    assert user_of(claims) == user


def test_groups_are_read_from_the_claim_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert groups_of(Settings(), {"groups": ["a", "b"]}) == ("a", "b")
    assert groups_of(Settings(), {"groups": "a"}) == ("a",)
    assert groups_of(Settings(), {"groups": None}) == groups_of(Settings(), {}) == ()
    monkeypatch.setenv("KPI_GROUPS_CLAIM", "roles")
    assert groups_of(Settings(), {"groups": ["a"], "roles": ["b"]}) == ("b",)


def test_the_documented_example_lets_in_whom_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The YAML of docs/access.md, and the sentence under it."""
    example = re.search(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
    assert example is not None
    (tmp_path / "access.yaml").write_text(example.group(1), encoding="utf-8")
    monkeypatch.setenv("KPI_HOME", str(tmp_path))
    settings = Settings()
    told = re.findall(r"^- `(.+?)` in `(.*?)` is `(\w+)` of (.+)\.$", DOCUMENT, re.MULTILINE)
    assert len(told) == 4
    for user, group, role, scope in told:
        reader = reader_of(settings, user, [group])
        members = [f"`{m}`" for ids in reader.scope.values() for m in ids] or ["everything"]
        assert (reader.role.name, " and ".join(members)) == (role, scope)
    with pytest.raises(AccessError):
        reader_of(settings, "somebody@example.org", ["staff"])


def test_the_documented_table_is_that_of_the_roles() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", DOCUMENT, re.MULTILINE)
    told = {name: rest.split(" | ") for name, rest in rows if name in roles()}
    assert told == {
        role.name: [
            ", ".join(role.pages),
            role.rows,
            role.people,
            "yes" if role.sql else "no",
            f"{role.export_rows:,}",
        ]
        for role in roles().values()
    }


def test_the_documented_variables_exist() -> None:
    named = set(re.findall(r"`KPI_(\w+)`", DOCUMENT))
    assert {name.lower() for name in named} <= set(Settings.model_fields)
    assert {name.removeprefix("KPI_") for name in WHOLE} <= named
