-- One row per SLA target: what its clock has counted by the hours of the stretches themselves.
with

targets as (
    select
        matched.*,
        matched.pausing_statuses like '%pending%'
        or matched.metric in ('requester_wait', 'agent_work') as pauses_pending,
        matched.pausing_statuses like '%on_hold%'
        or matched.metric = 'agent_work' as pauses_on_hold,
        matched.pausing_statuses like '%solved%'
        or matched.metric in ('requester_wait', 'agent_work') as pauses_solved,
        -- a clock that nothing stopped is read at the end of the present stretch
        case
            when matched.clock_state = 'stopped' then matched.stopped_at
            when matched.clock_state = 'running' then tickets.present_since_at
            else greatest(tickets.left_backlog_at, matched.started_at)
        end as read_at,
        matched.clock_state = 'running' as is_running,
        tickets.is_calendar_changing
    from {{ ref('int_sla_policies__matched') }} as matched
    left join {{ ref('int_tickets__timed') }} as tickets
        on matched.ticket_number = tickets.ticket_number
),

read as (
    select
        targets.*,
        last_stretch.calendar_id as read_calendar_id,
        last_stretch.status as read_status,
        case when targets.is_running then last_stretch.ended_at else targets.read_at end
            as ended_at,
        case
            when targets.is_running then last_stretch.ended_open_us
            else last_stretch.started_open_us
        end as ended_open_us,
    {%- for basis in ['calendar', 'business'] %}
    last_stretch.{{ basis }}_us_before - targets.started_{{ basis }}_us
    + case when targets.is_running then last_stretch.{{ basis }}_us else 0 end
        as {{ basis }}_us,
    {{ sla_paused_us(basis, 'targets', 'last_stretch') }}
        as paused_{{ basis }}_us
    {{- ',' if not loop.last }}
    {%- endfor %}
    from targets
    left join {{ ref('int_ticket_intervals__timed') }} as last_stretch
        on
            targets.ticket_number = last_stretch.ticket_number
            and targets.read_at = last_stretch.started_at
)

select
    ticket_number,
    metric,
    instance_number,
    policy_id,
    target_us,
    hours_basis,
    pausing_statuses,
    schedule_mode,
    priority,
    clock_state,
    pauses_pending,
    pauses_on_hold,
    pauses_solved,
    started_calendar_id,
    read_calendar_id,
    started_open_us,
    ended_open_us,
    started_at,
    ended_at,
    case
        when hours_basis = 'business' then business_us - paused_business_us
        else calendar_us - paused_calendar_us
    end as counted_us,
    -- such a clock has to be followed stretch by stretch
    paused_calendar_us > 0
    or (hours_basis = 'business' and is_calendar_changing) as is_broken,
    is_running
    and (
        (pauses_pending and read_status = 'pending')
        or (pauses_on_hold and read_status = 'on_hold')
        or (pauses_solved and not {{ is_in_backlog('read_status') }})
    ) as is_paused_now
from read
