-- One row per SLA target: what its clock has counted, and from where its due time is to be counted.
with

targets as (
    select * from {{ ref('int_sla_targets__clocked') }}
),

followed as (
    select
        ticket_number,
        metric,
        instance_number,
        max(counted_until_us) as counted_us,
        max(case when is_breaching then calendar_id end) as breach_calendar_id,
        max(case when is_breaching then started_open_us end) as breach_open_us,
        max(case when is_breaching then started_at end) as breach_started_at,
        max(case when is_breaching then counted_until_us - counted_us end) as breach_counted_us
    from {{ ref('int_sla_stretches__counted') }}
    group by ticket_number, metric, instance_number
),

joined as (
    select
        targets.*,
        coalesce(followed.counted_us, targets.counted_us) as elapsed_us,
        followed.breach_calendar_id,
        followed.breach_open_us,
        followed.breach_started_at,
        targets.target_us - followed.breach_counted_us as breach_left_us
    from targets
    left join followed
        on
            targets.ticket_number = followed.ticket_number
            and targets.metric = followed.metric
            and targets.instance_number = followed.instance_number
)

-- an unbroken clock runs out a target after its start; a broken one in the stretch in which it
-- did, or so much after it was read as was left
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
    read_calendar_id,
    started_at,
    ended_at,
    case when clock_state <> 'unknown' then elapsed_us end as elapsed_us,
    case
        when not is_broken then started_calendar_id
        else coalesce(breach_calendar_id, read_calendar_id)
    end as due_calendar_id,
    case
        when not is_broken then started_at
        else coalesce(breach_started_at, ended_at)
    end as due_from_at,
    case
        when not is_broken then started_open_us
        when breach_open_us is not null then breach_open_us
        -- read_calendar_id is the calendar of the stretch in which the clock was read
        else ended_open_us
    end as due_from_open_us,
    case
        when clock_state in ('cancelled', 'unknown') then null
        when not is_broken and (not is_paused_now or elapsed_us >= target_us)
            then target_us
        when breach_left_us is not null then breach_left_us
        when is_paused_now then null
        else target_us - elapsed_us
    end as due_left_us
from joined
