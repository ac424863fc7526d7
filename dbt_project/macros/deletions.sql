{# Rows of an entity that a source deleted, one per key: the newest version among the extracts made
   up to as_of tells of a deletion, or comes from a source whose newest whole table lacks the key.
   The variable `deletes` names the entity's sources, each with the instant of that table; it is
   null for a source that tells of deletes by tombstones alone. Nothing is read for an entity
   without such a source. #}
{% macro deleted_rows(entity, keys, record_id, newest_first) -%}
{%- set sources = var('deletes').get(entity, {}) -%}
select
    tenant,
    source,
    '{{ entity }}' as entity,
    record_id
from (
{%- if sources %}
    select
        _tenant as tenant,
        source,
        {{ record_id }} as record_id,
        coalesce(is_deleted, false) as is_tombstone,
        max(case when coalesce(is_deleted, false) then 0 else 1 end)
            over (partition by _tenant, {{ keys | join(', ') }}) as was_alive,
        max(case when not coalesce(is_deleted, false) then _extracted_at end)
            over (partition by _tenant, {{ keys | join(', ') }}, source) as seen_at,
        row_number() over (
            partition by _tenant, {{ keys | join(', ') }} order by {{ newest_first }}
        ) as version_rank
    from {{ source('raw', entity) }}
    where _extracted_at is null or _extracted_at <= {{ as_of() }}
{%- else %}
    select
        cast(null as varchar) as tenant,
        cast(null as varchar) as source,
        cast(null as varchar) as record_id,
        false as is_tombstone,
        0 as was_alive,
        cast(null as timestamp) as seen_at,
        0 as version_rank
    where false
{%- endif %}
) as versions
where
    version_rank = 1
    and was_alive = 1
    and (
        is_tombstone
        {%- for source, whole_at in sources.items() if whole_at %}
        or (source = '{{ source }}' and seen_at < cast('{{ whole_at }}' as timestamp))
        {%- endfor %}
    )
{%- endmacro %}
