-- One row per tenant, line, queue, service and local day of calls, with the target in force.
with

segments as (
    select distinct
        tenant,
        coalesce(line_id, '') as line_id,
        coalesce(queue_id, '') as queue_id,
        coalesce(service_id, '') as service_id,
        started_date
    from {{ ref('int_calls__timed') }}

    union

    -- what staffing is planned with: the line as a whole
    select distinct
        tenant,
        coalesce(line_id, '') as line_id,
        '' as queue_id,
        '' as service_id,
        started_date
    from {{ ref('int_calls__timed') }}
),

ranked as (
    select
        segments.tenant,
        segments.line_id,
        segments.queue_id,
        segments.service_id,
        segments.started_date,
        targets.call_target_id,
        targets.answer_within_seconds,
        targets.short_abandon_seconds,
        targets.target_ratio,
        targets.max_occupancy_ratio,
        targets.shrinkage_ratio,
        row_number() over (
            partition by
                segments.tenant,
                segments.line_id,
                segments.queue_id,
                segments.service_id,
                segments.started_date
            order by {{ call_specificity('targets') }} desc nulls last, targets.call_target_id asc
        ) as target_rank
    from segments
    left join {{ ref('call_targets') }} as targets
        on
            coalesce(targets.tenant, segments.tenant) = segments.tenant
            and coalesce(targets.line_id, segments.line_id) = segments.line_id
            and coalesce(targets.queue_id, segments.queue_id) = segments.queue_id
            and coalesce(targets.service_id, segments.service_id) = segments.service_id
            and segments.started_date
            >= coalesce(targets.valid_from, date '0001-01-01')
            and segments.started_date
            < coalesce(targets.valid_until, date '9999-12-31')
)

select
    tenant,
    line_id,
    queue_id,
    service_id,
    started_date,
    call_target_id,
    answer_within_seconds,
    short_abandon_seconds,
    target_ratio,
    max_occupancy_ratio,
    shrinkage_ratio
from ranked
where target_rank = 1
