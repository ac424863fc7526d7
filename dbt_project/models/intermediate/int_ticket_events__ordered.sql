-- One row per thing that happened to a ticket, be it told by an event or by a column.
{{ config(materialized = 'view') }}
{% set told_by_columns = [
    ('acknowledged', 'agent', 'acknowledged_at', 'acknowledgements'),
    ('public_reply', 'agent', 'first_replied_at', 'replies'),
    ('arrived', 'agent', 'arrived_at', 'arrivals'),
    ('called_back', 'agent', 'called_back_at', 'callbacks'),
] -%}
with

tickets as (
    select * from {{ ref('int_tickets__described') }}
    where created_at <= {{ as_of() }}
),

happenings as (
    select
        tickets.ticket_number,
        1 as origin_order,
        events.event_type,
        events.actor_type,
        events.status,
        events.stage,
        events.priority,
        events.team_id,
        events.agent_id,
        events.calendar_id,
        -- nothing happens to a ticket before it is created: clocks of two systems may disagree
        greatest(events.event_at, tickets.created_at) as happened_at,
        events.event_at,
        events.extracted_at,
        events.record_number,
        events.event_id
    from {{ ref('stg_ticket_events') }} as events
    left join tickets on events.ticket_number = tickets.ticket_number
    -- events of tickets that never came are counted in mart_data_quality__exclusions
    where tickets.ticket_number is not null

    union all

    -- every life begins at the creation, whether or not an event says so
    select
        ticket_number,
        0 as origin_order,
        'created' as event_type,
        cast(null as varchar) as actor_type,
        case when not has_status_history then 'open' end as status,
        cast(null as varchar) as stage,
        cast(null as varchar) as priority,
        cast(null as varchar) as team_id,
        cast(null as varchar) as agent_id,
        cast(null as varchar) as calendar_id,
        created_at as happened_at,
        created_at as event_at,
        cast(null as timestamp) as extracted_at,
        cast(null as bigint) as record_number,
        '' as event_id
    from tickets

    {% for event_type, actor, instant, kind in told_by_columns -%}
    union all

    select
        ticket_number,
        1 as origin_order,
        '{{ event_type }}' as event_type,
        '{{ actor }}' as actor_type,
        cast(null as varchar) as status,
        cast(null as varchar) as stage,
        cast(null as varchar) as priority,
        cast(null as varchar) as team_id,
        cast(null as varchar) as agent_id,
        cast(null as varchar) as calendar_id,
        greatest({{ instant }}, created_at) as happened_at,
        {{ instant }} as event_at,
        cast(null as timestamp) as extracted_at,
        cast(null as bigint) as record_number,
        -- of what columns tell of one instant, the order is that of the kinds
        '{{ event_type }}' as event_id
    from tickets
    where {{ instant }} is not null and not has_{{ kind }}

    {% endfor -%}
    union all

    -- without a time, it left the backlog when its version was written
    select
        ticket_number,
        2 as origin_order,
        'status_changed' as event_type,
        cast(null as varchar) as actor_type,
        status,
        cast(null as varchar) as stage,
        cast(null as varchar) as priority,
        cast(null as varchar) as team_id,
        cast(null as varchar) as agent_id,
        cast(null as varchar) as calendar_id,
        greatest(coalesce(ended_at, updated_at, created_at), created_at) as happened_at,
        coalesce(ended_at, updated_at, created_at) as event_at,
        cast(null as timestamp) as extracted_at,
        cast(null as bigint) as record_number,
        '' as event_id
    from tickets
    where not has_status_history and not {{ is_in_backlog('status') }}
)

select
    ticket_number,
    row_number() over (
        partition by ticket_number
        order by
            happened_at,
            origin_order,
            event_at,
            case when event_type = 'created' then 0 else 1 end,
            extracted_at nulls first,
            record_number,
            event_id
    ) as event_number,
    event_type,
    actor_type,
    status,
    stage,
    priority,
    team_id,
    agent_id,
    calendar_id,
    happened_at,
    event_at
from happenings
