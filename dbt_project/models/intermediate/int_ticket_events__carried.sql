-- One row per thing that happened to a ticket, with its state before and after.
with

events as (
    select
        events.*,
        case when events.event_type in ('created', 'assigned') then events.agent_id end
            as holder_id,
        -- what a priority was before it changed is not told by the change
        case
            when events.priority is not null and events.event_type = 'priority_changed' then ''
            else events.priority
        end as priority_from_start,
        -- an automation's message answers nobody
        events.event_type = 'public_reply' and coalesce(events.actor_type, 'agent') = 'agent'
            as is_agent_comment,
        tickets.team_id as column_team_id,
        tickets.agent_id as column_agent_id,
        tickets.priority as column_priority,
        tickets.calendar_id as column_calendar_id
    from {{ ref('int_ticket_events__ordered') }} as events
    left join {{ ref('int_tickets__described') }} as tickets
        on events.ticket_number = tickets.ticket_number
),

carried as (
    select
        *,
        {%- for state in ['status', 'stage', 'team_id', 'holder_id', 'priority', 'calendar_id'] %}
        {{ last_known(state) }} over so_far as {{ state }}_so_far,
        {%- endfor %}
        {%- for state in ['status', 'stage', 'team_id', 'holder_id'] %}
        {{ last_known(state) }} over until_then as {{ state }}_until_then,
        {%- endfor %}
        {%- for state in ['team_id', 'priority_from_start', 'calendar_id'] %}
        {{ first_known(state) }} over whole_life as first_{{ state }},
        {%- endfor %}
        max(holder_id) over whole_life is not null as tells_holder,
        min(case when event_type = 'created' and actor_type = 'agent' then happened_at end)
            over whole_life as opened_by_agent_at,
        count(case when is_agent_comment or event_type = 'requester_reply' then 1 end)
            over so_far as comment_count,
        lead(happened_at) over so_far as next_happened_at
    from events
    window
        so_far as (
            partition by ticket_number
            order by event_number
            rows between unbounded preceding and current row
        ),
        until_then as (
            partition by ticket_number
            order by event_number
            rows between unbounded preceding and 1 preceding
        ),
        whole_life as (
            partition by ticket_number
            order by event_number
            rows between unbounded preceding and unbounded following
        )
)

select
    ticket_number,
    event_number,
    event_type,
    actor_type,
    agent_id,
    happened_at,
    next_happened_at,
    coalesce(status_until_then, 'new') as status_before,
    coalesce(status_so_far, 'new') as status,
    stage_until_then as stage_before,
    stage_so_far as stage,
    coalesce(team_id_until_then, first_team_id, column_team_id) as team_id_before,
    coalesce(team_id_so_far, first_team_id, column_team_id) as team_id,
    holder_id_until_then as holder_id_before,
    case when tells_holder then holder_id_so_far else column_agent_id end as holder_id,
    case
        when first_priority_from_start is null then column_priority
        else coalesce(priority_so_far, nullif(first_priority_from_start, ''))
    end as priority,
    coalesce(calendar_id_so_far, first_calendar_id, column_calendar_id) as calendar_id,
    -- the opening comment of a ticket that an agent created is no reply
    is_agent_comment
    and not (comment_count = 1 and coalesce(happened_at <= opened_by_agent_at, false))
        as is_agent_reply
from carried
