-- One row per ticket that counts: the members of dimensions it belongs to.
-- team, agent and priority are those of its last stretch: events know them better than an older row
select
    timed.ticket_number,
    tickets.ticket_key,
    tickets.tenant,
    tickets.source,
    tickets.ticket_id,
    tickets.category,
    {{ member_key('tickets.tenant', 'coalesce(tickets.site_id, services.site_id)') }} as site_key,
    {{ member_key('tickets.tenant', 'timed.team_id') }} as team_key,
    {{ member_key('tickets.tenant', 'timed.holder_id') }} as agent_key,
    {{ member_key('tickets.tenant', 'tickets.service_id') }} as service_key,
    {{ member_key('tickets.tenant', 'tickets.customer_id') }} as customer_key,
    {{ member_code('tickets.ticket_type') }} as ticket_type,
    {{ member_code('timed.priority') }} as priority,
    {{ member_code('tickets.channel') }} as channel,
    {{ member_code('tickets.customer_tier') }} as customer_tier,
    {{ member_code('tickets.cause') }} as cause,
    tickets.is_justified,
    tickets.is_source_sla_met,
    tickets.due_at
from {{ ref('int_tickets__timed') }} as timed
left join {{ ref('stg_tickets') }} as tickets
    on timed.ticket_number = tickets.ticket_number
left join {{ ref('service_catalogue') }} as services
    on tickets.tenant = services.tenant and tickets.service_id = services.service_id
