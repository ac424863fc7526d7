-- Every instant of a ticket that counts lies inside its calendar. A calendar that ends too early is
-- an error: lengthen its seeds (known_until, holidays) or the range of business_days.
select
    ticket_key,
    calendar_id
from {{ ref('int_tickets__timed') }}
where
    created_open_us is null
    or cutoff_open_us is null
    or (first_replied_us is not null and first_replied_open_us is null)
    or (first_resolved_us is not null and first_resolved_open_us is null)
    or (resolved_us is not null and resolved_open_us is null)
    or (left_backlog_at is not null and left_backlog_date is null)
