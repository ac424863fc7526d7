-- One row per team that occurs in a fact, and the unknown team.
select
    member_key as team_key,
    {{ key_tenant('member_key') }} as tenant,
    {{ key_id('member_key') }} as team_id,
    label,
    label_zh
from {{ ref('dim_members') }}
where dimension = 'team'
