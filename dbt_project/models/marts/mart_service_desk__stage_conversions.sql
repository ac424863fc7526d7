-- One row per day, segment, stage entered and stage that may follow it.
with

visits as (
    select
        entered_date,
        tenant,
        source,
        site_key,
        service_key,
        ticket_type,
        priority,
        stage,
        next_stage,
        count(*) as visit_count
    from {{ ref('fct_ticket_stages') }}
    -- where a visit leads is not known while its ticket is open in it
    where not is_open
    group by all
),

-- every stage that ever followed this one in the organisation may follow it
pairs as (
    select distinct
        tenant,
        stage,
        next_stage
    from visits
),

entered as (
    select
        entered_date,
        tenant,
        source,
        site_key,
        service_key,
        ticket_type,
        priority,
        stage,
        sum(visit_count) as entered_count
    from visits
    group by all
)

select
    entered.entered_date,
    entered.source,
    entered.site_key,
    entered.service_key,
    entered.ticket_type,
    entered.priority,
    entered.stage,
    pairs.next_stage,
    cast(entered.entered_count as bigint) as entered_count,
    coalesce(visits.visit_count, 0) as converted_count
from entered
left join pairs
    on entered.tenant = pairs.tenant and entered.stage = pairs.stage
left join visits
    on
        entered.entered_date = visits.entered_date
        and entered.source = visits.source
        and entered.site_key = visits.site_key
        and entered.service_key = visits.service_key
        and entered.ticket_type = visits.ticket_type
        and entered.priority = visits.priority
        and entered.stage = visits.stage
        and pairs.next_stage = visits.next_stage
