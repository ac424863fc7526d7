-- One row per survey response of a tenant given up to as_of: its newest version.
with

newest as (
    {{ newest_versions(
        source('raw', 'survey_response'),
        ['response_id', '_tenant'],
        '_extracted_at desc nulls last, extract desc, _record desc',
        'responded_at <= ' ~ as_of()
    ) }}
)

select
    _tenant || ':' || response_id as response_key,
    _tenant as tenant,
    source,
    response_id,
    survey_id,
    instrument_version,
    ticket_id,
    call_id,
    customer_id,
    service_id,
    site_id,
    team_id,
    agent_id,
    channel,
    touchpoint,
    coalesce(weight, 1) as weight,
    coalesce(rater_type, 'customer') as rater_type,
    is_verified,
    nullif(trim(comment), '') as comment,
    responded_at,
    _extracted_at as extracted_at
from newest
