-- One row per response, question, measure and option chosen: the newest version of the answer.
-- The table is named three times on purpose: a table expression would be written to memory whole.
with

-- few responses come in more than one extract, and only their answers are ranked
repeated as (
    select
        _tenant,
        response_id
    from {{ source('raw', 'survey_answer') }}
    where not coalesce(is_deleted, false)
    group by _tenant, response_id
    having min(extract) <> max(extract) or min(source) <> max(source)
),

-- an answer with several options is replaced as a whole: the newest extract has them all, each
-- once, because the gate lets no key through twice
ranked as (
    select
        versions.*,
        rank() over (
            partition by
                versions._tenant, versions.response_id, versions.question_id, versions.measure
            order by versions._extracted_at desc nulls last, versions.extract desc
        ) as version_rank
    from {{ source('raw', 'survey_answer') }} as versions
    left join repeated
        on versions._tenant = repeated._tenant and versions.response_id = repeated.response_id
    where repeated.response_id is not null and not coalesce(versions.is_deleted, false)
),

newest as (
    select
        versions.*,
        1 as version_rank
    from {{ source('raw', 'survey_answer') }} as versions
    left join repeated
        on versions._tenant = repeated._tenant and versions.response_id = repeated.response_id
    where repeated.response_id is null and not coalesce(versions.is_deleted, false)

    union all

    select * from ranked
    where version_rank = 1
)

select
    newest._tenant || ':' || newest.response_id as response_key,
    newest._tenant as tenant,
    newest.source,
    newest.question_id,
    newest.measure,
    newest.answer_option,
    newest.dimension,
    newest.score,
    newest.scale_min,
    newest.scale_max
from newest
left join {{ ref('stg_deletions') }} as deletions
    on
        deletions.entity = 'survey_answer'
        and newest._tenant = deletions.tenant
        and newest.response_id || ':' || newest.question_id || ':' || coalesce(newest.measure, '')
        = deletions.record_id
where deletions.record_id is null
