-- One row per tenant with ticket events: which kinds of event its sources ever report.
select
    tenant,
    count(*) filter (where event_type = 'public_reply') > 0 as reports_replies,
    count(*) filter (where event_type = 'acknowledged') > 0 as reports_acknowledgements,
    count(*) filter (where event_type = 'arrived') > 0 as reports_arrivals,
    count(*) filter (where event_type = 'called_back') > 0 as reports_callbacks,
    count(*) filter (where event_type = 'escalated') > 0 as reports_escalations
from {{ ref('stg_ticket_events') }}
group by tenant
