"""Row-level security: what each role sees of a scope, in figures, rows, records and tables."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import AccessError
from pipelines.metrics import MetricStore, ScopedStore, open_store
from pipelines.metrics.access import Reader, local_reader, reader_of, roles
from pipelines.metrics.access_log import read_access
from pipelines.metrics.records import Selection
from pipelines.settings import Settings

SITE, OTHER = "demo:hospital", "demo:mall"
ALL = Selection(where={})
Scoped = Callable[..., ScopedStore]


@pytest.fixture(scope="module")
def settings(published_home: Path) -> Settings:
    return Settings(home=published_home)


@pytest.fixture(scope="module")
def store(settings: Settings) -> MetricStore:
    return open_store(settings)


@pytest.fixture
def scoped(store: MetricStore, settings: Settings, request: pytest.FixtureRequest) -> Scoped:
    """Makes the store as a role sees it, within a scope; other tests look into the same home."""

    def make(role: str, agent: str | None = None, **scope: tuple[str, ...]) -> ScopedStore:
        reader = Reader(
            id=f"{role}@{request.node.name}", role=roles()[role], scope=scope, agent=agent
        )
        return ScopedStore(reader, store, settings)

    return make


def test_a_scope_gives_the_figures_of_its_members(scoped: Scoped, store: MetricStore) -> None:
    """Every KPI: within the scope it equals the same question with the scope as a filter."""
    mine = scoped("manager", site=(SITE,))
    refused = []
    for name, metric in store.metrics.items():
        if "site" not in metric.dimensions:
            with pytest.raises(AccessError):
                mine.query([name])
            refused.append(name)
            continue
        expected = store.query([name], where={"site": [SITE]}).frame
        assert mine.query([name]).frame.equals(expected), name
    assert refused, "there are KPIs that no site has, such as staffing by line"


def test_a_member_outside_the_scope_has_no_rows(scoped: Scoped, settings: Settings) -> None:
    mine = scoped("manager", site=(SITE,))
    frame = mine.query(["tickets_opened_count"], where={"site": [OTHER]}).frame
    assert frame["tickets_opened_count"].sum() == 0
    assert mine.records("tickets_opened_count", Selection(where={"site": [OTHER]})).row_count == 0
    noted = read_access(settings).filter(pl.col("reader") == mine.reader.id)
    assert OTHER in noted.filter(pl.col("action") == "refused")["filters"][0]


def test_every_breakdown_stays_inside_the_scope(scoped: Scoped) -> None:
    mine = scoped("manager", site=(SITE,))
    by_site = mine.query(["tickets_opened_count"], by=["site"]).frame
    assert by_site["site"].to_list() == [SITE]
    assert [m.id for m in mine.members("site")] == [SITE]


@pytest.mark.parametrize("role", list(roles()))
def test_rows_and_records_by_role(scoped: Scoped, store: MetricStore, role: str) -> None:
    agent = store.query(["tickets_opened_count"], by=["agent"]).frame["agent"].drop_nulls()[0]
    mine = scoped(role, agent=agent, site=(SITE,))
    tickets = store.records("tickets_opened_count", Selection(where={"site": [SITE]})).frame
    inside = tickets.filter(pl.col("agent_key") != agent)["ticket_key"][0]
    outside = store.records("tickets_opened_count", Selection(where={"site": [OTHER]})).frame
    if roles()[role].rows == "none":
        with pytest.raises(AccessError):
            mine.records("tickets_opened_count", ALL)
        with pytest.raises(AccessError):
            mine.history("ticket", inside)
        return
    found = mine.records("tickets_opened_count", ALL).frame
    assert set(found["site_key"]) <= {SITE}
    with pytest.raises(AccessError):
        mine.history("ticket", outside["ticket_key"][0])
    if roles()[role].rows == "own":
        assert set(found["agent_key"]) <= {agent}
        with pytest.raises(AccessError):
            mine.history("ticket", inside)
        return
    assert mine.history("ticket", inside).facts["site_key"] == SITE


@pytest.mark.parametrize("role", list(roles()))
def test_figures_of_people_by_role(scoped: Scoped, role: str) -> None:
    """Nobody's own figures for most; of a team only what rests on ten or more; one's own only."""
    agent = "demo:nobody"
    mine = scoped(role, agent=agent)
    asked = (["tickets_resolved_count", "resolution_business_p50"], ["agent"])
    people = roles()[role].people
    if people == "none":
        with pytest.raises(AccessError):
            mine.query(*asked)
        with pytest.raises(AccessError):
            mine.query(["tickets_resolved_count"], where={"agent": [agent]})
        with pytest.raises(AccessError):
            mine.distribution("resolution_business_p50", Selection(where={"agent": [agent]}))
        assert mine.members("agent") == []
        return
    frame = mine.query(*asked, start=date(2026, 9, 1), end=date(2026, 9, 30)).frame
    if people == "own":
        assert set(frame["agent"]) <= {agent}
        return
    shown = frame.drop_nulls("tickets_resolved_count")
    assert shown.height > 0
    assert (shown["tickets_resolved_count"] >= 10).all()
    told = frame.drop_nulls("resolution_business_p50")
    assert (told["resolution_business_p50__n"] >= 10).all()
    assert frame["tickets_resolved_count__is_small"].any()


@pytest.mark.parametrize("role", list(roles()))
def test_tables_and_pages_by_role(scoped: Scoped, role: str) -> None:
    mine = scoped(role)
    asked: dict[str, Callable[[], object]] = {
        "data": lambda: mine.table("extracts"),
        "access": lambda: mine.accesses(1),
    }
    for page, ask in asked.items():
        if mine.reader.may_open(page):
            ask()
        else:
            with pytest.raises(AccessError):
                ask()
    limited = scoped(role, site=(SITE,))
    assert not limited.reader.may_open("sql"), "SQL knows no rows: never within a scope"


def test_rows_of_few_answers_stay_hidden(scoped: Scoped, store: MetricStore) -> None:
    """What a figure withholds, its rows do not tell."""
    few = next(
        Selection(where={}, start=day, end=day)
        for day in store.query(["csat_top2_ratio"], grain="day").frame["period"]
        if 0 < store.records("csat_top2_ratio", Selection({}, day, day)).row_count < 5
    )
    with pytest.raises(AccessError, match="too few"):
        scoped("manager").records("csat_top2_ratio", few)
    assert scoped("manager").records("csat_top2_ratio", ALL).row_count > 5


def test_a_target_of_the_whole_is_not_that_of_a_part(scoped: Scoped, store: MetricStore) -> None:
    day = date(2026, 9, 30)
    whole, mall = store.target("csat_top2_ratio", day), scoped("manager", site=(OTHER,))
    assert whole is not None
    assert whole.value == 0.85
    part = mall.target("csat_top2_ratio", day)
    assert part is not None
    assert part.value == 0.80
    assert mall.target("nps", day) is None
    both = scoped("manager", site=(OTHER, SITE))
    assert both.target("csat_top2_ratio", day) is None
    chosen = both.target("csat_top2_ratio", day, {"site": [OTHER]})
    assert chosen is not None
    assert chosen.value == 0.80, "one of the sites of the scope was chosen"
    assert both.target("csat_top2_ratio", day, {"site": ["demo:library"]}) is None
    speed = [store.target("average_speed_of_answer", d) for d in (date(2026, 6, 30), day)]
    assert [t.value for t in speed if t] == [28, 20]
    assert store.target("average_speed_of_answer", date(2025, 12, 31)) is None


def test_everything_is_noted(scoped: Scoped, settings: Settings) -> None:
    mine = scoped("manager", site=(SITE,))
    mine.records("sla_met_ratio", ALL)
    mine.note("export", "sla_met_ratio", row_count=7)
    with pytest.raises(AccessError):
        mine.accesses(1)
    noted = read_access(settings).filter(pl.col("reader") == mine.reader.id).head(3)
    assert noted["action"].to_list() == ["refused", "export", "rows"]
    assert noted["row_count"].to_list()[1] == 7


def test_access_yaml_lets_in_whom_it_names_and_nobody_else(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with pytest.raises(AccessError, match="does not exist"):
        reader_of(settings, "li@example.org", [])
    settings.access_path.write_text(
        """
