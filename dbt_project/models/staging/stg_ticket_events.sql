-- One row per event of a ticket that happened up to as_of.
with

versions as (
    select * from {{ source('raw', 'ticket_event') }}
    where event_at <= {{ as_of() }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by _tenant, source, event_id
            order by _extracted_at desc nulls last, extract desc, _record desc
        ) as version_rank
    from versions
)

select
    _tenant || ':' || ticket_id as ticket_key,
    _tenant as tenant,
    source,
    event_id,
    event_type,
    actor_type,
    status,
    event_at,
    _extracted_at as extracted_at,
    _record as record_number
from ranked
where version_rank = 1
