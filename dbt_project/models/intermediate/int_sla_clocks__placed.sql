-- One row per started clock that a policy may speak of: the stretch in which it was started.
select
    started.*,
    tickets.segment_number,
    tickets.due_at,
    coalesce(stretches.priority, '') as priority,
    periods.period_date,
    stretches.calendar_id as started_calendar_id,
    stretches.started_open_us,
    stretches.calendar_us_before as started_calendar_us,
    stretches.business_us_before as started_business_us,
    stretches.pending_calendar_us_before as started_pending_calendar_us,
    stretches.pending_business_us_before as started_pending_business_us,
    stretches.on_hold_calendar_us_before as started_on_hold_calendar_us,
    stretches.on_hold_business_us_before as started_on_hold_business_us,
    stretches.solved_calendar_us_before as started_solved_calendar_us,
    stretches.solved_business_us_before as started_solved_business_us
from {{ ref('int_sla_clocks__started') }} as started
left join {{ ref('int_sla_segments__numbered') }} as tickets
    on started.ticket_number = tickets.ticket_number
left join {{ ref('int_ticket_intervals__timed') }} as stretches
    on
        started.ticket_number = stretches.ticket_number
        and started.started_at = stretches.started_at
left join {{ ref('int_sla_periods__dated') }} as periods
    on stretches.started_date = periods.started_date
where
    started.metric = 'resolution'
    or started.metric in (select policies.metric from {{ ref('sla_policies') }} as policies)
