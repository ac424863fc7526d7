-- One row per response, question, measure and option chosen.
with

answers as (
    select
        answers.*,
        pairs.perception_score,
        pairs.expectation_score,
        pairs.item_weight,
        pairs.dimension_weight,
        answers.item_score - answers.scale_min as points_above_lowest,
        answers.scale_max - answers.scale_min as scale_length
    from {{ ref('int_survey_answers__scored') }} as answers
    left join {{ ref('int_survey_pairs__matched') }} as pairs
        on
            answers.response_key = pairs.response_key
            and answers.question_id = pairs.question_id
            and answers.measure = pairs.measure
),

mapped as (
    select
        *,
        case
            when measure in ('csat', 'stars') and scale_length > 0
                then 1 + 4 * points_above_lowest / scale_length
        end as five_point_score
    from answers
)

select
    mapped.response_key,
    mapped.question_id,
    mapped.measure,
    mapped.answer_option,
    mapped.tenant,
    responses.source,
    mapped.survey_key,
    mapped.instrument_version,
    responses.site_key,
    responses.team_key,
    responses.agent_key,
    responses.service_key,
    responses.channel,
    responses.touchpoint,
    responses.priority,
    responses.customer_tier,
    responses.ticket_type,
    responses.rater_type,
    mapped.dimension,
    mapped.score,
    mapped.scale_min,
    mapped.scale_max,
    mapped.answer_state,
    mapped.item_score,
    mapped.five_point_score,
    -- two boxes of three would call nearly everyone satisfied
    case
        when mapped.measure = 'csat' and mapped.scale_length >= 3
            then mapped.item_score >= mapped.scale_max - 1
    end as is_csat_top2,
    case
        when mapped.measure <> 'nps' or mapped.scale_min <> 0 or mapped.scale_max <> 10 then null
        when mapped.item_score >= 9 then 100
        when mapped.item_score <= 6 then -100
        when mapped.item_score is not null then 0
    end as nps_points,
    case
        when mapped.measure = 'ces' and mapped.scale_length > 0
            then 1 + 6 * mapped.points_above_lowest / mapped.scale_length
    end as seven_point_ease_score,
    case
        when mapped.measure = 'ces' and mapped.scale_length >= 5
            then mapped.item_score >= mapped.scale_max - 2
    end as is_ces_top3,
    case
        when mapped.measure <> 'stars' or mapped.five_point_score is null then null
        when mapped.five_point_score >= 5 then 'good'
        when mapped.five_point_score > 3 then 'neutral'
        else 'bad'
    end as star_band,
    responses.is_verified,
    case
        when mapped.measure = 'fcr' then mapped.item_score = mapped.scale_max
    end as is_resolved_at_first_contact,
    mapped.perception_score,
    mapped.expectation_score,
    -- nobody who expected nothing can be measured against it
    case
        when mapped.expectation_score <= 0 then null
        when mapped.perception_score > mapped.expectation_score then 'delighted'
        when mapped.perception_score = mapped.expectation_score then 'satisfied'
        when mapped.perception_score < mapped.expectation_score then 'disappointed'
    end as expectation_outcome,
    mapped.perception_score - mapped.expectation_score as gap_score,
    mapped.item_weight,
    mapped.dimension_weight,
    responses.weight,
    responses.responded_at,
    responses.responded_date
from mapped
left join {{ ref('fct_survey_responses') }} as responses
    on mapped.response_key = responses.response_key