readers:
  - {user: li@example.org, role: agent, scope: {team: [demo:it]}, agent: demo:a1}
  - {group: mall-managers, role: manager, scope: {site: [demo:mall]}}
  - {group: everybody, role: executive, scope: everything}
""",
        encoding="utf-8",
    )
    li = reader_of(settings, "li@example.org", ["everybody"])
    assert (li.role.name, li.scope, li.agent) == ("agent", {"team": ("demo:it",)}, "demo:a1")
    manager = reader_of(settings, "wang@example.org", ["mall-managers", "everybody"])
    assert (manager.role.name, dict(manager.scope)) == ("manager", {"site": ("demo:mall",)})
    assert reader_of(settings, "x@example.org", ["everybody"]).scope == {}
    with pytest.raises(AccessError, match="nobody let"):
        reader_of(settings, "x@example.org", ["Everybody"])


@pytest.mark.parametrize(
    "entry",
    [
        "{group: a, role: manager}",
        "{group: a, role: manager, scope: {}}",
        "{group: a, role: manager, scope: {site: []}}",
        "{group: a, role: manager, scope: {agent: [x]}}",
        "{group: a, role: king, scope: everything}",
        "{role: manager, scope: everything}",
        "{group: a, user: b, role: manager, scope: everything}",
        "{group: a, role: agent, scope: everything}",
        "{user: a, role: agent, scope: everything}",
        "{group: a, role: manager, scope: everything, extra: 1}",
    ],
)
def test_a_wrong_entry_lets_nobody_in(tmp_path: Path, entry: str) -> None:
    settings = Settings(home=tmp_path)
    settings.access_path.write_text(f"readers: [{entry}]", encoding="utf-8")
    with pytest.raises(AccessError, match="cannot be used"):
        reader_of(settings, "a", ["a"])


def test_the_local_reader_sees_all() -> None:
    reader = local_reader()
    assert reader.scope == {}
    assert all(reader.may_open(page) for role in roles().values() for page in role.pages)
