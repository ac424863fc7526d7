-- The newest version of a ticket and its last status event say the same.
{{ config(severity = 'warn', meta = {'dagster': {'ref': {'name': 'int_tickets__settled'}}}) }}
select
    tickets.ticket_key,
    tickets.status as status_of_version,
    settled.status as status_of_events
from {{ ref('stg_tickets') }} as tickets
left join {{ ref('int_tickets__settled') }} as settled
    on tickets.ticket_number = settled.ticket_number
where
    settled.has_status_history
    and {{ is_in_backlog('tickets.status') }} <> {{ is_in_backlog('settled.status') }}
