"""Every role on every page: what is refused, and that nothing from outside a scope is told.

The pages run on the published snapshot as they do for a reader of one site; every file that a
page offers is made, too.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

import dashboards.exports
import dashboards.session
from dashboards.i18n import Texts
from dashboards.navigation import PAGES
from pipelines.metrics import MetricStore, open_store
from pipelines.metrics.access import Reader, roles
from pipelines.metrics.access_log import read_access
from pipelines.settings import PROJECT_DIR, Settings
from tests.unit.dashboards.test_pages import words

EN = Texts("en")
SITE = "demo:hospital"
# Pages of definitions and of deliveries name whatever the installation has.
WITHOUT_FIGURES = {"dictionary", "data", "access", "sql"}
Files = list[tuple[str, str, Callable[[], bytes]]]


@pytest.fixture(scope="module")
def store(published_home: Path) -> MetricStore:
    return open_store(Settings(home=published_home))


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    """What the pages of this test offer: name, kind, and how it is made."""
    offered: Files = []

    def keep(box: Any, view: Any, place: Any, kind: str, make: Callable[[], bytes]) -> None:
        offered.append((place.key, kind, make))

    monkeypatch.setattr(dashboards.exports, "_button", keep)
    return offered


@pytest.fixture
def open_as(monkeypatch: pytest.MonkeyPatch, files: Files) -> Iterator[Callable[..., AppTest]]:
    def open_page(reader: Reader, path: str, **params: str) -> AppTest:
        monkeypatch.setattr(dashboards.session, "current_reader", lambda: reader)
        app = AppTest.from_file(str(PROJECT_DIR / "dashboards" / "app.py"), default_timeout=120)
        for name, value in {"lang": "en", "p": "last_13w", **params}.items():
            app.query_params[name] = value
        app.run()
        files.clear()  # the bare address leads to the overview, and its files are offered first
        return app.switch_page(f"views/{path}.py").run()

    yield open_page


def foreign_names(store: MetricStore) -> list[str]:
    """Names of sites and teams that do not belong to the site."""
    own = {SITE, "unknown"} | set(
        store.query(["tickets_opened_count"], by=["team"], where={"site": [SITE]}).frame["team"]
    )
    found = [m.label for d in ("site", "team") for m in store.members(d) if m.id not in own]
    return [name for name in found if name not in ("IT", "Hospital")]


def params_of(path: str, store: MetricStore) -> dict[str, str]:
    if path == "kpi":
        return {"m": "sla_met_ratio", "by": "team"}
    if path == "record":
        tickets = store.query(["tickets_opened_count"], where={"site": [SITE]})
        assert tickets.frame.height == 1
        found = store._rows(
            "select ticket_key from warehouse.marts.fct_tickets where site_key = $site limit 1",
            {"site": SITE},
        )
        return {"id": f"ticket:{found.item()}"}
    return {}


@pytest.mark.parametrize("role", list(roles()))
def test_a_role_sees_its_pages_and_its_scope(
    open_as: Callable[..., AppTest], files: Files, store: MetricStore, role: str
) -> None:
    agent = store.query(["tickets_opened_count"], by=["agent"]).frame["agent"].drop_nulls()[0]
    reader = Reader(
        id=f"{role}@example.org", role=roles()[role], scope={"site": (SITE,)}, agent=agent
    )
    outside = foreign_names(store)
    assert len(outside) > 5
    for path in [page.path for page in PAGES]:
        app = open_as(reader, path, **params_of(path, store))
        assert not app.exception, path
        assert not app.error, path
        said = words(app)
        if not reader.may_open(path):
            assert EN("state.refused") in said, path
            assert not files, path
            assert not app.metric, path
            continue
        if path in WITHOUT_FIGURES:
            continue
        told = said + "".join(str(e.value) for e in (*app.table, *app.dataframe))
        told += "".join(str(o) for w in app.multiselect for o in w.options)
        for _, kind, make in files:
            if kind == "csv":
                told += make().decode("utf-8-sig")
        assert [name for name in outside if re.search(rf"\b{re.escape(name)}\b", told)] == [], path


@pytest.mark.parametrize("role", ["executive", "manager", "analyst"])
def test_files_keep_to_the_cap_of_the_role(
    open_as: Callable[..., AppTest],
    files: Files,
    published_home: Path,
    role: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows behind a figure leave as far as the role may take them, and are noted."""
    few = roles()[role].model_copy(update={"export_rows": 7})
    reader = Reader(id=f"{role}@files", role=few)
    open_as(reader, "kpi", m="sla_met_ratio")
    rows = [make for key, kind, make in files if kind == "csv" and key.startswith("rows_")]
    if few.rows == "none":
        assert rows == []
        return
    text = rows[0]().decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    end = next(place for place, cells in enumerate(lines) if not any(cells))
    assert end == 1 + 7, "a header, seven rows, an empty line, then the facts"
    assert re.search(r"7 of [\d,]+ rows", text)
    own = read_access(Settings(home=published_home)).filter(pl.col("reader") == reader.id)
    noted = own.row(0, named=True)
    assert (noted["action"], noted["subject"], noted["row_count"]) == ("export", "sla_met_ratio", 7)
