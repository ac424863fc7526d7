-- One row per comment and theme.
select
    themes.response_key,
    themes.theme,
    comments.source,
    comments.survey_key,
    comments.site_key,
    comments.team_key,
    comments.agent_key,
    comments.service_key,
    comments.channel,
    comments.touchpoint,
    comments.responded_date
from {{ ref('int_survey_comments__themed') }} as themes
left join {{ ref('fct_survey_comments') }} as comments
    on themes.response_key = comments.response_key
