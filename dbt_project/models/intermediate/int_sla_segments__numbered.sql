-- One row per ticket that counts: the number of its combination of what policies tell apart.
with

tickets as (
    select
        timed.ticket_number,
        stg.tenant,
        coalesce(stg.service_id, '') as service_id,
        coalesce(stg.ticket_type, '') as ticket_type,
        coalesce(stg.customer_tier, '') as customer_tier,
        coalesce(stg.site_id, services.site_id, '') as site_id,
        coalesce(stg.channel, '') as channel,
        stg.due_at
    from {{ ref('int_tickets__timed') }} as timed
    left join {{ ref('stg_tickets') }} as stg
        on timed.ticket_number = stg.ticket_number
    left join {{ ref('service_catalogue') }} as services
        on stg.tenant = services.tenant and stg.service_id = services.service_id
)

select
    *,
    dense_rank() over (
        order by tenant, service_id, ticket_type, customer_tier, site_id, channel
    ) as segment_number
from tickets
