-- One row per tenant, source, service, team and site in the data: the calendar its clocks run on.
with

events as (
    -- a ticket is in a segment of every team that ever held it
    select
        tickets.tenant,
        tickets.source,
        coalesce(tickets.service_id, '') as service_id,
        coalesce(states.team_id, '') as team_id,
        coalesce(tickets.site_id, '') as site_id,
        states.happened_at
    from {{ ref('int_ticket_events__carried') }} as states
    left join {{ ref('int_tickets__described') }} as tickets
        on states.ticket_number = tickets.ticket_number

    union all

    select
        tenant,
        source,
        '' as service_id,
        coalesce(team_id, '') as team_id,
        coalesce(site_id, '') as site_id,
        started_at as happened_at
    from {{ ref('stg_agent_states') }}

{% for model, instant in {
    'stg_calls': 'started_at',
    'stg_survey_responses': 'responded_at',
    'stg_survey_invitations': 'sent_at',
}.items() %}
    union all

    select
        tenant,
        source,
        coalesce(service_id, '') as service_id,
        coalesce(team_id, '') as team_id,
        coalesce(site_id, '') as site_id,
        {{ instant }} as happened_at
    from {{ ref(model) }}
    {% endfor %}
),

segments as (
    select
        tenant,
        source,
        service_id,
        team_id,
        site_id,
        min(happened_at) as first_happened_at
    from events
    group by tenant, source, service_id, team_id, site_id
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
        segments.first_happened_at,
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
    first_happened_at,
    calendar_id
from ranked
where assignment_rank = 1
