-- One row per perception that has an expectation of the same item in the same response.
with

rated as (
    select
        *,
        measure in ('servqual_perception', 'perception') as is_perception,
        case
            when measure in ('servqual_perception', 'servqual_expectation')
                then 'servqual_perception'
            else 'perception'
        end as perception_measure
    from {{ ref('int_survey_answers__scored') }}
    where
        measure in ('servqual_perception', 'servqual_expectation', 'perception', 'expectation')
        and item_score is not null
),

matched as (
    select
        response_key,
        question_id,
        perception_measure as measure,
        max(case when is_perception then tenant end) as tenant,
        max(case when is_perception then survey_key end) as survey_key,
        max(case when is_perception then instrument_version end) as instrument_version,
        max(case when is_perception then dimension end) as dimension,
        max(case when is_perception then item_score end) as perception_score,
        max(case when not is_perception then item_score end) as expectation_score
    from rated
    group by response_key, question_id, perception_measure
),

paired as (
    select
        matched.*,
        {{ key_id('matched.survey_key') }} as survey_id
    from matched
    where matched.perception_score is not null and matched.expectation_score is not null
),

counted as (
    select
        response_key,
        measure,
        dimension,
        count(*) as pairs_in_dimension
    from paired
    group by response_key, measure, dimension
)

select
    paired.response_key,
    paired.question_id,
    paired.measure,
    paired.perception_score,
    paired.expectation_score,
    -- a dimension of a response weighs 1, however many items it has
    cast(1 as double) / counted.pairs_in_dimension as item_weight,
    weights.weight as dimension_weight
from paired
left join counted
    on
        paired.response_key = counted.response_key
        and paired.measure = counted.measure
        and paired.dimension = counted.dimension
left join {{ ref('instrument_weights') }} as weights
    on
        paired.tenant = weights.tenant
        and paired.survey_id = weights.survey_id
        and paired.instrument_version = weights.instrument_version
        and paired.dimension = weights.dimension
