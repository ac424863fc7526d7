-- One row per agent, team, line and quarter of an hour [start, end) the agent was signed in.
with

states as (
    select
        *,
        {{ epoch_us('started_at') }} as started_us,
        {{ epoch_us('ended_at') }} as ended_us,
        {{ whole_quotient(epoch_us('started_at'), 900000000) }} as first_quarter,
        -- a state that ends with a quarter is not in the next one
        {{ whole_quotient(epoch_us('ended_at') ~ ' - 1', 900000000) }}
        - {{ whole_quotient(epoch_us('started_at'), 900000000) }} as quarters_crossed
    from {{ ref('fct_agent_states') }}
    where state <> 'offline' and ended_at > started_at
),

-- the lengths that occur are few, so that states can be joined on equality
cuts as (
    select
        lengths.quarters_crossed,
        numbers.n
    from (select distinct quarters_crossed from states) as lengths
    left join {{ ref('whole_numbers') }} as numbers
        on lengths.quarters_crossed >= numbers.n
),

pieces as (
    select
        states.source,
        states.tenant,
        states.calendar_id,
        states.site_key,
        states.line_key,
        states.team_key,
        states.agent_key,
        states.state,
        states.first_quarter + cuts.n as quarter_number,
        least(states.ended_us, (states.first_quarter + cuts.n + 1) * 900000000)
        - greatest(states.started_us, (states.first_quarter + cuts.n) * 900000000) as piece_us
    from states
    left join cuts on states.quarters_crossed = cuts.quarters_crossed
),

quarters as (
    select
        source,
        tenant,
        calendar_id,
        site_key,
        line_key,
        team_key,
        agent_key,
        {{ from_epoch_us('quarter_number * 900000000') }} as interval_started_at,
        {{ whole_seconds("sum(case when state = 'available' then piece_us else 0 end)") }}
            as available_seconds,
        {{ whole_seconds("sum(case when state = 'talk' then piece_us else 0 end)") }}
            as talk_seconds,
        {{ whole_seconds("sum(case when state = 'hold' then piece_us else 0 end)") }}
            as hold_seconds,
        {{ whole_seconds("sum(case when state = 'wrap' then piece_us else 0 end)") }}
            as wrap_seconds,
        {{ whole_seconds("sum(case when state = 'break' then piece_us else 0 end)") }}
            as break_seconds,
        {{ whole_seconds("sum(case when state = 'training' then piece_us else 0 end)") }}
            as training_seconds
    from pieces
    group by
        source,
        tenant,
        calendar_id,
        site_key,
        line_key,
        team_key,
        agent_key,
        quarter_number
)

select
    quarters.*,
    quarters.talk_seconds + quarters.hold_seconds + quarters.wrap_seconds as handle_seconds,
    quarters.talk_seconds + quarters.hold_seconds + quarters.wrap_seconds
    + quarters.available_seconds as staffed_seconds,
    {{ local_time('quarters.interval_started_at', 'day_started') }} as interval_local_at,
    {{ local_date('quarters.interval_started_at', 'day_started') }} as interval_date,
    {{ half_hour_text(local_time('quarters.interval_started_at', 'day_started')) }} as half_hour,
    cast({{ iso_dow(local_date('quarters.interval_started_at', 'day_started')) }} as varchar)
        as iso_weekday
from quarters
left join {{ ref('business_days') }} as day_started
    on {{ is_day_of('day_started', 'quarters.calendar_id', 'quarters.interval_started_at') }}
