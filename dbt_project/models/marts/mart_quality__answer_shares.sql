-- One row per questionnaire, question and answer: its share with Wilson's interval.
with

answers as (
    select
        survey_key,
        question_id,
        measure,
        answer,
        cast(sum(chosen_count) as bigint) as chosen_count,
        cast(sum(asked_count) as bigint) as asked_count
    from {{ ref('fct_survey_choices') }}
    group by survey_key, question_id, measure, answer
)

select
    survey_key,
    question_id,
    measure,
    answer,
    chosen_count,
    asked_count,
    cast(chosen_count as double) / nullif(asked_count, 0) as share_ratio,
    {{ wilson_low('chosen_count', 'asked_count') }} as share_low_ratio,
    {{ wilson_high('chosen_count', 'asked_count') }} as share_high_ratio
from answers
