-- One row per source with data, and one for the unknown source.
with

sources as (
    select
        source,
        tenant,
        cutoff_at
    from {{ ref('int_sources__dated') }}

    union all

    select
        'unknown' as source,
        'unknown' as tenant,
        cast(null as timestamp) as cutoff_at
)

select
    sources.source,
    sources.tenant,
    coalesce(labels.label, sources.source) as label,
    coalesce(labels.label_zh, labels.label, sources.source) as label_zh,
    sources.cutoff_at
from sources
left join {{ ref('member_labels') }} as labels
    on labels.dimension = 'source' and sources.source = labels.member_key
