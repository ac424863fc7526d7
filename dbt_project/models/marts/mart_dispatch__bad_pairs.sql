-- One row per customer and agent of whom one rated the other badly.
with

ratings as (
    select
        responses.tenant,
        responses.source,
        responses.customer_key,
        responses.agent_key,
        responses.rater_type,
        coalesce(responses.is_verified, true) as may_be_true,
        coalesce(responses.is_verified, false) as is_found_true,
        answers.responded_date
    from {{ ref('fct_survey_answers') }} as answers
    left join {{ ref('fct_survey_responses') }} as responses
        on answers.response_key = responses.response_key
    where
        answers.star_band = 'bad'
        and responses.customer_key <> 'unknown'
        and responses.agent_key <> 'unknown'
)

select
    tenant,
    max(source) as source,
    customer_key,
    agent_key,
    cast(sum(case when rater_type = 'customer' then 1 else 0 end) as bigint)
        as bad_by_customer_count,
    cast(sum(case when rater_type = 'agent' then 1 else 0 end) as bigint) as bad_by_agent_count,
    cast(sum(case when is_found_true then 1 else 0 end) as bigint) as verified_bad_count,
    -- not to be matched again, unless every bad rating was found untrue
    max(case when may_be_true then 1 else 0 end) = 1 as is_blocked,
    max(responded_date) as last_bad_date
from ratings
group by tenant, customer_key, agent_key
