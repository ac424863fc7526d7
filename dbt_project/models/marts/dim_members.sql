-- One row per dimension and member: its names in English and Chinese.
with

services as (
    select
        'service' as dimension,
        tenant || ':' || service_id as member_key,
        label,
        label_zh
    from {{ ref('service_catalogue') }}
),

labels as (
    select
        dimension,
        member_key,
        label,
        label_zh
    from {{ ref('member_labels') }}
    where dimension <> 'service'

    union all

    select
        dimension,
        member_key,
        label,
        label_zh
    from services
),

named as (
    select
        members.dimension,
        members.member_key,
        case
            when members.member_key = 'unknown' then 'Unknown'
            -- the colon of an hour of the day is part of its name
            when members.dimension in ('half_hour', 'created_hour') then members.member_key
            else coalesce(
                labels.label,
                -- a key is tenant:id, a code has no colon
                substr(members.member_key, position(':' in members.member_key) + 1)
            )
        end as label,
        case
            when members.member_key = 'unknown' then '未知'
            else labels.label_zh
        end as label_zh
    from {{ ref('int_members__seen') }} as members
    left join labels
        on members.dimension = labels.dimension and members.member_key = labels.member_key
)

select
    dimension,
    member_key,
    label,
    coalesce(label_zh, label) as label_zh
from named
