-- One row per ticket that came by phone, with whether a call of record became it.
with

linked as (
    select
        ticket_key,
        min(started_at) as first_called_at,
        count(*) as calls_count
    from {{ ref('fct_calls') }}
    where ticket_key is not null
    group by ticket_key
),

-- a tenant whose calls never name a ticket cannot say which tickets had one
abilities as (
    select
        tenant,
        count(ticket_key) > 0 as reports_tickets
    from {{ ref('fct_calls') }}
    group by tenant
)

select
    tickets.ticket_key,
    tickets.tenant,
    tickets.source,
    tickets.site_key,
    tickets.team_key,
    tickets.agent_key,
    tickets.service_key,
    tickets.priority,
    coalesce(linked.calls_count, 0) as calls_count,
    case when abilities.reports_tickets then linked.ticket_key is not null end as has_call,
    linked.first_called_at,
    tickets.created_at,
    tickets.created_date
from {{ ref('fct_tickets') }} as tickets
left join linked on tickets.ticket_key = linked.ticket_key
left join abilities on tickets.tenant = abilities.tenant
where tickets.channel = 'phone'
