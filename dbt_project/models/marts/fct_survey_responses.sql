-- One row per survey response.
with

responses as (
    select
        responses.*,
        services.site_id as service_site_id,
        segments.calendar_id
    from {{ ref('stg_survey_responses') }} as responses
    left join {{ ref('service_catalogue') }} as services
        on responses.tenant = services.tenant and responses.service_id = services.service_id
    left join {{ ref('int_segments__assigned') }} as segments
        on
            responses.tenant = segments.tenant
            and responses.source = segments.source
            and coalesce(responses.service_id, '') = segments.service_id
            and coalesce(responses.team_id, '') = segments.team_id
            and coalesce(responses.site_id, '') = segments.site_id
),

keyed as (
    select
        responses.*,
        tenant || ':' || ticket_id as ticket_key,
        tenant || ':' || coalesce(site_id, service_site_id) as own_site_key,
        tenant || ':' || team_id as own_team_key,
        tenant || ':' || agent_id as own_agent_key,
        tenant || ':' || service_id as own_service_key,
        tenant || ':' || customer_id as own_customer_key,
        {{ local_date('responses.responded_at', 'day_responded') }} as responded_date
    from responses
    left join {{ ref('business_days') }} as day_responded
        on {{ is_day_of('day_responded', 'responses.calendar_id', 'responses.responded_at') }}
)

-- what the response does not say itself is taken from the ticket it followed
select
    keyed.response_key,
    keyed.tenant,
    keyed.response_id,
    keyed.source,
    keyed.calendar_id,
    {{ member_key('keyed.tenant', 'keyed.survey_id') }} as survey_key,
    coalesce(keyed.own_site_key, tickets.site_key, 'unknown') as site_key,
    coalesce(keyed.own_team_key, tickets.team_key, 'unknown') as team_key,
    coalesce(keyed.own_agent_key, tickets.agent_key, 'unknown') as agent_key,
    coalesce(keyed.own_service_key, tickets.service_key, 'unknown') as service_key,
    coalesce(keyed.own_customer_key, tickets.customer_key, 'unknown') as customer_key,
    keyed.ticket_key,
    keyed.tenant || ':' || keyed.call_id as call_key,
    {{ member_code('keyed.channel') }} as channel,
    {{ member_code('keyed.touchpoint') }} as touchpoint,
    {{ member_code('tickets.priority') }} as priority,
    {{ member_code('tickets.customer_tier') }} as customer_tier,
    {{ member_code('tickets.ticket_type') }} as ticket_type,
    {{ member_code('keyed.instrument_version') }} as instrument_version,
    keyed.rater_type,
    keyed.is_verified,
    keyed.weight,
    keyed.responded_at,
    keyed.responded_date
from keyed
left join {{ ref('fct_tickets') }} as tickets
    on keyed.ticket_key = tickets.ticket_key
