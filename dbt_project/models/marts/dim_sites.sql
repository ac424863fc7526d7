-- One row per site that occurs in a fact, and the unknown site.
select
    member_key as site_key,
    {{ key_tenant('member_key') }} as tenant,
    {{ key_id('member_key') }} as site_id,
    label,
    label_zh
from {{ ref('dim_members') }}
where dimension = 'site'
