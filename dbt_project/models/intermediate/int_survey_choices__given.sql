-- One row per answer given: the option chosen or the point of the scale, as text.
{{ config(materialized='view') }}
select
    response_key,
    source,
    survey_key,
    instrument_version,
    question_id,
    measure,
    case
        when answer_option is not null then answer_option
        when score = floor(score) then cast(cast(score as bigint) as varchar)
        else cast(score as varchar)
    end as answer,
    site_key,
    service_key,
    touchpoint,
    responded_date,
    weight
from {{ ref('fct_survey_answers') }}
where answer_state in ('chosen', 'rated')
