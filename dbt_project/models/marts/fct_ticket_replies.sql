-- One row per public reply of an agent, and per turn of a requester that nobody has answered.
with

timed as (
    select
        turns.*,
        {%- for basis in ['calendar', 'business'] %}
        reply_stretch.{{ basis }}_us_before - turn_stretch.{{ basis }}_us_before
            as {{ basis }}_us,
        {%- endfor %}
        {{ local_date('coalesce(turns.replied_at, turns.turn_opened_at)', 'day_replied') }}
            as reply_date
    from {{ ref('int_ticket_replies__turned') }} as turns
    left join {{ ref('int_ticket_intervals__timed') }} as turn_stretch
        on
            turns.ticket_number = turn_stretch.ticket_number
            and turns.turn_opened_at = turn_stretch.started_at
    left join {{ ref('int_ticket_intervals__timed') }} as reply_stretch
        on
            turns.ticket_number = reply_stretch.ticket_number
            and turns.replied_at = reply_stretch.started_at
    left join {{ ref('business_days') }} as day_replied
        on {{ is_day_of(
            'day_replied', 'turns.calendar_id', 'coalesce(turns.replied_at, turns.turn_opened_at)'
        ) }}
)

select
    tickets.ticket_key || ':' || timed.event_number as reply_key,
    tickets.ticket_key,
    tickets.source,
    tickets.site_key,
    {{ member_key('tickets.tenant', 'timed.team_id') }} as team_key,
    {{ member_key('tickets.tenant', 'timed.agent_id') }} as agent_key,
    tickets.service_key,
    tickets.ticket_type,
    tickets.priority,
    tickets.channel,
    tickets.customer_tier,
    timed.reply_kind,
    timed.reply_number,
    {{ whole_seconds('timed.calendar_us') }} as reply_calendar_seconds,
    {{ whole_seconds('timed.business_us') }} as reply_business_seconds,
    timed.replied_at is not null as is_answered,
    timed.turn_opened_at,
    timed.replied_at,
    timed.reply_date
from timed
left join {{ ref('int_tickets__attributed') }} as tickets
    on timed.ticket_number = tickets.ticket_number
