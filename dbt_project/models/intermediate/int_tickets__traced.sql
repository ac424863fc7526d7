-- One row per ticket that has events: its life as the events tell it.
with

events as (
    select * from {{ ref('stg_ticket_events') }}
),

lives as (
    select
        ticket_key,
        count(*) as event_count
    from events
    group by ticket_key
),

solutions as (
    select
        ticket_key,
        max_by(status, event_number) as status,
        min(changed_at) filter (where is_solving) as first_resolved_at,
        max(changed_at) filter (where is_solving) as last_resolved_at,
        min(changed_at) filter (where is_reopening) as first_reopened_at,
        count(*) filter (where is_reopening) as reopen_count
    from {{ ref('int_status_changes__ordered') }}
    group by ticket_key
),

replies as (
    select
        numbered.ticket_key,
        min(numbered.replied_at) as first_replied_at,
        count(*) as agent_reply_count,
        count(*) filter (
            where numbered.replied_at <= solutions.first_resolved_at
        ) as replies_until_resolution_count
    from {{ ref('int_replies__numbered') }} as numbered
    left join solutions on numbered.ticket_key = solutions.ticket_key
    group by numbered.ticket_key
)

select
    lives.ticket_key,
    lives.event_count,
    solutions.status,
    solutions.reopen_count,
    coalesce(replies.agent_reply_count, 0) as agent_reply_count,
    coalesce(replies.replies_until_resolution_count, 0) as replies_until_resolution_count,
    replies.first_replied_at,
    solutions.first_resolved_at,
    solutions.last_resolved_at,
    solutions.first_reopened_at
from lives
left join solutions on lives.ticket_key = solutions.ticket_key
left join replies on lives.ticket_key = replies.ticket_key
