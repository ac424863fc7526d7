-- An agent is in one state at a time; a source that says otherwise is cut, and told about here.
{{ config(severity = 'warn', meta = {'dagster': {'ref': {'name': 'fct_agent_states'}}}) }}
select
    source,
    count(*) as overlapping_states_count,
    sum(overlap_calendar_seconds) as overlap_calendar_seconds
from {{ ref('fct_agent_states') }}
where overlap_calendar_seconds > 0
group by source
