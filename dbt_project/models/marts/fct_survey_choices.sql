-- One row per day, segment, question and answer: how many could give it and how many did.
{% set cell %}source, survey_key, instrument_version, question_id, measure, site_key, service_key, touchpoint, responded_date{% endset -%}
with

-- who chose three options was asked once, and is counted with the first of them
given as (
    select
        {{ cell }},
        answer,
        weight,
        1 as answer_rank
    from {{ ref('int_survey_choices__given') }}
    where measure not in ('option', 'tag')

    union all

    select
        {{ cell }},
        answer,
        weight,
        row_number() over (
            partition by response_key, question_id, measure order by answer asc
        ) as answer_rank
    from {{ ref('int_survey_choices__given') }}
    where measure in ('option', 'tag')
),

chosen as (
    select
        {{ cell }},
        answer,
        count(*) as chosen_count,
        sum(weight) as chosen_weight,
        sum(case when answer_rank = 1 then 1 else 0 end) as asked_count,
        sum(case when answer_rank = 1 then weight end) as asked_weight,
        sum(case when answer_rank = 1 then weight * weight end) as asked_squared_weight
    from given
    group by {{ cell }}, answer
),

asked as (
    select
        {{ cell }},
        sum(asked_count) as asked_count,
        sum(asked_weight) as asked_weight,
        sum(asked_squared_weight) as asked_squared_weight
    from chosen
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
    cast(asked.asked_count as bigint) as asked_count,
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
