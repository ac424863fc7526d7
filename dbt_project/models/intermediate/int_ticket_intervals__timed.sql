-- One row per ticket and stretch of its life in which nothing happened: its state and its length.
{% set bases = ['calendar', 'business'] -%}
with

-- of several things at one instant the last one says what holds from then on
stretches as (
    select
        states.ticket_number,
        states.event_number,
        states.event_type as started_by,
        states.status,
        states.stage,
        states.team_id,
        states.holder_id,
        states.priority,
        coalesce(states.calendar_id, segments.calendar_id) as calendar_id,
        states.happened_at as started_at,
        coalesce(states.next_happened_at, greatest(tickets.cutoff_at, states.happened_at))
            as ended_at,
        states.next_happened_at is null as is_current
    from {{ ref('int_ticket_events__carried') }} as states
    left join {{ ref('int_tickets__described') }} as tickets
        on states.ticket_number = tickets.ticket_number
    left join {{ ref('int_segments__assigned') }} as segments
        on
            tickets.tenant = segments.tenant
            and tickets.source = segments.source
            and coalesce(tickets.service_id, '') = segments.service_id
            and coalesce(states.team_id, '') = segments.team_id
            and coalesce(tickets.site_id, '') = segments.site_id
    where states.next_happened_at is null or states.next_happened_at > states.happened_at
),

timed as (
    select
        stretches.*,
        {{ epoch_us('stretches.ended_at') }} - {{ epoch_us('stretches.started_at') }}
            as calendar_us,
        {{ open_us_until('stretches.started_at', 'day_started') }} as started_open_us,
        {{ open_us_until('stretches.ended_at', 'day_ended') }} as ended_open_us,
        {{ local_date('stretches.started_at', 'day_started') }} as started_date
    from stretches
    left join {{ ref('business_days') }} as day_started
        on {{ is_day_of('day_started', 'stretches.calendar_id', 'stretches.started_at') }}
    left join {{ ref('business_days') }} as day_ended
        on {{ is_day_of('day_ended', 'stretches.calendar_id', 'stretches.ended_at') }}
),

measured as (
    select
        *,
        ended_open_us - started_open_us as business_us
    from timed
)

-- what lay before each stretch, in all and in the statuses that may stop a clock
select
    *,
    {%- for basis in bases %}
    cast(coalesce(sum({{ basis }}_us) over life_before, 0) as bigint) as {{ basis }}_us_before,
    {%- for pause, condition in [
        ('pending', "status = 'pending'"),
        ('on_hold', "status = 'on_hold'"),
        ('solved', 'not ' ~ is_in_backlog('status')),
    ] %}
    cast(
        coalesce(sum(case when {{ condition }} then {{ basis }}_us end) over life_before, 0)
        as bigint
    ) as {{ pause }}_{{ basis }}_us_before,
    {%- endfor %}
    {%- endfor %}
    min(calendar_id) over whole_life <> max(calendar_id) over whole_life as is_calendar_changing
from measured
window
    life_before as (
        partition by ticket_number
        order by event_number
        rows between unbounded preceding and 1 preceding
    ),
    whole_life as (
        partition by ticket_number
        order by event_number
        rows between unbounded preceding and unbounded following
    )
