-- One row per source, hot line and half hour: agents needed (planning estimate) and seats.
with

-- Erlang C by Erlang B = P(N) / (P(0) + … + P(N)), P the Poisson probabilities of the load; those
-- twelve standard deviations below it add nothing
terms as (
    select
        loaded.*,
        numbers.n,
        exp(numbers.n * ln(loaded.load_erlangs) - numbers.ln_factorial - loaded.load_erlangs)
            as probability
    from {{ ref('int_staffing__loaded') }} as loaded
    left join {{ ref('whole_numbers') }} as numbers
        on
            numbers.n >= loaded.load_erlangs - 12 * sqrt(loaded.load_erlangs) - 12
            and numbers.n <= greatest(
                loaded.load_erlangs / coalesce(loaded.max_occupancy_ratio, 1)
                + 6 * sqrt(loaded.load_erlangs) + 20,
                loaded.staffed_agents_count
            )
    where loaded.load_erlangs > 0
),

blocked as (
    select
        *,
        probability / nullif(sum(probability) over (
            partition by staffing_key order by n asc
            rows between unbounded preceding and current row
        ), 0) as blocking_ratio
    from terms
),

waiting as (
    select
        *,
        case
            when n <= load_erlangs then 1.0
            else blocking_ratio / (1 - (load_erlangs / n) * (1 - blocking_ratio))
        end as wait_ratio
    from blocked
),

served as (
    select
        *,
        case
            when n <= load_erlangs then 0.0
            else 1 - wait_ratio * exp(
                -(n - load_erlangs) * answer_within_seconds / average_handle_seconds
            )
        end as service_level_ratio,
        -- the queue of too few agents grows without end: no mean
        case
            when n > load_erlangs
                then wait_ratio * average_handle_seconds / (n - load_erlangs)
        end as answer_seconds
    from waiting
),

answers as (
    select
        staffing_key,
        min(
            case
                when
                    service_level_ratio >= target_ratio
                    and load_erlangs <= n * coalesce(max_occupancy_ratio, 1) + 1e-9
                    then n
            end
        ) as needed_agents_count,
        max(case when n = staffed_agents_count then wait_ratio end) as estimated_wait_ratio,
        max(case when n = staffed_agents_count then service_level_ratio end)
            as estimated_service_level_ratio,
        max(case when n = staffed_agents_count then answer_seconds end)
            as estimated_answer_seconds
    from served
    group by staffing_key
)

select
    loaded.staffing_key,
    loaded.source,
    loaded.line_key,
    loaded.calendar_id,
    loaded.offered_count,
    loaded.average_handle_seconds,
    loaded.load_erlangs,
    loaded.staffed_seconds,
    loaded.staffed_agents_count,
    answers.estimated_wait_ratio,
    answers.estimated_service_level_ratio,
    answers.estimated_answer_seconds,
    case when loaded.load_erlangs = 0 then 0 else answers.needed_agents_count end
        as needed_agents_count,
    -- people on the rota, so that the agents needed are there when others are away
    case
        when loaded.load_erlangs = 0 then 0
        else cast(
            ceil(answers.needed_agents_count / (1 - loaded.shrinkage_ratio) - 1e-9) as bigint
        )
    end as needed_scheduled_count,
    case when loaded.load_erlangs = 0 then 0 else answers.needed_agents_count end * 1800
        as needed_seconds,
    loaded.staffed_seconds
    < case when loaded.load_erlangs = 0 then 0 else answers.needed_agents_count end * 1800
        as is_understaffed,
    loaded.half_hour_started_at,
    loaded.interval_date,
    loaded.half_hour,
    loaded.iso_weekday
from {{ ref('int_staffing__loaded') }} as loaded
left join answers on loaded.staffing_key = answers.staffing_key
