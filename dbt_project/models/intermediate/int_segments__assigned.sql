-- One row per tenant, source, service, team and site in the data: the calendar its clocks run on.
with

segments as (
    select
        tenant,
        source,
        coalesce(service_id, '') as service_id,
        coalesce(team_id, '') as team_id,
        coalesce(site_id, '') as site_id
    from {{ ref('stg_tickets') }}

    union

    select
        tenant,
        source,
        coalesce(service_id, '') as service_id,
        coalesce(team_id, '') as team_id,
        coalesce(site_id, '') as site_id
    from {{ ref('stg_calls') }}

    union

    select
        tenant,
        source,
        coalesce(service_id, '') as service_id,
        coalesce(team_id, '') as team_id,
        coalesce(site_id, '') as site_id
    from {{ ref('stg_survey_responses') }}

    union

    select
        tenant,
        source,
        coalesce(service_id, '') as service_id,
        coalesce(team_id, '') as team_id,
        coalesce(site_id, '') as site_id
    from {{ ref('stg_survey_invitations') }}
),

assignments as (
    select
        tenant,
        source,
        service_id,
        team_id,
        site_id,
        calendar_id
    from {{ ref('calendar_assignments') }}

    union all

    select
        tenant,
        cast(null as varchar) as source,
        service_id,
        cast(null as varchar) as team_id,
        cast(null as varchar) as site_id,
        calendar_id
    from {{ ref('service_catalogue') }}
),

ranked as (
    select
        segments.tenant,
        segments.source,
        segments.service_id,
        segments.team_id,
        segments.site_id,
        assignments.calendar_id,
        row_number() over (
            partition by
                segments.tenant,
                segments.source,
                segments.service_id,
                segments.team_id,
                segments.site_id
            order by
                case when assignments.service_id is null then 0 else 16 end
                + case when assignments.team_id is null then 0 else 8 end
                + case when assignments.site_id is null then 0 else 4 end
                + case when assignments.source is null then 0 else 2 end
                + case when assignments.tenant is null then 0 else 1 end desc,
                assignments.calendar_id asc
        ) as assignment_rank
    from segments
    left join assignments
        on
            coalesce(assignments.tenant, segments.tenant) = segments.tenant
            and coalesce(assignments.source, segments.source) = segments.source
            and coalesce(assignments.service_id, segments.service_id) = segments.service_id
            and coalesce(assignments.team_id, segments.team_id) = segments.team_id
            and coalesce(assignments.site_id, segments.site_id) = segments.site_id
)

select
    tenant,
    source,
    service_id,
    team_id,
    site_id,
    calendar_id
from ranked
where assignment_rank = 1
