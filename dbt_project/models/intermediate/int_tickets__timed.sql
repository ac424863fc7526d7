-- One row per ticket that counts: its facts, its last calendar and its local dates.
with

tickets as (
    select
        settled.*,
        last_stretch.calendar_id,
        last_stretch.team_id,
        last_stretch.holder_id,
        last_stretch.priority,
        last_stretch.started_at as present_since_at,
        last_stretch.is_calendar_changing
    from {{ ref('int_tickets__settled') }} as settled
    left join {{ ref('int_ticket_intervals__timed') }} as last_stretch
        on settled.ticket_number = last_stretch.ticket_number and last_stretch.is_current
    where settled.exclusion_reason is null
)

select
    t.*,
    {{ local_time('t.created_at', 'day_created') }} as created_local_at,
    {{ local_date('t.first_resolved_at', 'day_first_resolved') }} as first_resolved_date,
    {{ local_date('t.resolved_at', 'day_resolved') }} as resolved_date,
    {{ local_date('t.cutoff_at', 'day_cutoff') }} as cutoff_date
from tickets as t
left join {{ ref('business_days') }} as day_created
    on {{ is_day_of('day_created', 't.calendar_id', 't.created_at') }}
left join {{ ref('business_days') }} as day_first_resolved
    on {{ is_day_of('day_first_resolved', 't.calendar_id', 't.first_resolved_at') }}
left join {{ ref('business_days') }} as day_resolved
    on {{ is_day_of('day_resolved', 't.calendar_id', 't.resolved_at') }}
left join {{ ref('business_days') }} as day_cutoff
    on {{ is_day_of('day_cutoff', 't.calendar_id', 't.cutoff_at') }}
