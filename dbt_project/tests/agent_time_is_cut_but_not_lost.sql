-- The quarters of an hour hold all the time of the states, to the second each row rounds away.
{{ config(meta = {'dagster': {'ref': {'name': 'fct_agent_intervals'}}}) }}
with

sums as (
    select
        (
            select coalesce(sum(state_calendar_seconds), 0)
            from {{ ref('fct_agent_states') }}
            where state <> 'offline'
        ) as state_seconds,
        (
            select coalesce(sum(staffed_seconds + break_seconds + training_seconds), 0)
            from {{ ref('fct_agent_intervals') }}
        ) as interval_seconds,
        (select 6 * count(*) from {{ ref('fct_agent_intervals') }})
        + (select count(*) from {{ ref('fct_agent_states') }}) as rounding_seconds
)

select * from sums
where abs(state_seconds - interval_seconds) > rounding_seconds
