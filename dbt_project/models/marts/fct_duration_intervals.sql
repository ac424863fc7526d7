-- One row per duration of a ticket and stretch of its life: counted or not.
{{ config(materialized = 'view') }}
{% for duration in ticket_durations() -%}
select
    tickets.ticket_key,
    '{{ duration }}' as duration,
    intervals.interval_number,
    intervals.status,
    intervals.started_at,
    intervals.ended_at,
    intervals.calendar_id,
    {{ counts_for(duration, 'intervals', 'tickets', 'not intervals.is_status_current') }}
        as is_counted,
    {%- for basis in ['calendar', 'business'] %}
    case
        when {{ counts_for(duration, 'intervals', 'tickets', 'not intervals.is_status_current') }}
            then intervals.{{ basis }}_seconds
        else 0
    end as counted_{{ basis }}_seconds,
    {%- endfor %}
{%- for basis in ['calendar', 'business'] %}
tickets.{{ duration }}_{{ basis }}_seconds as {{ basis }}_seconds
{{- ',' if not loop.last }}
{%- endfor %}
from {{ ref('fct_ticket_intervals') }} as intervals
left join {{ ref('fct_tickets') }} as tickets
    on intervals.ticket_key = tickets.ticket_key
where {{ has_duration(duration, 'tickets') }}
{{ 'union all' if not loop.last }}

{% endfor -%}
