-- One row per questionnaire, version and item rated for importance and for performance.
{% set version = 'partition by survey_key, instrument_version' -%}
with

means as (
    select
        max(source) as source,
        survey_key,
        instrument_version,
        question_id,
        max(dimension) as dimension,
        avg(case when measure = 'importance' then item_score end) as importance_mean,
        count(case when measure = 'importance' then item_score end) as importance_count,
        avg(case when measure <> 'importance' then item_score end) as performance_mean,
        count(case when measure <> 'importance' then item_score end) as performance_count,
        max(responded_date) as last_responded_date
    from {{ ref('fct_survey_answers') }}
    where measure in ('importance', 'performance', 'perception', 'servqual_perception')
    group by survey_key, instrument_version, question_id
),

crossed as (
    select
        *,
        -- the cross stands at the means of the items; rounding takes off what floats add
        round(avg(importance_mean) over ({{ version }}), 9) as importance_cross,
        round(avg(performance_mean) over ({{ version }}), 9) as performance_cross
    from means
    where importance_mean is not null and performance_mean is not null
),

placed as (
    select
        *,
        round(importance_mean, 9) >= importance_cross as is_important,
        round(performance_mean, 9) >= performance_cross as is_strong,
        round(importance_mean, 9) = importance_cross
        or round(performance_mean, 9) = performance_cross as is_on_cross
    from crossed
)

select
    source,
    survey_key,
    instrument_version,
    question_id,
    dimension,
    importance_mean,
    importance_count,
    performance_mean,
    performance_count,
    importance_cross,
    performance_cross,
    case
        when is_important and is_strong then 'keep_up_good_work'
        when is_important then 'concentrate_here'
        when is_strong then 'possible_overkill'
        else 'low_priority'
    end as quadrant,
    is_on_cross,
    last_responded_date
from placed
