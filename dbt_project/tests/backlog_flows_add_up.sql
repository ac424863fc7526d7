-- closing = opening + created - resolved + reopened - cancelled, and opens where yesterday closed.
with

days as (
    select
        *,
        lag(closing_count, 1, 0) over (
            partition by
                source,
                calendar_id,
                site_key,
                team_key,
                service_key,
                channel,
                priority,
                customer_tier,
                ticket_type
            order by backlog_date
        ) as closed_yesterday_count
    from {{ ref('fct_backlog_daily') }}
)

select
    backlog_date,
    source,
    team_key,
    opening_count,
    closed_yesterday_count,
    closing_count
from days
where
    closing_count
    <> opening_count + created_count - resolved_count + reopened_count - cancelled_count
    or opening_count <> closed_yesterday_count
