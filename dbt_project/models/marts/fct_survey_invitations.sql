-- One row per survey invitation.
with

invitations as (
    select
        invitations.*,
        services.site_id as service_site_id,
        segments.calendar_id
    from {{ ref('stg_survey_invitations') }} as invitations
    left join {{ ref('service_catalogue') }} as services
        on invitations.tenant = services.tenant and invitations.service_id = services.service_id
    left join {{ ref('int_segments__assigned') }} as segments
        on
            invitations.tenant = segments.tenant
            and invitations.source = segments.source
            and coalesce(invitations.service_id, '') = segments.service_id
            and coalesce(invitations.team_id, '') = segments.team_id
            and coalesce(invitations.site_id, '') = segments.site_id
),

keyed as (
    select
        invitations.*,
        tenant || ':' || ticket_id as ticket_key,
        tenant || ':' || response_id as response_key,
        {{ local_date('invitations.sent_at', 'day_sent') }} as sent_date
    from invitations
    left join {{ ref('business_days') }} as day_sent
        on {{ is_day_of('day_sent', 'invitations.calendar_id', 'invitations.sent_at') }}
),

-- who answers was reached and has started, whatever the log of the sending system says
reached as (
    select
        keyed.*,
        keyed.completed_at is not null or responses.response_key is not null as is_completed
    from keyed
    left join {{ ref('stg_survey_responses') }} as responses
        on keyed.response_key = responses.response_key
)

select
    reached.invitation_key,
    reached.tenant,
    reached.source,
    reached.calendar_id,
    {{ member_key('reached.tenant', 'reached.survey_id') }} as survey_key,
    coalesce(
        reached.tenant || ':' || coalesce(reached.site_id, reached.service_site_id),
        tickets.site_key, 'unknown'
    ) as site_key,
    coalesce(reached.tenant || ':' || reached.team_id, tickets.team_key, 'unknown') as team_key,
    coalesce(reached.tenant || ':' || reached.agent_id, tickets.agent_key, 'unknown') as agent_key,
    coalesce(reached.tenant || ':' || reached.service_id, tickets.service_key, 'unknown')
        as service_key,
    {{ member_code('reached.channel') }} as channel,
    {{ member_code('reached.touchpoint') }} as touchpoint,
    reached.response_key,
    reached.bounced_at is not null and reached.started_at is null and not reached.is_completed
        as is_bounced,
    reached.started_at is not null or reached.is_completed as is_started,
    reached.is_completed,
    reached.sent_at,
    reached.sent_date
from reached
left join {{ ref('fct_tickets') }} as tickets
    on reached.ticket_key = tickets.ticket_key
