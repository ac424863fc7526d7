-- One row per public reply of an agent; the opening comment of a ticket an agent created is none.
with

events as (
    select * from {{ ref('stg_ticket_events') }}
),

openings as (
    select
        ticket_key,
        min(event_at) as opened_at
    from events
    where event_type = 'created' and actor_type = 'agent'
    group by ticket_key
),

replies as (
    select
        events.ticket_key,
        events.event_id,
        events.event_at as replied_at,
        row_number() over (
            partition by events.ticket_key
            order by
                events.event_at,
                events.extracted_at nulls first,
                events.record_number,
                events.event_id
        ) as comment_number,
        coalesce(events.event_at <= openings.opened_at, false) as is_at_opening
    from events
    left join openings on events.ticket_key = openings.ticket_key
    where
        events.event_type = 'public_reply'
        -- an automation's message answers nobody
        and coalesce(events.actor_type, 'agent') = 'agent'
)

select
    ticket_key,
    event_id,
    replied_at,
    row_number() over (
        partition by ticket_key
        order by comment_number
    ) as reply_number
from replies
where not (comment_number = 1 and is_at_opening)
