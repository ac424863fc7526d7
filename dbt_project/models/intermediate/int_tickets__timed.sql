-- One row per ticket that counts: its instants as microseconds, open microseconds and local dates.
with

tickets as (
    select * from {{ ref('int_tickets__settled') }}
    where exclusion_reason is null
),

described as (
    select
        tickets.*,
        columns_of.created_at,
        segments.calendar_id,
        sources.cutoff_at
    from tickets
    left join {{ ref('stg_tickets') }} as columns_of
        on tickets.ticket_key = columns_of.ticket_key
    left join {{ ref('int_segments__assigned') }} as segments
        on
            columns_of.tenant = segments.tenant
            and columns_of.source = segments.source
            and coalesce(columns_of.service_id, '') = segments.service_id
            and coalesce(columns_of.team_id, '') = segments.team_id
            and coalesce(columns_of.site_id, '') = segments.site_id
    left join {{ ref('int_sources__dated') }} as sources
        on tickets.source = sources.source
)

select
    t.ticket_key,
    t.calendar_id,
    t.status,
    t.has_events,
    t.has_status_history,
    t.is_reply_known,
    t.agent_reply_count,
    t.replies_until_resolution_count,
    t.reopen_count,
    t.created_at,
    t.first_replied_at,
    t.first_resolved_at,
    t.first_reopened_at,
    t.resolved_at,
    t.left_backlog_at,
    t.cutoff_at,
    {{ epoch_us('t.created_at') }} as created_us,
    {{ epoch_us('t.first_replied_at') }} as first_replied_us,
    {{ epoch_us('t.first_resolved_at') }} as first_resolved_us,
    {{ epoch_us('t.resolved_at') }} as resolved_us,
    {{ epoch_us('t.cutoff_at') }} as cutoff_us,
    {{ open_us_until('t.created_at', 'day_created') }} as created_open_us,
    {{ open_us_until('t.first_replied_at', 'day_replied') }} as first_replied_open_us,
    {{ open_us_until('t.first_resolved_at', 'day_first_resolved') }} as first_resolved_open_us,
    {{ open_us_until('t.resolved_at', 'day_resolved') }} as resolved_open_us,
    {{ open_us_until('t.cutoff_at', 'day_cutoff') }} as cutoff_open_us,
    {{ local_time('t.created_at', 'day_created') }} as created_local_at,
    {{ local_date('t.first_resolved_at', 'day_first_resolved') }} as first_resolved_date,
    {{ local_date('t.resolved_at', 'day_resolved') }} as resolved_date,
    {{ local_date('t.left_backlog_at', 'day_left') }} as left_backlog_date,
    {{ local_date('t.cutoff_at', 'day_cutoff') }} as cutoff_date
from described as t
left join {{ ref('business_days') }} as day_created
    on {{ is_day_of('day_created', 't.calendar_id', 't.created_at') }}
left join {{ ref('business_days') }} as day_replied
    on {{ is_day_of('day_replied', 't.calendar_id', 't.first_replied_at') }}
left join {{ ref('business_days') }} as day_first_resolved
    on {{ is_day_of('day_first_resolved', 't.calendar_id', 't.first_resolved_at') }}
left join {{ ref('business_days') }} as day_resolved
    on {{ is_day_of('day_resolved', 't.calendar_id', 't.resolved_at') }}
left join {{ ref('business_days') }} as day_left
    on {{ is_day_of('day_left', 't.calendar_id', 't.left_backlog_at') }}
left join {{ ref('business_days') }} as day_cutoff
    on {{ is_day_of('day_cutoff', 't.calendar_id', 't.cutoff_at') }}
