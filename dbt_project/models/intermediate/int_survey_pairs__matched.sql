-- One row per perception that has an expectation of the same item in the same response.
with

perceptions as (
    select
        *,
        case
            when measure = 'servqual_perception' then 'servqual_expectation'
            else 'expectation'
        end as expectation_measure
    from {{ ref('int_survey_answers__scored') }}
    where measure in ('servqual_perception', 'perception') and item_score is not null
),

expectations as (
    select
        response_key,
        question_id,
        measure,
        item_score
    from {{ ref('int_survey_answers__scored') }}
    where measure in ('servqual_expectation', 'expectation') and item_score is not null
),

paired as (
    select
        perceptions.response_key,
        perceptions.question_id,
        perceptions.measure,
        perceptions.tenant,
        {{ key_id('perceptions.survey_key') }} as survey_id,
        perceptions.instrument_version,
        perceptions.dimension,
        perceptions.item_score as perception_score,
        expectations.item_score as expectation_score
    from perceptions
    left join expectations
        on
            perceptions.response_key = expectations.response_key
            and perceptions.question_id = expectations.question_id
            and perceptions.expectation_measure = expectations.measure
    where expectations.item_score is not null
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
