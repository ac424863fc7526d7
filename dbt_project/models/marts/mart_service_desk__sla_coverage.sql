-- One row per service of the catalogue, and whether a policy promises a resolution for it.
with

services as (
    select
        tenant,
        service_id,
        site_id
    from {{ ref('service_catalogue') }}
),

policies as (
    select
        policy_id,
        tenant,
        service_id,
        site_id
    from {{ ref('sla_policies') }}
    where
        metric = 'resolution'
        and coalesce(valid_from, cast({{ as_of() }} as date)) <= cast({{ as_of() }} as date)
        and (valid_until is null or valid_until > cast({{ as_of() }} as date))
)

select
    {{ member_key('services.tenant', 'services.service_id') }} as service_key,
    {{ member_key('services.tenant', 'services.site_id') }} as site_key,
    cast({{ as_of() }} as date) as checked_date,
    count(policies.policy_id) > 0 as has_policy
from services
left join policies
    on
        coalesce(policies.tenant, services.tenant) = services.tenant
        and coalesce(policies.service_id, services.service_id) = services.service_id
        and coalesce(policies.site_id, services.site_id, '') = coalesce(services.site_id, '')
group by services.tenant, services.service_id, services.site_id
