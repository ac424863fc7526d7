-- One row per ticket that counts: calendar and business microseconds from creation to milestones.
select
    ticket_key,
    {{ elapsed_us('created_us', 'first_replied_us') }} as first_reply_calendar_us,
    {{ elapsed_us('created_open_us', 'first_replied_open_us') }} as first_reply_business_us,
    {{ elapsed_us('created_us', 'first_resolved_us') }} as first_resolution_calendar_us,
    {{ elapsed_us('created_open_us', 'first_resolved_open_us') }} as first_resolution_business_us,
    {{ elapsed_us('created_us', 'resolved_us') }} as full_resolution_calendar_us,
    {{ elapsed_us('created_open_us', 'resolved_open_us') }} as full_resolution_business_us,
    {{ elapsed_us('created_us', 'cutoff_us') }} as age_calendar_us,
    {{ elapsed_us('created_open_us', 'cutoff_open_us') }} as age_business_us
from {{ ref('int_tickets__timed') }}
