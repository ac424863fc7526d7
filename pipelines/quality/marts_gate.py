"""The marts suite: what must hold of a build before it is published.

Whole tables are judged by dbt's data tests. Here SQL profiles each mart per day and counts each
thing by two routes, and Great Expectations judges those small frames, so that the gate costs the
same for a thousand rows and for ten million.
"""

import duckdb
import great_expectations.expectations as gxe
import pandas as pd
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metadata_types import FailureSeverity

from pipelines.quality.results import Verdict, write_verdicts
from pipelines.quality.validate import validate
from pipelines.settings import Settings

SUITE = "marts"

_PROFILE = """
select 'fct_tickets' as mart, created_date as day, count(*) as row_count,
    count(*) - count(distinct ticket_key) as duplicate_keys,
    count(*) filter (where first_reply_calendar_seconds < 0 or full_resolution_calendar_seconds < 0)
        as negative_durations,
    count(*) filter (where first_reply_business_seconds > first_reply_calendar_seconds
        or full_resolution_business_seconds > full_resolution_calendar_seconds)
        as business_over_calendar,
    count(*) filter (where is_open and full_resolution_calendar_seconds is not null)
        as contradictions
from warehouse.marts.fct_tickets group by created_date
union all
select 'fct_calls', started_date, count(*), count(*) - count(distinct call_key),
    count(*) filter (where wait_seconds < 0 or handle_seconds < 0), 0,
    count(*) filter (where is_answered and is_abandoned)
from warehouse.marts.fct_calls group by started_date
union all
select 'fct_sla_targets', created_date, count(*), count(*) - count(distinct sla_target_key),
    count(*) filter (where elapsed_seconds < 0), 0,
    count(*) filter (where is_met and elapsed_seconds > target_seconds)
from warehouse.marts.fct_sla_targets group by created_date
union all
select 'fct_backlog_daily', backlog_date, count(*), 0,
    count(*) filter (where closing_count < 0), 0,
    count(*) filter (where closing_count
        <> opening_count + created_count - resolved_count + reopened_count - cancelled_count)
from warehouse.marts.fct_backlog_daily group by backlog_date
"""

_RECONCILIATION = """
with excluded as (
    select entity, sum(rows_count) as rows_count
    from warehouse.marts.mart_data_quality__exclusions
    where entity = 'ticket' or reason <> 'deleted' group by entity
), last_days as (
    select source, calendar_id, max(backlog_date) as last_day
    from warehouse.marts.fct_backlog_daily group by all
)
select 'tickets staged = in the fact + excluded' as routes,
    (select count(*) from working.staging.stg_tickets) as one_count,
    (select count(*) from warehouse.marts.fct_tickets)
        + coalesce((select rows_count from excluded where entity = 'ticket'), 0) as other_count
union all
select 'calls staged = in the fact + excluded', (select count(*) from working.staging.stg_calls),
    (select count(*) from warehouse.marts.fct_calls)
        + coalesce((select rows_count from excluded where entity = 'call'), 0)
union all
select 'responses staged = in the fact',
    (select count(*) from working.staging.stg_survey_responses),
    (select count(*) from warehouse.marts.fct_survey_responses)
union all
select 'answers staged = in the fact + excluded',
    (select count(*) from working.staging.stg_survey_answers),
    (select count(*) from warehouse.marts.fct_survey_answers)
        + coalesce((select rows_count from excluded where entity = 'survey_answer'), 0)
union all
select 'open tickets = last closing backlog',
    (select count(*) from warehouse.marts.fct_tickets where is_open),
    (select coalesce(sum(closing_count), 0) from warehouse.marts.fct_backlog_daily
        inner join last_days on fct_backlog_daily.source = last_days.source
            and fct_backlog_daily.calendar_id = last_days.calendar_id
            and fct_backlog_daily.backlog_date = last_days.last_day)
"""

# Volume of the last whole day against the median of the same weekday in the eight weeks before.
_VOLUME = """
with daily as (
    select 'tickets' as subject, created_date as day, count(*) as volume
    from warehouse.marts.fct_tickets group by created_date
    union all
    select 'calls', started_date, count(*) from warehouse.marts.fct_calls group by started_date
), whole as (
    select *, max(day) over (partition by subject) as last_day from daily
), judged as (
    select subject, day, volume from whole
    qualify day = max(day) filter (where day < last_day) over (partition by subject)
)
select judged.subject, judged.day, judged.volume / median(daily.volume) as volume_ratio
from judged inner join daily on daily.subject = judged.subject
    and daily.day >= judged.day - 56 and daily.day < judged.day
    and isodow(daily.day) = isodow(judged.day)
group by judged.subject, judged.day, judged.volume
having count(*) >= 4
"""

# Never Monday to Friday by default: a calendar in use speaks for every day it is needed on.
_CALENDARS = """
select calendar_id, cast(is_covered as integer) as is_covered
from working.intermediate.int_calendars__used
"""


def marts_suite() -> list[tuple[str, list[Expectation]]]:
    """Pairs of a query on the build and what its frame must be."""
    zero = ("duplicate_keys", "negative_durations", "business_over_calendar", "contradictions")
    return [
        (
            _PROFILE,
            [
                *(
                    gxe.ExpectColumnValuesToBeBetween(column=column, min_value=0, max_value=0)
                    for column in zero
                ),
                gxe.ExpectColumnValuesToNotBeNull(column="day"),
                gxe.ExpectTableRowCountToBeBetween(min_value=1),
            ],
        ),
        (
            _RECONCILIATION,
            [gxe.ExpectColumnPairValuesToBeEqual(column_A="one_count", column_B="other_count")],
        ),
        (_CALENDARS, [gxe.ExpectColumnValuesToBeBetween(column="is_covered", min_value=1)]),
        (
            _VOLUME,
            [
                gxe.ExpectColumnValuesToBeBetween(
                    column="volume_ratio",
                    min_value=0.2,
                    max_value=5,
                    severity=FailureSeverity.WARNING,
                )
            ],
        ),
    ]


def gate_marts(settings: Settings, run_id: str) -> list[Verdict]:
    """Judge the build; the verdicts are stored, whatever they are."""
    verdicts: list[Verdict] = []
    for query, expectations in marts_suite():
        verdicts += validate(_frame(settings, query), SUITE, expectations, run_id)
    write_verdicts(settings, SUITE, verdicts)
    return verdicts


def _frame(settings: Settings, query: str) -> pd.DataFrame:
    with duckdb.connect(config={"python_enable_replacements": "false"}) as connection:
        connection.execute("set enable_progress_bar = false")
        for path in (settings.build_path, settings.working_path):
            quoted = str(path).replace("'", "''")
            connection.execute(f"attach '{quoted}' as {path.stem} (read_only)")
        return connection.execute(query).df()
