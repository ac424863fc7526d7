-- One row per response, question and measure: the newest version of the answer.
with

versions as (
    select * from {{ source('raw', 'survey_answer') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by _tenant, response_id, question_id, measure
            order by _extracted_at desc nulls last, extract desc, _record desc
        ) as version_rank
    from versions
)

select
    _tenant || ':' || response_id as response_key,
    _tenant as tenant,
    source,
    question_id,
    measure,
    dimension,
    score,
    scale_min,
    scale_max
from ranked
where version_rank = 1
