-- One row per SLA target: the instant at which it runs out.
with

targets as (
    select
        measured.*,
        row_number() over (order by ticket_number, metric, instance_number) as target_number,
        measured.due_from_open_us + measured.due_left_us as due_open_us
    from {{ ref('int_sla_targets__measured') }} as measured
),

-- One sweep per calendar puts days and targets in order of open time: the last day before a
-- target is the day it falls due. At equal open time the target comes first, so that it falls
-- due at the close of a day, not at the next opening.
sweep as (
    select
        calendar_id,
        open_seconds_before * 1000000 as open_us,
        utc_date,
        cast(null as bigint) as target_number,
        1 as is_day
    from {{ ref('business_days') }}

    union all

    select
        due_calendar_id as calendar_id,
        due_open_us as open_us,
        cast(null as date) as utc_date,
        target_number,
        0 as is_day
    from targets
    where hours_basis = 'business' and due_left_us is not null
),

placed as (
    select
        target_number,
        max(utc_date) over (
            partition by calendar_id
            order by open_us nulls last, is_day, utc_date nulls first, target_number
            rows between unbounded preceding and current row
        ) as due_date
    from sweep
),

due_days as (
    select
        target_number,
        due_date
    from placed
    where target_number is not null
),

remaining as (
    select
        targets.*,
        {%- for piece in range(1, (var('business_day_pieces') | int) + 1) %}
        days.piece_{{ piece }}_open_us,
        days.piece_{{ piece }}_close_us - days.piece_{{ piece }}_open_us as piece_{{ piece }}_us,
        {%- endfor %}
        targets.due_open_us - days.open_seconds_before * 1000000 as piece_1_left_us
    from targets
    left join due_days
        on targets.target_number = due_days.target_number
    left join {{ ref('business_days') }} as days
        on targets.due_calendar_id = days.calendar_id and due_days.due_date = days.utc_date
)

select
    ticket_number,
    metric,
    instance_number,
    policy_id,
    target_seconds,
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
    elapsed_us,
    {% set walked = [] -%}
    case
        when hours_basis = 'calendar'
            then {{ from_epoch_us(epoch_us('due_from_at') ~ ' + due_left_us') }}
        when due_left_us is null then null
        {%- for piece in range(1, (var('business_day_pieces') | int) + 1) %}
        {%- set left = (['piece_1_left_us'] + walked) | join(' - ') %}
        when {{ left }} <= piece_{{ piece }}_us
            then {{ from_epoch_us('piece_' ~ piece ~ '_open_us + ' ~ left) }}
        {%- do walked.append('piece_' ~ piece ~ '_us') %}
        {%- endfor %}
    end as due_at
from remaining
