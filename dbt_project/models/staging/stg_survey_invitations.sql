-- One row per invitation of a tenant sent up to as_of: its newest version.
with

newest as (
    {{ newest_versions(
        source('raw', 'survey_invitation'),
        ['invitation_id', '_tenant'],
        '_extracted_at desc nulls last, extract desc, _record desc',
        'sent_at <= ' ~ as_of()
    ) }}
)

select
    _tenant || ':' || invitation_id as invitation_key,
    _tenant as tenant,
    source,
    invitation_id,
    survey_id,
    response_id,
    ticket_id,
    service_id,
    site_id,
    team_id,
    agent_id,
    channel,
    touchpoint,
    sent_at,
    -- what happens after as_of has not happened yet
    case when bounced_at <= {{ as_of() }} then bounced_at end as bounced_at,
    case when started_at <= {{ as_of() }} then started_at end as started_at,
    case when completed_at <= {{ as_of() }} then completed_at end as completed_at,
    _extracted_at as extracted_at
from newest
