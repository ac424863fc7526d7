-- One row per ticket and SLA metric: the instant at which its target runs out.
with

targets as (
    select
        matched.*,
        timed.calendar_id,
        timed.created_us,
        timed.created_open_us + matched.target_seconds * 1000000 as due_open_us
    from {{ ref('int_sla_policies__matched') }} as matched
    left join {{ ref('int_tickets__timed') }} as timed
        on matched.ticket_key = timed.ticket_key
),

-- One sweep per calendar puts days and targets in order of open time: the last day before a
-- target is the day it falls due. At equal open time the target comes first, so that it falls
-- due at the close of a day, not at the next opening.
sweep as (
    select
        calendar_id,
        open_seconds_before * 1000000 as open_us,
        utc_date,
        cast(null as varchar) as ticket_key,
        cast(null as varchar) as metric,
        1 as is_day
    from {{ ref('business_days') }}

    union all

    select
        calendar_id,
        due_open_us as open_us,
        cast(null as date) as utc_date,
        ticket_key,
        metric,
        0 as is_day
    from targets
    where hours_basis = 'business'
),

placed as (
    select
        ticket_key,
        metric,
        max(utc_date) over (
            partition by calendar_id
            order by open_us nulls last, is_day, utc_date nulls first, ticket_key, metric
            rows between unbounded preceding and current row
        ) as due_date
    from sweep
),

due_days as (
    select
        ticket_key,
        metric,
        due_date
    from placed
    where ticket_key is not null
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
        on targets.ticket_key = due_days.ticket_key and targets.metric = due_days.metric
    left join {{ ref('business_days') }} as days
        on targets.calendar_id = days.calendar_id and due_days.due_date = days.utc_date
)

select
    ticket_key,
    metric,
    policy_id,
    target_seconds,
    hours_basis,
    {% set walked = [] -%}
    case
        when hours_basis = 'calendar'
            then {{ from_epoch_us('created_us + target_seconds * 1000000') }}
        {%- for piece in range(1, (var('business_day_pieces') | int) + 1) %}
        {%- set left = (['piece_1_left_us'] + walked) | join(' - ') %}
        when {{ left }} <= piece_{{ piece }}_us
            then {{ from_epoch_us('piece_' ~ piece ~ '_open_us + ' ~ left) }}
        {%- do walked.append('piece_' ~ piece ~ '_us') %}
        {%- endfor %}
    end as due_at
from remaining
