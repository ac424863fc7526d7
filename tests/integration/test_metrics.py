"""The semantic layer's client on a published snapshot."""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import QueryError
from pipelines.metrics import MetricStore, open_store
from pipelines.metrics.manifest import SemanticManifest
from pipelines.settings import Settings
from pipelines.warehouse.snapshots import list_snapshots, open_read_only


@pytest.fixture(scope="module")
def store(published_home: Path) -> MetricStore:
    return open_store(Settings(home=published_home))


def test_every_kpi_compiles_and_runs_by_each_of_its_dimensions(store: MetricStore) -> None:
    for metric in store.metrics.values():
        for dimension in metric.dimensions:
            frame = store.query([metric.name], by=[dimension]).frame
            assert frame.columns == [
                dimension,
                metric.name,
                f"{metric.name}__numerator",
                f"{metric.name}__denominator",
                f"{metric.name}__n",
                f"{metric.name}__low",
                f"{metric.name}__high",
                f"{metric.name}__is_small",
            ]


def test_what_many_ask_at_once_is_computed_once(
    store: MetricStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    read = MetricStore._rows

    def slowly(self: MetricStore, sql: str, parameters: dict[str, object]) -> pl.DataFrame:
        asked.append(sql)
        time.sleep(0.2)
        return read(self, sql, parameters)

    own = MetricStore(store.snapshot, store._settings)
    monkeypatch.setattr(MetricStore, "_rows", slowly)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: own.query(["tickets_opened_count"]).frame, range(8)))
    assert len(asked) == 1
    assert all(frame.equals(found[0]) for frame in found)


def test_time_columns_are_days(store: MetricStore) -> None:
    """The compiler takes them as they are; an instant would fall out of its day's figures."""
    manifest = SemanticManifest(
        store._rows("select manifest from warehouse.reference.semantic_manifest").item()
    )
    days = {(measure.table, measure.day) for measure in manifest.measures.values()}
    kinds = store._rows(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where database_name = 'warehouse' and schema_name = 'marts'"
    )
    types = {(table, column): kind for table, column, kind in kinds.iter_rows()}
    assert {place: types[place] for place in days if types[place] != "DATE"} == {}


def test_a_ratio_is_its_numerator_over_its_denominator(store: MetricStore) -> None:
    for metric in store.metrics.values():
        if metric.numerator_metric in (None, metric.name):
            continue
        value, numerator, denominator, *_ = store.query([metric.name]).frame.row(0)
        if value is not None:  # some speak of one member at a time
            assert value == pytest.approx(numerator / denominator), metric.name


def test_ratios_of_months_do_not_average_to_the_whole_but_their_parts_add_up(
    store: MetricStore,
) -> None:
    monthly = store.query(["sla_met_ratio"], grain="month").frame
    whole = store.query(["sla_met_ratio"]).frame
    for part in ("numerator", "denominator"):
        column = f"sla_met_ratio__{part}"
        assert monthly[column].sum() == whole[column].item()


def test_subjects_are_joined_on_period_and_dimension(store: MetricStore) -> None:
    together = store.query(
        ["tickets_opened_count", "calls_offered_count"], by=["team"], grain="month"
    ).frame
    alone = store.query(["calls_offered_count"], by=["team"], grain="month").frame
    joined = together.select(alone.columns).drop_nulls("calls_offered_count")
    assert joined.sort("period", "team").equals(alone.sort("period", "team"))
    assert together["tickets_opened_count"].null_count() < together.height


def test_both_ends_of_a_period_are_included(store: MetricStore) -> None:
    daily = store.query(["tickets_opened_count"], grain="day").frame
    start, end = date(2026, 9, 3), date(2026, 9, 5)
    asked = store.query(["tickets_opened_count"], grain="month", start=start, end=end).frame
    days = daily.filter(pl.col("period").is_between(start, end))
    assert days.height == 3
    assert asked["tickets_opened_count"].item() == days["tickets_opened_count"].sum()


def test_nothing_in_the_denominator_is_null_not_zero(store: MetricStore) -> None:
    empty = store.query(["nps"], where={"team": ["nobody"]}).frame
    assert empty["nps"].to_list() in ([], [None])


@pytest.mark.parametrize("member", ["o'brien", "x') or true --", "\\", "{{ 1 }}"])
def test_members_are_data_not_sql(store: MetricStore, member: str) -> None:
    frame = store.query(["tickets_opened_count"], where={"team": [member]}).frame
    assert frame["tickets_opened_count"].to_list() in ([], [None])


@pytest.mark.parametrize(
    ("metric", "by", "where", "message"),
    [
        ("nothing", [], {}, "does not exist"),
        ("nps", ["colour"], {}, "has no dimension 'colour'"),
        ("nps", [], {"colour": ["red"]}, "has no dimension 'colour'"),
    ],
)
def test_questions_without_an_answer_say_why(
    store: MetricStore, metric: str, by: list[str], where: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(QueryError, match=message):
        store.query([metric], by=by, where=where)


def test_every_member_has_a_name_in_both_languages(store: MetricStore) -> None:
    for dimension in ("site", "team", "service", "channel", "priority", "customer_tier"):
        members = store.members(dimension)
        assert members
        assert all(member.label and member.label_zh for member in members)


def test_one_store_per_snapshot(published_home: Path) -> None:
    settings = Settings(home=published_home)
    assert open_store(settings) is open_store(settings)
    assert open_store(settings).snapshot.id == list_snapshots(settings)[0].id


def test_only_shares_have_an_interval(store: MetricStore) -> None:
    """What leaves over what comes can exceed 1: no interval of a share speaks of it."""
    assert store.metrics["sla_met_ratio"].is_share
    assert not store.metrics["tickets_throughput_ratio"].is_share
    assert not store.metrics["resolution_business_mean"].is_share


def test_an_explanation_adds_up_to_the_figure(store: MetricStore) -> None:
    """The stretches that count, summed and cut to whole seconds, are what the fact tables say."""
    with closing(open_read_only(store.snapshot.path)) as connection:
        keys = connection.execute(
            "select ticket_key from warehouse.marts.fct_tickets order by md5(ticket_key) limit 40"
        ).fetchall()
    differing, figures = [], 0
    for (key,) in keys:
        explanation = store.explain_ticket(key)
        assert explanation.ledger["interval"].to_list() == list(
            range(1, len(explanation.ledger) + 1)
        )
        figures += len(explanation.sums)
        differing += [
            (key, figure.name, figure.total, figure.stated)
            for figure in explanation.sums
            if figure.stated != math.floor(figure.total)
        ]
    assert differing == []
    assert figures > 400


def test_an_unknown_ticket_or_figure_is_told_in_a_sentence(store: MetricStore) -> None:
    with pytest.raises(QueryError, match="'nobody' is not in the snapshot"):
        store.explain_ticket("nobody")
    with pytest.raises(QueryError, match="has no figure 'nothing'"):
        store.explain_ticket("T00000004", "nothing")
