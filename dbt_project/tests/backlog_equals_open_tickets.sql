-- Two routes, one number: the backlog of a source's last day and its open tickets; the created flow
-- of all days and its tickets.
{{ config(meta = {'dagster': {'ref': {'name': 'fct_backlog_daily'}}}) }}
with

swept as (
    select
        source,
        sum(closing_count) filter (where backlog_date = last_date) as open_count,
        sum(created_count) as ticket_count
    from (
        select
            *,
            max(backlog_date) over (partition by source) as last_date
        from {{ ref('fct_backlog_daily') }}
    ) as days
    group by source
),

counted as (
    select
        source,
        count(*) filter (where is_open) as open_count,
        count(*) as ticket_count
    from {{ ref('fct_tickets') }}
    group by source
)

select
    coalesce(swept.source, counted.source) as source,
    swept.open_count as swept_open_count,
    counted.open_count as counted_open_count
from swept
full outer join counted on swept.source = counted.source
where
    coalesce(swept.open_count, -1) <> coalesce(counted.open_count, -1)
    or coalesce(swept.ticket_count, -1) <> coalesce(counted.ticket_count, -1)
