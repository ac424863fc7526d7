-- Two routes, one number: a target is breached exactly when its clock stopped after its due time.
-- In a closed hour business time stands still, so that elapsed = target is met whatever the clock.
{{ config(meta = {'dagster': {'ref': {'name': 'fct_sla_targets'}}}) }}
select
    sla_target_key,
    state,
    due_at,
    ended_at,
    elapsed_seconds,
    target_seconds
from {{ ref('fct_sla_targets') }}
where
    state in ('met', 'breached')
    and due_at is not null
    and elapsed_seconds <> target_seconds
    and (ended_at > due_at) <> (state = 'breached')
