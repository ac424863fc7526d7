-- One row per response with a comment.
with

themes as (
    select
        response_key,
        count(*) as theme_count
    from {{ ref('int_survey_comments__themed') }}
    group by response_key
)

select
    responses.response_key,
    facts.tenant,
    facts.source,
    facts.survey_key,
    facts.site_key,
    facts.team_key,
    facts.agent_key,
    facts.service_key,
    facts.channel,
    facts.touchpoint,
    facts.rater_type,
    responses.comment,
    coalesce(themes.theme_count, 0) as theme_count,
    facts.responded_at,
    facts.responded_date
from {{ ref('stg_survey_responses') }} as responses
left join {{ ref('fct_survey_responses') }} as facts
    on responses.response_key = facts.response_key
left join themes
    on responses.response_key = themes.response_key
where responses.comment is not null
