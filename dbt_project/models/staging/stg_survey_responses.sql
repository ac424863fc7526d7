-- One row per survey response of a tenant given up to as_of: its newest version.
with

newest as (
    {{ newest_versions(
        source('raw', 'survey_response'),
        ['response_id', '_tenant'],
        '_extracted_at desc nulls last, extract desc, _record desc',
        'responded_at <= ' ~ as_of() ~ ' and not coalesce(is_deleted, false)'
    ) }}
)

select
    newest._tenant || ':' || newest.response_id as response_key,
    newest._tenant as tenant,
    newest.source,
    newest.response_id,
    newest.survey_id,
    newest.instrument_version,
    newest.ticket_id,
    newest.call_id,
    newest.customer_id,
    newest.service_id,
    newest.site_id,
    newest.team_id,
    newest.agent_id,
    newest.channel,
    newest.touchpoint,
    coalesce(newest.weight, 1) as weight,
    coalesce(newest.rater_type, 'customer') as rater_type,
    newest.is_verified,
    nullif(trim(newest.comment), '') as comment,
    newest.responded_at,
    newest._extracted_at as extracted_at
from newest
left join {{ ref('stg_deletions') }} as deletions
    on
        deletions.entity = 'survey_response'
        and newest._tenant = deletions.tenant
        and newest.response_id = deletions.record_id
where deletions.record_id is null
