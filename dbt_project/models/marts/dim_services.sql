-- One row per service that occurs in a fact or the catalogue, and the unknown service.
with

seen as (
    select
        member_key as service_key,
        label,
        label_zh
    from {{ ref('dim_members') }}
    where dimension = 'service'
),

catalogue as (
    select
        *,
        tenant || ':' || service_id as service_key
    from {{ ref('service_catalogue') }}
)

select
    coalesce(seen.service_key, catalogue.service_key) as service_key,
    {{ key_tenant('coalesce(seen.service_key, catalogue.service_key)') }} as tenant,
    {{ key_id('coalesce(seen.service_key, catalogue.service_key)') }} as service_id,
    {{ member_key('catalogue.tenant', 'catalogue.site_id') }} as site_key,
    catalogue.calendar_id,
    catalogue.owner,
    coalesce(seen.label, catalogue.label) as label,
    coalesce(seen.label_zh, catalogue.label_zh) as label_zh,
    catalogue.service_key is not null as is_in_catalogue
from seen
full outer join catalogue on seen.service_key = catalogue.service_key
