-- Business time never passes faster than the clock, and a milestone that happened has a duration.
select ticket_key
from {{ ref('fct_tickets') }}
where
    first_reply_business_seconds > first_reply_calendar_seconds
    or first_resolution_business_seconds > first_resolution_calendar_seconds
    or full_resolution_business_seconds > full_resolution_calendar_seconds
