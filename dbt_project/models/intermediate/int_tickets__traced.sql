-- One row per ticket created up to as_of: its life as the things that happened tell it.
{{ config(materialized = 'view') }}
with

events as (
    select
        *,
        status <> status_before
        and {{ is_solved('status') }}
        and not {{ is_solved('status_before') }} as is_solving,
        {{ is_solved('status_before') }} and {{ is_in_backlog('status') }} as is_reopening
    from {{ ref('int_ticket_events__carried') }}
),

lives as (
    select
        ticket_number,
        max_by(status, event_number) as status,
        max(case when status <> status_before then happened_at end) as status_since_at,
        min(case when is_solving then happened_at end) as first_resolved_at,
        max(case when is_solving then happened_at end) as last_resolved_at,
        min(case when is_reopening then happened_at end) as first_reopened_at,
        max(
            case
                when {{ is_withdrawn('status') }} and not {{ is_withdrawn('status_before') }}
                    then happened_at
            end
        ) as withdrawn_at,
        count(case when is_reopening then 1 end) as reopen_count,
        min(case when event_type = 'acknowledged' then happened_at end) as acknowledged_at,
        min(case when event_type = 'arrived' then happened_at end) as arrived_at,
        count(case when event_type = 'escalated' then 1 end) as escalation_count,
        count(case when team_id <> team_id_before then 1 end) as team_reassignment_count,
        count(case when holder_id <> holder_id_before then 1 end) as agent_reassignment_count,
        -- visits of teams less the teams: how often it came back to one
        count(case when team_id <> team_id_before then 1 end) + least(count(team_id), 1)
        - count(distinct team_id) as returned_team_count,
        min(case when is_agent_reply then happened_at end) as first_replied_at,
        count(case when is_agent_reply then 1 end) as agent_reply_count
    from events
    group by ticket_number
),

after_solution as (
    select
        lives.ticket_number,
        count(
            case
                when events.is_agent_reply and events.happened_at <= lives.first_resolved_at
                    then 1
            end
        ) as replies_until_resolution_count,
    {%- for place in ['first', 'last'] %}
    min(
        case
            when
                events.event_type = 'called_back'
                and events.happened_at >= lives.{{ place }}_resolved_at
                then events.happened_at
        end
    ) as {{ place }}_called_back_at
    {{- ',' if not loop.last }}
    {%- endfor %}
    from lives
    left join events
        on
            lives.ticket_number = events.ticket_number
            and (events.is_agent_reply or events.event_type = 'called_back')
    group by lives.ticket_number
)

select
    lives.*,
    after_solution.replies_until_resolution_count,
    after_solution.first_called_back_at,
    after_solution.last_called_back_at
from lives
left join after_solution on lives.ticket_number = after_solution.ticket_number
