-- One row per day and segment, from the segment's first ticket to its source's last day.
with

flows as (
    select
        *,
        -- numbers make the sweep cheap; they are not kept
        dense_rank() over (
            order by
                source,
                calendar_id,
                site_key,
                team_key,
                service_key,
                channel,
                priority,
                customer_tier,
                ticket_type
        ) as segment_number
    from {{ ref('int_backlog__flowed') }}
),

-- every segment of a source ends on the same day, so that the last day holds all of them
cutoffs as (
    select
        attributed.source,
        max(timed.cutoff_date) as cutoff_date
    from {{ ref('int_tickets__timed') }} as timed
    left join {{ ref('int_tickets__attributed') }} as attributed
        on timed.ticket_number = attributed.ticket_number
    group by attributed.source
),

segments as (
    select
        flows.segment_number,
        flows.source,
        flows.calendar_id,
        flows.site_key,
        flows.team_key,
        flows.service_key,
        flows.channel,
        flows.priority,
        flows.customer_tier,
        flows.ticket_type,
        min(flows.backlog_date) as first_date
    from flows
    group by all
),

spine as (
    select
        segments.segment_number,
        dates.date_day as backlog_date
    from segments
    left join cutoffs on segments.source = cutoffs.source
    inner join {{ ref('dim_dates') }} as dates
        on segments.first_date <= dates.date_day and cutoffs.cutoff_date >= dates.date_day
),

daily as (
    select
        spine.segment_number,
        spine.backlog_date,
        coalesce(flows.created_count, 0) as created_count,
        coalesce(flows.resolved_count, 0) as resolved_count,
        coalesce(flows.reopened_count, 0) as reopened_count,
        coalesce(flows.cancelled_count, 0) as cancelled_count
    from spine
    left join flows
        on
            spine.segment_number = flows.segment_number
            and spine.backlog_date = flows.backlog_date
),

swept as (
    select
        *,
        cast(
            sum(created_count - resolved_count + reopened_count - cancelled_count) over (
                partition by segment_number
                order by backlog_date
                rows between unbounded preceding and current row
            ) as bigint
        ) as closing_count
    from daily
)

select
    swept.backlog_date,
    segments.source,
    segments.calendar_id,
    segments.site_key,
    segments.team_key,
    segments.service_key,
    segments.channel,
    segments.priority,
    segments.customer_tier,
    segments.ticket_type,
    swept.closing_count - swept.created_count + swept.resolved_count - swept.reopened_count
    + swept.cancelled_count as opening_count,
    swept.created_count,
    swept.resolved_count,
    swept.reopened_count,
    swept.cancelled_count,
    swept.closing_count
from swept
left join segments on swept.segment_number = segments.segment_number
