-- A reply or solution before the ticket's creation has no duration: clocks of the source disagree.
{{ config(severity = 'warn') }}
select
    ticket_key,
    created_at,
    first_replied_at,
    first_resolved_at,
    resolved_at
from {{ ref('fct_tickets') }}
where least(first_replied_at, first_resolved_at, resolved_at) < created_at
