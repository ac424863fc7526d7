-- One row per response, question, measure and option chosen: the newest version of the answer.
with

versions as (
    select * from {{ source('raw', 'survey_answer') }}
),

-- an answer with several options is replaced as a whole: the newest extract has them all, each
-- once, because the gate lets no key through twice
ranked as (
    select
        *,
        rank() over (
            partition by _tenant, response_id, question_id, measure
            order by _extracted_at desc nulls last, extract desc
        ) as version_rank
    from versions
)

select
    _tenant || ':' || response_id as response_key,
    _tenant as tenant,
    source,
    question_id,
    measure,
    answer_option,
    dimension,
    score,
    scale_min,
    scale_max
from ranked
where version_rank = 1
