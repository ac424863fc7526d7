-- Every instant of a ticket lies inside its calendar. A calendar that ends too early is an error:
-- lengthen its seeds (known_until, holidays) or the range of business_days.
select
    ticket_number,
    calendar_id
from {{ ref('int_ticket_intervals__timed') }}
where calendar_id is null or business_us is null
