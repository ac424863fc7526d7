-- One row per answer of a known response: its valid score, negatively worded items turned round.
{{ config(materialized='view') }}
with

answers as (
    select
        answers.question_id,
        answers.measure,
        answers.answer_option,
        answers.dimension,
        answers.score,
        answers.scale_min,
        answers.scale_max,
        responses.response_key,
        responses.tenant,
        responses.source,
        responses.survey_key,
        responses.instrument_version,
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
        responses.is_verified,
        responses.weight,
        responses.responded_at,
        responses.responded_date,
        items.dimension as item_dimension,
        -- how much an item matters is asked straight
        coalesce(items.is_reversed and answers.measure <> 'importance', false) as is_reversed,
        answers.score between answers.scale_min and answers.scale_max as is_on_scale
    from {{ ref('stg_survey_answers') }} as answers
    left join {{ ref('fct_survey_responses') }} as responses
        on answers.response_key = responses.response_key
    left join {{ ref('instrument_items') }} as items
        on
            {{ key_id('responses.survey_key') }} = items.survey_id
            and responses.instrument_version = items.instrument_version
            and answers.question_id = items.question_id
    -- answers without a response are counted in mart_data_quality__exclusions
    where responses.response_key is not null
)

select
    response_key,
    tenant,
    source,
    survey_key,
    instrument_version,
    question_id,
    measure,
    answer_option,
    {{ member_code('coalesce(item_dimension, dimension)') }} as dimension,
    score,
    scale_min,
    scale_max,
    case
        when measure in ('option', 'tag') and answer_option is not null then 'chosen'
        when score is null then 'empty'
        when is_on_scale then 'rated'
        else 'off_scale'
    end as answer_state,
    -- 8 - x on a scale of 1 to 7
    case
        when not is_on_scale then null
        when is_reversed then scale_min + scale_max - score
        else score
    end as item_score,
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
    is_verified,
    weight,
    responded_at,
    responded_date
from answers
