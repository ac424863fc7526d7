-- closing = opening + created - resolved + reopened - cancelled, and opens where it last closed; a
-- segment is one combination of members, and every combination is one segment.
with

days as (
    select
        *,
        lag(closing_count, 1, 0) over (
            partition by segment_number
            order by backlog_date
        ) as closed_before_count
    from {{ ref('fct_backlog_daily') }}
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
    from days
)

select
    'flows do not add up' as flaw,
    segment_number,
    count(*) as rows_count
from days
where
    closing_count
    <> opening_count + created_count - resolved_count + reopened_count - cancelled_count
    or opening_count <> closed_before_count
group by segment_number

union all

select
    'a segment of two combinations' as flaw,
    segment_number,
    count(*) as rows_count
from segments
group by segment_number
having count(*) > 1

union all

select
    'a combination of two segments' as flaw,
    min(segment_number) as segment_number,
    count(*) as rows_count
from segments
group by
    source,
    calendar_id,
    site_key,
    team_key,
    service_key,
    channel,
    priority,
    customer_tier,
    ticket_type
having count(*) > 1
