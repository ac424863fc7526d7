-- One row per ticket that counts: sums of the stretches of its life, in microseconds.
{% set is_finished = 'stretches.started_at < tickets.status_since_at' -%}
select
    tickets.ticket_number,
{%- for basis in ['calendar', 'business'] %}
    {%- for duration in ticket_durations() %}
    case
        when {{ has_duration(duration, 'tickets') }}
            then cast(coalesce(sum(
                case
                    when {{ counts_for(duration, 'stretches', 'tickets', is_finished) }}
                        then stretches.{{ basis }}_us
                end
            ), 0) as bigint)
    end as {{ duration }}_{{ basis }}_us,
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
