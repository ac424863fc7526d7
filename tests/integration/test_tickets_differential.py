"""Every figure of the ticket marts against the reference implementation, on random tickets and on
the simulated company; and what must hold whatever the tickets are."""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.settings import Settings
from pipelines.warehouse.snapshots import current_snapshot
from tests.reference.company import FIRST_DAY, LAST_DAY, build_marts, prepare_home, share_project
from tests.reference.compare import KEYS, Comparison, Reference, compare, reference_of
from tests.reference.histories import AS_OF, EXTRACTED, Batch, histories, write_histories
from tests.reference.resplit import as_known_at, in_one_extract, in_shuffled_extracts

pytestmark = pytest.mark.xdist_group("differential")

TICKETS = 2_000
SCHEDULES = 12
PAST = datetime(2026, 1, 15, 9)  # noqa: DTZ001 - instants are UTC without a zone
WITHOUT_TESTS = ("--exclude-resource-type", "unit_test", "test")


@pytest.fixture(scope="module")
def company() -> list[Batch]:
    return histories(1, TICKETS)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, company: list[Batch]) -> Path:
    """The random company, built with the project's tests that look across tables."""
    path = tmp_path_factory.mktemp("random")
    prepare_home(path, 2, SCHEDULES)
    write_histories(path, company)
    build_marts(
        path, AS_OF, "--exclude-resource-type", "unit_test", "--exclude", "test_type:generic"
    )
    return path


@pytest.fixture(scope="module")
def reference(home: Path) -> Reference:
    seeds = home / "dbt_project" / "seeds"
    return reference_of(home, seeds, AS_OF, (FIRST_DAY, LAST_DAY))


