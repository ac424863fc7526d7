-- One row per change of a ticket's status, its first status included.
with

status_events as (
    select * from {{ ref('stg_ticket_events') }}
    where status is not null
),

sequenced as (
    select
        ticket_key,
        event_at,
        status,
        row_number() over ticket_life as event_number,
        lag(status) over ticket_life as previous_status
    from status_events
    window ticket_life as (
        partition by ticket_key
        order by
            event_at,
            case when event_type = 'created' then 0 else 1 end,
            extracted_at nulls first,
            record_number,
            event_id
    )
)

select
    ticket_key,
    event_number,
    status,
    previous_status,
    event_at as changed_at,
    {{ is_solved('status') }} and not coalesce({{ is_solved('previous_status') }}, false)
        as is_solving,
    coalesce({{ is_solved('previous_status') }}, false)
    and not {{ is_solved('status') }}
    and not {{ is_withdrawn('status') }} as is_reopening
from sequenced
where previous_status is null or previous_status <> status
