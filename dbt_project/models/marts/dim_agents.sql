-- One row per agent that occurs in a fact, and the unknown agent.
select
    member_key as agent_key,
    {{ key_tenant('member_key') }} as tenant,
    {{ key_id('member_key') }} as agent_id,
    label,
    label_zh
from {{ ref('dim_members') }}
where dimension = 'agent'
