-- One row per questionnaire, version, measure and dimension: Cronbach's alpha of its items.
{% set scale = 'survey_key, instrument_version, measure, dimension' -%}
with

items as (
    select
        {{ scale }},
        question_id
    from {{ ref('int_survey_scales__scored') }}
    group by {{ scale }}, question_id
),

-- most questions stand alone, and none of their answers is looked at again
scales as (
    select
        {{ scale }},
        count(*) as item_count
    from items
    group by {{ scale }}
    having count(*) >= 2
),

scores as (
    select
        scored.*,
        scales.item_count
    from {{ ref('int_survey_scales__scored') }} as scored
    left join scales
        on
            scored.survey_key = scales.survey_key
            and scored.instrument_version = scales.instrument_version
            and scored.measure = scales.measure
            and scored.dimension = scales.dimension
    where scales.item_count is not null
),

-- listwise: who left an item out says nothing about how the items go together
complete as (
    select
        {{ scale }},
        source,
        response_key,
        count(*) as answered_count,
        sum(item_score) as total_score,
        max(responded_date) as responded_date
    from scores
    group by {{ scale }}, source, response_key
    having count(*) = max(item_count)
),

totals as (
    select
        {{ scale }},
        max(source) as source,
        max(answered_count) as item_count,
        count(*) as respondent_count,
        var_samp(total_score) as total_variance,
        max(responded_date) as last_responded_date
    from complete
    group by {{ scale }}
),

variances as (
    select
        scores.survey_key,
        scores.instrument_version,
        scores.measure,
        scores.dimension,
        scores.question_id,
        var_samp(scores.item_score) as item_variance
    from scores
    left join complete
        on
            scores.response_key = complete.response_key
            and scores.measure = complete.measure
            and scores.dimension = complete.dimension
    where complete.response_key is not null
    group by
        scores.survey_key,
        scores.instrument_version,
        scores.measure,
        scores.dimension,
        scores.question_id
),

sums as (
    select
        {{ scale }},
        sum(item_variance) as item_variance_sum
    from variances
    group by {{ scale }}
)

select
    totals.*,
    sums.item_variance_sum,
    case
        when totals.total_variance > 0
            then
                totals.item_count / (totals.item_count - cast(1 as double))
                * (1 - sums.item_variance_sum / totals.total_variance)
    end as cronbach_alpha
from totals
left join sums
    on
        totals.survey_key = sums.survey_key
        and totals.instrument_version = sums.instrument_version
        and totals.measure = sums.measure
        and totals.dimension = sums.dimension
