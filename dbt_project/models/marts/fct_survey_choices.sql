-- One row per day, segment, question and answer: how many could give it and how many did.
{% set cell %}source, survey_key, instrument_version, question_id, measure, site_key, service_key, touchpoint, responded_date{% endset -%}
with

chosen as (
    select
        {{ cell }},
        answer,
        count(*) as chosen_count,
        sum(weight) as chosen_weight
    from {{ ref('int_survey_choices__given') }}
    group by {{ cell }}, answer
),

-- who chose three options answered once
respondents as (
    select
        {{ cell }},
        response_key,
        max(weight) as weight
    from {{ ref('int_survey_choices__given') }}
    group by {{ cell }}, response_key
),

asked as (
    select
        {{ cell }},
        count(*) as asked_count,
        sum(weight) as asked_weight,
        sum(weight * weight) as asked_squared_weight
    from respondents
    group by {{ cell }}
),

answers as (
    select
        survey_key,
        question_id,
        measure,
        answer
    from chosen
    group by survey_key, question_id, measure, answer
)

select
    asked.source,
    asked.survey_key,
    asked.instrument_version,
    asked.question_id,
    asked.measure,
    answers.answer,
    asked.site_key,
    asked.service_key,
    asked.touchpoint,
    asked.responded_date,
    coalesce(chosen.chosen_count, 0) as chosen_count,
    asked.asked_count,
    coalesce(chosen.chosen_weight, 0) as chosen_weight,
    asked.asked_weight,
    asked.asked_squared_weight
from asked
left join answers
    on
        asked.survey_key = answers.survey_key
        and asked.question_id = answers.question_id
        and asked.measure = answers.measure
left join chosen
    on
        asked.source = chosen.source
        and asked.survey_key = chosen.survey_key
        and asked.instrument_version = chosen.instrument_version
        and asked.question_id = chosen.question_id
        and asked.measure = chosen.measure
        and asked.site_key = chosen.site_key
        and asked.service_key = chosen.service_key
        and asked.touchpoint = chosen.touchpoint
        and asked.responded_date = chosen.responded_date
        and answers.answer = chosen.answer
