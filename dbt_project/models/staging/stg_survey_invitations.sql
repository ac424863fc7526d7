-- One row per invitation of a tenant sent up to as_of: its newest version.
with

newest as (
    {{ newest_versions(
        source('raw', 'survey_invitation'),
        ['invitation_id', '_tenant'],
        '_extracted_at desc nulls last, extract desc, _record desc',
        'sent_at <= ' ~ as_of() ~ ' and not coalesce(is_deleted, false)'
    ) }}
)

select
    newest._tenant || ':' || newest.invitation_id as invitation_key,
    newest._tenant as tenant,
    newest.source,
    newest.invitation_id,
    newest.survey_id,
    newest.response_id,
    newest.ticket_id,
    newest.service_id,
    newest.site_id,
    newest.team_id,
    newest.agent_id,
    newest.channel,
    newest.touchpoint,
    newest.sent_at,
    -- what happens after as_of has not happened yet
    case when newest.bounced_at <= {{ as_of() }} then newest.bounced_at end as bounced_at,
    case when newest.started_at <= {{ as_of() }} then newest.started_at end as started_at,
    case when newest.completed_at <= {{ as_of() }} then newest.completed_at end as completed_at,
    newest._extracted_at as extracted_at
from newest
left join {{ ref('stg_deletions') }} as deletions
    on
        deletions.entity = 'survey_invitation'
        and newest._tenant = deletions.tenant
        and newest.invitation_id = deletions.record_id
where deletions.record_id is null
