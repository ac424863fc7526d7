-- One row per day and segment that has tickets open or moves, and at every end of a period.
with

-- every segment of a source ends on the same day, so that the last day holds all of them
cutoffs as (
    select
        source,
        max(cutoff_date) as cutoff_date
    from {{ ref('int_tickets__timed') }}
    group by source
),

swept as (
    select
        flows.segment_number,
        flows.backlog_date,
        flows.created_count,
        flows.resolved_count,
        flows.reopened_count,
        flows.cancelled_count,
        cast(sum(
            flows.created_count
            - flows.resolved_count
            + flows.reopened_count
            - flows.cancelled_count
        ) over life as bigint) as closing_count,
        coalesce(
            lead(flows.backlog_date) over life, cast(cutoffs.cutoff_date + interval '1' day as date)
        ) as until_date
    from {{ ref('int_backlog__flowed') }} as flows
    left join cutoffs on flows.source = cutoffs.source
    window life as (
        partition by flows.segment_number
        order by flows.backlog_date
        rows between unbounded preceding and current row
    )
),

segments as (
    select distinct
        segment_number,
        source,
        calendar_id,
        site_key,
        team_key,
        service_key,
        channel,
        priority,
        customer_tier,
        ticket_type
    from {{ ref('int_backlog__flowed') }}
),

-- a day without open tickets says nothing, but a period needs its last one: a sum over the
-- segments of a team must find all of them there
period_ends as (
    select date_day
    from {{ ref('dim_dates') }}
    where
        iso_dow = 7
        or extract(day from date_day + interval '1' day) = 1
        or date_day in (select cutoff_date from cutoffs)
),

daily as (
    select
        swept.segment_number,
        swept.backlog_date,
        swept.closing_count - swept.created_count + swept.resolved_count - swept.reopened_count
        + swept.cancelled_count as opening_count,
        swept.created_count,
        swept.resolved_count,
        swept.reopened_count,
        swept.cancelled_count,
        swept.closing_count
    from swept

    union all

    select
        swept.segment_number,
        dates.date_day as backlog_date,
        swept.closing_count as opening_count,
        0 as created_count,
        0 as resolved_count,
        0 as reopened_count,
        0 as cancelled_count,
        swept.closing_count
    from swept
    inner join {{ ref('dim_dates') }} as dates
        on swept.backlog_date < dates.date_day and swept.until_date > dates.date_day
    where swept.closing_count <> 0

    union all

    select
        swept.segment_number,
        period_ends.date_day as backlog_date,
        swept.closing_count as opening_count,
        0 as created_count,
        0 as resolved_count,
        0 as reopened_count,
        0 as cancelled_count,
        swept.closing_count
    from swept
    inner join period_ends
        on swept.backlog_date < period_ends.date_day and swept.until_date > period_ends.date_day
    where swept.closing_count = 0
)

select
    daily.backlog_date,
    segments.segment_number,
    segments.source,
    segments.calendar_id,
    segments.site_key,
    segments.team_key,
    segments.service_key,
    segments.channel,
    segments.priority,
    segments.customer_tier,
    segments.ticket_type,
    daily.opening_count,
    daily.created_count,
    daily.resolved_count,
    daily.reopened_count,
    daily.cancelled_count,
    daily.closing_count
from daily
left join segments on daily.segment_number = segments.segment_number
