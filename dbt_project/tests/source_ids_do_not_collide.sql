-- Two sources of one tenant do not use the same number for different calls or responses.
{{ config(meta = {'dagster': {'ref': {'name': 'stg_calls'}}}) }}
select
    'call' as entity,
    _tenant,
    call_id as id
from {{ source('raw', 'call') }}
group by _tenant, call_id
having count(distinct source) > 1

union all

select
    'survey_response' as entity,
    _tenant,
    response_id as id
from {{ source('raw', 'survey_response') }}
group by _tenant, response_id
having count(distinct source) > 1
