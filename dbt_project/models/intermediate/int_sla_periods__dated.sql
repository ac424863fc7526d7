-- One row per date on which a stretch begins: the first date on which the same policies were valid.
{{ config(materialized = 'view') }}
with

days as (
    select distinct started_date
    from {{ ref('int_ticket_intervals__timed') }}
),

-- between two of these dates no policy begins or ends
turns as (
    select valid_from as turn_date from {{ ref('sla_policies') }}
    union all
    select valid_until as turn_date from {{ ref('sla_policies') }}
    union all
    select min(started_date) as turn_date from days
)

select
    days.started_date,
    max(turns.turn_date) as period_date
from days
left join turns on days.started_date >= turns.turn_date
group by days.started_date
