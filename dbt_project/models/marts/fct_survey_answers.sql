-- One row per response, question and measure.
with

answers as (
    select
        answers.*,
        {{ member_code('answers.dimension') }} as dimension_code,
        case
            when answers.measure = 'servqual_perception' then answers.score
        end as perception_score,
        max(case when answers.measure = 'servqual_expectation' then answers.score end) over (
            partition by answers.response_key, answers.question_id
        ) as expectation_of_item
    from {{ ref('stg_survey_answers') }} as answers
),

paired as (
    select
        *,
        perception_score is not null and expectation_of_item is not null as is_servqual_pair
    from answers
),

weighted as (
    select
        *,
        sum(case when is_servqual_pair then 1 else 0 end) over (
            partition by response_key, dimension_code
        ) as pairs_in_dimension
    from paired
)

select
    weighted.response_key,
    weighted.question_id,
    weighted.measure,
    weighted.tenant,
    responses.source,
    responses.survey_key,
    responses.site_key,
    responses.team_key,
    responses.agent_key,
    responses.service_key,
    responses.channel,
    responses.touchpoint,
    responses.priority,
    responses.customer_tier,
    responses.ticket_type,
    weighted.dimension_code as dimension,
    weighted.score,
    weighted.scale_min,
    weighted.scale_max,
    case
        when weighted.measure in ('csat', 'stars') and weighted.scale_max > weighted.scale_min
            then
                1 + 4 * (weighted.score - weighted.scale_min)
                / (weighted.scale_max - weighted.scale_min)
    end as five_point_score,
    -- two boxes of three would call nearly everyone satisfied
    case
        when weighted.measure = 'csat' and weighted.scale_max - weighted.scale_min >= 3
            then weighted.score >= weighted.scale_max - 1
    end as is_csat_top2,
    case
        when
            weighted.measure <> 'nps' or weighted.scale_min <> 0 or weighted.scale_max <> 10
            then null
        when weighted.score >= 9 then 100
        when weighted.score <= 6 then -100
        when weighted.score is not null then 0
    end as nps_points,
    case when weighted.is_servqual_pair then weighted.perception_score end
        as servqual_perception_score,
    case when weighted.is_servqual_pair then weighted.expectation_of_item end
        as servqual_expectation_score,
    case
        when weighted.is_servqual_pair
            then weighted.perception_score - weighted.expectation_of_item
    end as servqual_gap_score,
    -- every dimension of a response weighs the same, however many items it has
    case
        when weighted.is_servqual_pair then cast(1 as double) / weighted.pairs_in_dimension
    end as servqual_weight,
    responses.weight,
    responses.responded_at,
    responses.responded_date
from weighted
left join {{ ref('fct_survey_responses') }} as responses
    on weighted.response_key = responses.response_key
-- answers without a response are counted in mart_data_quality__exclusions
where responses.response_key is not null
