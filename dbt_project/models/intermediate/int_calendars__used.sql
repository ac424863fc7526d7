-- One row per calendar in use: the UTC days it must speak for and those it speaks for.
with

uses as (
    select
        calendar_id,
        first_happened_at as used_at
    from {{ ref('int_segments__assigned') }}

    union all

    -- calendars that tickets and their events name themselves
    select
        calendar_id,
        happened_at as used_at
    from {{ ref('int_ticket_events__carried') }}
    where calendar_id is not null

    union all

    select
        calendar_id,
        cast(null as timestamp) as used_at
    from {{ ref('service_catalogue') }}
    where tenant in (select segments.tenant from {{ ref('int_segments__assigned') }} as segments)
),

needed as (
    select
        calendar_id,
        cast(min(used_at) as date) as needed_from_date,
        -- CALENDAR_RESERVE of pipelines/orchestration: running targets need a due time
        cast({{ as_of() }} + interval '90' day as date) as needed_until_date
    from uses
    group by calendar_id
),

covered as (
    select
        calendar_id,
        min(utc_date) as covered_from_date,
        max(utc_date) as covered_until_date
    from {{ ref('business_days') }}
    group by calendar_id
)

select
    needed.calendar_id,
    needed.needed_from_date,
    needed.needed_until_date,
    covered.covered_from_date,
    covered.covered_until_date,
    coalesce(
        covered.covered_from_date <= coalesce(needed.needed_from_date, covered.covered_from_date)
        and covered.covered_until_date >= needed.needed_until_date,
        false
    ) as is_covered
from needed
left join covered on needed.calendar_id = covered.calendar_id
