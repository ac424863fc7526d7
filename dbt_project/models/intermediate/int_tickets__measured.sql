-- One row per ticket that counts: sums of the stretches of its life, in microseconds.
{% set milestones = [
    ('first_reply', 'first_replied_at'),
    ('first_resolution', 'first_resolved_at'),
    ('full_resolution', 'resolved_at'),
] -%}
{% set waits = [
    ('requester_wait', "stretches.status in ('new', 'open', 'on_hold')"),
    ('agent_wait', "stretches.status = 'pending'"),
    ('on_hold', "stretches.status = 'on_hold'"),
    ('agent_work', "stretches.status in ('new', 'open')"),
] -%}
select
    tickets.ticket_number,
    {%- for basis in ['calendar', 'business'] %}
    {%- for milestone, instant in milestones %}
    case
        when tickets.{{ instant }} is not null
            then cast(coalesce(sum(
                case
                    when stretches.ended_at <= tickets.{{ instant }}
                        then stretches.{{ basis }}_us
                end
            ), 0) as bigint)
    end as {{ milestone }}_{{ basis }}_us,
    {%- endfor %}
    {%- for wait, condition in waits %}
    -- of finished visits of a status: what the ticket waits for now has no length yet
    case
        when tickets.has_status_history
            then cast(coalesce(sum(
                case
                    when {{ condition }} and stretches.started_at < tickets.status_since_at
                        then stretches.{{ basis }}_us
                end
            ), 0) as bigint)
    end as {{ wait }}_{{ basis }}_us,
    {%- endfor %}
    cast(sum(stretches.{{ basis }}_us) as bigint) as age_{{ basis }}_us
    {{- ',' if not loop.last }}
    {%- endfor %}
from {{ ref('int_tickets__timed') }} as tickets
left join {{ ref('int_ticket_intervals__timed') }} as stretches
    on tickets.ticket_number = stretches.ticket_number
group by
    tickets.ticket_number,
    tickets.first_replied_at,
    tickets.first_resolved_at,
    tickets.resolved_at,
    tickets.has_status_history,
    tickets.status_since_at
