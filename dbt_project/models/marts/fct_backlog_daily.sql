-- One row per day and segment, from the segment's first ticket to its source's last day.
with

flows as (
    select
        *,
        source || '|' || calendar_id || '|' || site_key || '|' || team_key || '|' || service_key
        || '|' || channel || '|' || priority || '|' || customer_tier || '|' || ticket_type
            as segment
    from {{ ref('int_backlog__flowed') }}
),

-- every segment of a source ends on the same day, so that the last day holds all of them
cutoffs as (
    select
        attributed.source,
        max(timed.cutoff_date) as cutoff_date
    from {{ ref('int_tickets__timed') }} as timed
    left join {{ ref('int_tickets__attributed') }} as attributed
        on timed.ticket_key = attributed.ticket_key
    group by attributed.source
),

segments as (
    select
        flows.segment,
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
        segments.*,
        dates.date_day as backlog_date
    from segments
    left join cutoffs
        on segments.source = cutoffs.source
    inner join {{ ref('dim_dates') }} as dates
        on dates.date_day >= segments.first_date and dates.date_day <= cutoffs.cutoff_date
),

daily as (
    select
        spine.*,
        coalesce(flows.created_count, 0) as created_count,
        coalesce(flows.resolved_count, 0) as resolved_count,
        coalesce(flows.reopened_count, 0) as reopened_count,
        coalesce(flows.cancelled_count, 0) as cancelled_count
    from spine
    left join flows
        on spine.segment = flows.segment and spine.backlog_date = flows.backlog_date
),

swept as (
    select
        *,
        cast(
            sum(created_count - resolved_count + reopened_count - cancelled_count) over (
                partition by segment
                order by backlog_date
                rows between unbounded preceding and current row
            ) as bigint
        ) as closing_count
    from daily
)

select
    backlog_date,
    source,
    calendar_id,
    site_key,
    team_key,
    service_key,
    channel,
    priority,
    customer_tier,
    ticket_type,
    closing_count - created_count + resolved_count - reopened_count + cancelled_count
        as opening_count,
    created_count,
    resolved_count,
    reopened_count,
    cancelled_count,
    closing_count
from swept
