-- One row per ticket: its columns as far as they had happened, and what its source can say.
with

tickets as (
    select
        tickets.*,
        coalesce(tickets.site_id, services.site_id) as place_id,
        {%- for instant in [
            'acknowledged_at', 'first_replied_at', 'arrived_at', 'called_back_at', 'updated_at'
        ] %}
        case when tickets.{{ instant }} <= {{ as_of() }} then tickets.{{ instant }} end
            as known_{{ instant }},
        {%- endfor %}
        coalesce(tickets.resolved_at, tickets.closed_at) as ended_at
    from {{ ref('stg_tickets') }} as tickets
    left join {{ ref('service_catalogue') }} as services
        on tickets.tenant = services.tenant and tickets.service_id = services.service_id
),

lives as (
    select
        ticket_number,
        count(status) as status_count
    from {{ ref('stg_ticket_events') }}
    where ticket_number is not null
    group by ticket_number
),

-- a source that never fills a column cannot say that the thing did not happen
columns_of_source as (
    select
        source,
        count(first_replied_at) > 0 as fills_replies,
        count(acknowledged_at) > 0 as fills_acknowledgements,
        count(arrived_at) > 0 as fills_arrivals,
        count(called_back_at) > 0 as fills_callbacks
    from tickets
    group by source
)

select
    tickets.ticket_number,
    tickets.ticket_key,
    tickets.tenant,
    tickets.source,
    tickets.site_id,
    tickets.place_id,
    tickets.service_id,
    tickets.team_id,
    tickets.agent_id,
    tickets.priority,
    tickets.calendar_id,
    tickets.disposition,
    tickets.is_deleted,
    tickets.created_at,
    tickets.known_acknowledged_at as acknowledged_at,
    tickets.known_first_replied_at as first_replied_at,
    tickets.known_arrived_at as arrived_at,
    tickets.known_called_back_at as called_back_at,
    tickets.known_updated_at as updated_at,
    tickets.ended_at,
    case
        when {{ is_in_backlog('tickets.status') }} then tickets.status
        when tickets.ended_at > {{ as_of() }} then 'open'
        else tickets.status
    end as status,
    sources.cutoff_at,
    lives.ticket_number is not null as has_events,
    coalesce(lives.status_count, 0) > 0 as has_status_history,
    {%- for kind in ['replies', 'acknowledgements', 'arrivals', 'callbacks'] %}
    lives.ticket_number is not null and coalesce(tenants.reports_{{ kind }}, false)
        as has_{{ kind }},
    (lives.ticket_number is not null and coalesce(tenants.reports_{{ kind }}, false))
    or columns_of_source.fills_{{ kind }} as knows_{{ kind }},
    {%- endfor %}
    lives.ticket_number is not null and coalesce(tenants.reports_escalations, false)
        as knows_escalations
from tickets
left join lives on tickets.ticket_number = lives.ticket_number
left join {{ ref('int_tenants__known') }} as tenants on tickets.tenant = tenants.tenant
left join columns_of_source on tickets.source = columns_of_source.source
left join {{ ref('int_sources__dated') }} as sources on tickets.source = sources.source
