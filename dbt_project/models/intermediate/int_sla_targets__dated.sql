-- One row per SLA target: the instant at which it runs out.
{{ config(materialized = 'view') }}
with

targets as (
    select
        *,
        due_from_open_us + due_left_us as due_open_us
    from {{ ref('int_sla_targets__measured') }}
)

select
    targets.*,
    case
        when targets.hours_basis = 'calendar'
            then {{ from_epoch_us(epoch_us('targets.due_from_at') ~ ' + targets.due_left_us') }}
        else {{ instant_at_open_us('targets.due_open_us', 'span') }}
    end as due_at
from targets
left join {{ ref('open_positions') }} as span
    on {{ is_span_of('span', 'targets.due_calendar_id', 'targets.due_open_us') }}
