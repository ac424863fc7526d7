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
    response_key,
    question_id,
    measure,
    answer_option,
    tenant,
    source,
    survey_key,
    instrument_version,
    site_key,
    team_key,
    agent_key,
    service_key,
    channel,
    touchpoint,
    priority,
    customer_tier,
    ticket_type,
    rater_type,
    dimension,
    score,
    scale_min,
    scale_max,
    answer_state,
    item_score,
    five_point_score,
    -- two boxes of three would call nearly everyone satisfied
    case
        when measure = 'csat' and scale_length >= 3
            then item_score >= scale_max - 1
    end as is_csat_top2,
    case
        when measure <> 'nps' or scale_min <> 0 or scale_max <> 10 then null
        when item_score >= 9 then 100
        when item_score <= 6 then -100
        when item_score is not null then 0
    end as nps_points,
    case
        when measure = 'ces' and scale_length > 0
            then 1 + 6 * points_above_lowest / scale_length
    end as seven_point_ease_score,
    case
        when measure = 'ces' and scale_length >= 5
            then item_score >= scale_max - 2
    end as is_ces_top3,
    case
        when measure <> 'stars' or five_point_score is null then null
        when five_point_score >= 5 then 'good'
        when five_point_score > 3 then 'neutral'
        else 'bad'
    end as star_band,
    is_verified,
    case
        when measure = 'fcr' then item_score = scale_max
    end as is_resolved_at_first_contact,
    perception_score,
    expectation_score,
    -- nobody who expected nothing can be measured against it
    case
        when expectation_score <= 0 then null
        when perception_score > expectation_score then 'delighted'
        when perception_score = expectation_score then 'satisfied'
        when perception_score < expectation_score then 'disappointed'
    end as expectation_outcome,
    perception_score - expectation_score as gap_score,
    item_weight,
    dimension_weight,
    weight,
    responded_at,
    responded_date
from mapped
