-- One row per visit of a ticket to a stage of the service process.
with

stretches as (
    select
        *,
        lag(stage) over (partition by ticket_number order by event_number) as stage_before
    from {{ ref('int_ticket_intervals__timed') }}
    where stage is not null
),

numbered as (
    select
        *,
        sum(case when stage = stage_before then 0 else 1 end) over (
            partition by ticket_number
            order by event_number
            rows between unbounded preceding and current row
        ) as visit_number
    from stretches
),

visits as (
    select
        ticket_number,
        visit_number,
        stage,
        min(started_at) as entered_at,
        max(ended_at) as left_at,
        min_by(started_date, event_number) as entered_date,
        max(case when is_current then 1 else 0 end) = 1 as is_current,
        sum(calendar_us) as calendar_us,
        sum(business_us) as business_us
    from numbered
    group by ticket_number, visit_number, stage
),

followed as (
    select
        *,
        lead(stage) over (partition by ticket_number order by visit_number) as next_stage
    from visits
)

-- a visit that still lasts has no length
select
    tickets.ticket_key || ':' || followed.visit_number as stage_visit_key,
    tickets.ticket_key,
    tickets.tenant,
    tickets.source,
    tickets.site_key,
    tickets.team_key,
    tickets.service_key,
    tickets.ticket_type,
    tickets.priority,
    cast(followed.visit_number as bigint) as visit_number,
    followed.stage,
    coalesce(followed.next_stage, case when followed.is_current then 'none' end) as next_stage,
    followed.is_current and {{ is_in_backlog('timed.status') }} as is_open,
    case
        when not followed.is_current
            then {{ whole_seconds('cast(followed.calendar_us as bigint)') }}
    end as stage_calendar_seconds,
    case
        when not followed.is_current
            then {{ whole_seconds('cast(followed.business_us as bigint)') }}
    end as stage_business_seconds,
    followed.entered_at,
    case when not followed.is_current then followed.left_at end as left_at,
    followed.entered_date
from followed
left join {{ ref('int_tickets__attributed') }} as tickets
    on followed.ticket_number = tickets.ticket_number
left join {{ ref('int_tickets__timed') }} as timed
    on followed.ticket_number = timed.ticket_number
where tickets.ticket_number is not null
