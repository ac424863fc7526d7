-- One row per source, month of creation and slice of tickets, open and solved together.
{% set slices = {
    'all': "'all'", 'team': 'team_key', 'service': 'service_key', 'priority': 'priority',
} -%}
with

-- Kaplan and Meier 1958: a solved ticket is an event, an open or withdrawn one leaves unsolved
tickets as (
    select
        fct.source,
        cast(date_trunc('month', fct.created_date) as date) as created_month,
        fct.team_key,
        fct.service_key,
        fct.priority,
        fct.is_resolved,
        {{ whole_seconds(
            epoch_us('coalesce(fct.resolved_at, fct.left_backlog_at, fct.cutoff_at)')
            ~ ' - ' ~ epoch_us('fct.created_at')
        ) }} as followed_seconds
    from {{ ref('fct_tickets') }} as fct
    -- solved, nobody says when: neither an event nor followed
    where not (fct.is_resolved and fct.resolved_at is null)
),

sliced as (
    {% for slice, member in slices.items() -%}
    select
        source,
        created_month,
        '{{ slice }}' as slice,
        {{ member }} as member_key,
        followed_seconds,
        count(*) as leaving_count,
        count(case when is_resolved then 1 end) as resolved_count
    from tickets
    group by all
    {{ 'union all' if not loop.last }}

    {% endfor -%}
),

at_risk as (
    select
        *,
        sum(leaving_count) over (
            partition by source, created_month, slice, member_key
            order by followed_seconds desc nulls last
            rows between unbounded preceding and current row
        ) as at_risk_count
    from sliced
),

-- the share still unsolved: a product over the steps; one step in which all are solved ends at zero
surviving as (
    select
        *,
        case
            when max(case when resolved_count = at_risk_count then 1 else 0 end) over steps = 1
                then 0
            else exp(sum(
                case
                    when resolved_count < at_risk_count
                        then ln(1 - cast(resolved_count as double) / at_risk_count)
                end
            ) over steps)
        end as unsolved_ratio
    from at_risk
    window steps as (
        partition by source, created_month, slice, member_key
        order by followed_seconds
        rows between unbounded preceding and current row
    )
)

select
    source,
    created_month,
    slice,
    member_key,
    cast(sum(leaving_count) as bigint) as ticket_count,
    cast(sum(resolved_count) as bigint) as resolved_count,
    -- a hair above one half: a product of shares is not exact
    min(case when unsolved_ratio <= 0.5 + 1e-12 then followed_seconds end)
        as median_resolution_calendar_seconds,
    max(followed_seconds) as longest_followed_seconds
from surviving
group by source, created_month, slice, member_key