@pytest.fixture(scope="module")
def warehouse(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(home / "build" / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


def assert_equal(compared: Comparison, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        cells = sum(compared.compared.values())
        sys.stdout.write(f"\n{compared.mart}: {cells:,} cells compared")
    assert compared.compared, "nothing was compared"
    assert compared.is_equal, "\n".join(compared.samples)


@pytest.mark.parametrize("mart", sorted(KEYS))
def test_random_tickets(
    home: Path, reference: Reference, mart: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (compared,) = compare(home / "build" / "warehouse.duckdb", reference, [mart])
    assert_equal(compared, capsys)


@pytest.fixture(scope="module")
def simulated(published_home: Path) -> tuple[Path, Reference]:
    """The snapshot of the simulated company and what the reference says of it."""
    settings = Settings(home=published_home)
    snapshot = current_snapshot(settings)
    days = published_home / "reference" / "business_days.parquet"
    with duckdb.connect() as connection:
        bounds = f"select min(utc_date), max(utc_date) from read_parquet('{days}')"
        span: tuple[date, date] = connection.execute(bounds).fetchall()[0]
    seeds = settings.dbt_dir / "seeds"
    as_of = snapshot.as_of.astimezone(UTC).replace(tzinfo=None)
    return snapshot.path, reference_of(published_home, seeds, as_of, span)


@pytest.mark.parametrize("mart", sorted(KEYS))
def test_simulated_company(
    simulated: tuple[Path, Reference], mart: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (compared,) = compare(*simulated, [mart])
    assert_equal(compared, capsys)


def fingerprints(home: Path) -> dict[str, tuple[int, int]]:
    """Rows and the sum of their hashes of every mart: blind to their order, not to doubles. Views
    say nothing that the tables do not."""
    with duckdb.connect(str(home / "build" / "warehouse.duckdb"), read_only=True) as connection:
        marts = connection.execute(
            "select table_name from information_schema.tables "
            "where table_schema = 'marts' and table_type = 'BASE TABLE'"
        ).fetchall()
        return {
            mart: connection.execute(
                f"select count(*), sum(hash(mart)::hugeint) from marts.{mart} as mart"
            ).fetchall()[0]
            for (mart,) in marts
        }


def built(
    path: Path, home: Path, batches: list[Batch], as_of: datetime
) -> dict[str, tuple[int, int]]:
    """Fingerprints of the marts that other extracts give under the same reference data."""
    share_project(path, home)
    write_histories(path, batches)
    build_marts(path, as_of, *WITHOUT_TESTS)
    return fingerprints(path)


def test_any_split_order_or_repetition_gives_the_same_marts(
    tmp_path: Path, home: Path, company: list[Batch]
) -> None:
    """Five extracts per source that overlap, and seven with rows shuffled and repeated."""
    shuffled = in_shuffled_extracts(in_one_extract(company, AS_OF), seed=3, parts=7)
    seven = built(tmp_path / "seven", home, shuffled, AS_OF)
    assert sum(rows for rows, _ in seven.values()) > 100_000
    assert seven == fingerprints(home)


def test_the_past_can_be_built_again(tmp_path: Path, home: Path, company: list[Batch]) -> None:
    """What everything that is known now says of a past instant is what was said then."""
    then = built(tmp_path / "then", home, as_known_at(company, PAST), PAST)
    assert then == built(tmp_path / "now", home, company, PAST)
    assert EXTRACTED[1] < PAST < EXTRACTED[2]
    seeds = home / "dbt_project" / "seeds"
    reference = reference_of(tmp_path / "now", seeds, PAST, (FIRST_DAY, LAST_DAY))
    for compared in compare(tmp_path / "now" / "build" / "warehouse.duckdb", reference):
        assert compared.is_equal, "\n".join(compared.samples)


# which stretches of the ledger a duration of the ticket is the sum of
SUMS = {
    "requester_wait": "stretch.status in ('new', 'open', 'on_hold') and not is_status_current",
    "agent_wait": "stretch.status = 'pending' and not is_status_current",
    "on_hold": "stretch.status = 'on_hold' and not is_status_current",
    "agent_work": "stretch.status in ('new', 'open') and not is_status_current",
    "first_reply": "stretch.ended_at <= ticket.first_replied_at",
    "first_resolution": "stretch.ended_at <= ticket.first_resolved_at",
    "full_resolution": "stretch.ended_at <= ticket.resolved_at",
    "age": "ticket.is_open",
}


@pytest.mark.parametrize("time", ["calendar", "business"])
@pytest.mark.parametrize("fact", sorted(SUMS))
def test_durations_are_sums_over_the_ledger(
    warehouse: duckdb.DuckDBPyConnection, fact: str, time: str
) -> None:
    different, told = warehouse.execute(
        f"""
        with summed as (
            select
                ticket.ticket_key,
                any_value(ticket.{fact}_{time}_seconds) as told,
                coalesce(sum(stretch.{time}_seconds) filter (where {SUMS[fact]}), 0) as summed
            from marts.fct_tickets as ticket
            left join marts.fct_ticket_intervals as stretch using (ticket_key)
            group by ticket.ticket_key
        )
        select count(*) filter (where told <> floor(summed)), count(told) from summed
        """
    ).fetchall()[0]
    assert told > 100
    assert different == 0


def test_elapsed_times_are_sums_over_the_ledger(warehouse: duckdb.DuckDBPyConnection) -> None:
    different, told = warehouse.execute(
        """
        with summed as (
            select sla_target_key, floor(sum(counted_seconds)) as summed
            from marts.fct_sla_intervals
            group by sla_target_key
        )
        select
            count(*) filter (where elapsed_seconds <> coalesce(summed, 0)),
            count(elapsed_seconds)
        from marts.fct_sla_targets
        left join summed using (sla_target_key)
        """
    ).fetchall()[0]
    assert told > 10_000
    assert different == 0


def test_backlog_flows_add_up_every_day_in_every_segment(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    wrong, days = warehouse.execute(
        """
        with followed as (
            select
                *,
                lag(closing_count, 1, 0) over segment as closed_yesterday,
                lag(backlog_date) over segment as yesterday
            from marts.fct_backlog_daily
            window segment as (
                partition by source, calendar_id, site_key, team_key, service_key, channel,
                    priority, customer_tier, ticket_type
                order by backlog_date
            )
        )
        select
            count(*) filter (
                where closing_count <> opening_count
                    + created_count - resolved_count + reopened_count - cancelled_count
                or opening_count <> closed_yesterday
                or (backlog_date <> yesterday + 1 and closed_yesterday <> 0)
            ),
            count(*)
        from followed
        """
    ).fetchall()[0]
    assert days > 100_000
    assert wrong == 0


# what columns cannot say and events can
ONLY_EVENTS_TELL = {
    "agent_reassignment_count",
    "agent_work_business_seconds",
    "agent_work_calendar_seconds",
    "first_resolution_business_seconds",
    "first_resolution_calendar_seconds",
    "first_resolved_at",
    "first_resolved_date",
    "is_called_back_in_time",
    "is_first_contact_resolved",
    "is_same_day_resolved",
    "on_hold_business_seconds",
    "on_hold_calendar_seconds",
    "agent_wait_business_seconds",
    "agent_wait_calendar_seconds",
    "reopen_count",
    "requester_wait_business_seconds",
    "requester_wait_calendar_seconds",
    "returned_team_count",
    "team_reassignment_count",
    "was_reassigned",
    "was_reopened",
    "was_returned",
}
# who told it, and the tenant in every key
DIFFERENT_BY_NAME = {"ticket_key", "tenant", "source", "has_events", "has_status_history"}


def test_events_and_columns_tell_the_same(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Tickets whose events say what columns can say, and the same tickets by columns."""
    columns = [row[0] for row in warehouse.execute("describe marts.fct_tickets").fetchall()]
    compared = [name for name in columns if name not in DIFFERENT_BY_NAME | ONLY_EVENTS_TELL]
    value = "replace(cast({0}.{1} as varchar), {0}.tenant || ':', '')"
    different = ", ".join(
        f"count(*) filter (where {value.format('told', name)} is distinct from "
        f"{value.format('noted', name)}) as {name}"
        for name in compared
    )
    said = ", ".join(f"count(noted.{name}) as {name}" for name in sorted(ONLY_EVENTS_TELL))
    twins = (
        "from marts.fct_tickets as told inner join marts.fct_tickets as noted "
        "on told.ticket_id = noted.ticket_id and told.tenant = 'zeta' and noted.tenant = 'eta' "
        "where noted.resolved_at is not null or noted.is_open"
    )
    assert only_counted(warehouse, f"select {different} {twins}") == {}
    assert only_counted(warehouse, f"select {said} {twins}") == {}
    tickets = warehouse.execute(f"select count(*) {twins}").fetchall()[0][0]
    assert tickets > 100


def only_counted(warehouse: duckdb.DuckDBPyConnection, query: str) -> dict[str, int]:
    """Columns of a row of counts that are not zero."""
    cursor = warehouse.execute(query)
    columns = [column[0] for column in cursor.description or []]
    (row,) = cursor.fetchall()
    return {name: count for name, count in zip(columns, row, strict=True) if count}
