-- One row per public reply of an agent, and per turn of a requester that nobody has answered.
{{ config(materialized = 'view') }}
with

comments as (
    select
        ticket_number,
        event_number,
        agent_id,
        team_id,
        holder_id,
        happened_at,
        is_agent_reply
    from {{ ref('int_ticket_events__carried') }}
    where is_agent_reply or event_type = 'requester_reply'
),

sequenced as (
    select
        *,
        lag(is_agent_reply) over conversation as was_agent_reply_before,
        row_number() over (
            partition by ticket_number, is_agent_reply
            order by event_number
        ) as reply_number
    from comments
    window conversation as (partition by ticket_number order by event_number)
),

-- several messages of the requester in a row are one turn, which starts with the first
opened as (
    select
        *,
        case when not is_agent_reply and was_agent_reply_before then happened_at end
            as turn_opened_at
    from sequenced
),

followed as (
    select
        *,
        {{ last_known('turn_opened_at') }} over (
            partition by ticket_number
            order by event_number
            rows between unbounded preceding and 1 preceding
        ) as last_turn_opened_at,
        max(case when is_agent_reply then event_number end) over (
            partition by ticket_number
            order by event_number
            rows between 1 following and unbounded following
        ) is not null as is_answered
    from opened
),

turns as (
    select
        ticket_number,
        event_number,
        reply_number,
        agent_id,
        team_id,
        case
            when reply_number = 1 then 'first'
            when not was_agent_reply_before then 'next'
            else 'follow_up'
        end as reply_kind,
        case when reply_number > 1 and not was_agent_reply_before then last_turn_opened_at end
            as turn_opened_at,
        happened_at as replied_at
    from followed
    where is_agent_reply

    union all

    select
        ticket_number,
        event_number,
        cast(null as bigint) as reply_number,
        holder_id as agent_id,
        team_id,
        'next' as reply_kind,
        turn_opened_at,
        cast(null as timestamp) as replied_at
    from followed
    where turn_opened_at is not null and not is_answered
)

select
    turns.ticket_number,
    turns.event_number,
    turns.reply_number,
    turns.agent_id,
    turns.team_id,
    turns.reply_kind,
    tickets.calendar_id,
    case when turns.reply_kind = 'first' then tickets.created_at else turns.turn_opened_at end
        as turn_opened_at,
    turns.replied_at
from turns
left join {{ ref('int_tickets__timed') }} as tickets
    on turns.ticket_number = tickets.ticket_number
where tickets.ticket_number is not null
