-- Two routes, one number: a target is breached exactly when its clock stopped after its due time.
-- In a closed hour business time stands still, so that elapsed = target is met whatever the clock.
{{ config(meta = {'dagster': {'ref': {'name': 'fct_sla_targets'}}}) }}
with

targets as (
    select
        targets.sla_target_key,
        targets.state,
        targets.due_at,
        targets.elapsed_seconds,
        targets.target_seconds,
        case
            when targets.metric = 'resolution' then tickets.resolved_at
            else least(
                tickets.first_replied_at, tickets.first_resolved_at, tickets.resolved_at
            )
        end as stopped_at
    from {{ ref('fct_sla_targets') }} as targets
    left join {{ ref('fct_tickets') }} as tickets
        on targets.ticket_key = tickets.ticket_key
)

select * from targets
where
    stopped_at is not null
    and due_at is not null
    and elapsed_seconds <> target_seconds
    and (stopped_at > due_at) <> (state = 'breached')
