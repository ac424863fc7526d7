-- Calls, responses and answers are neither lost nor doubled on the way to their facts.
{{ config(meta = {'dagster': {'ref': {'name': 'fct_calls'}}}) }}
with

counts as (
    select
        'call' as entity,
        (select count(*) from {{ ref('stg_calls') }}) as staged_count,
        (select count(*) from {{ ref('fct_calls') }})
        + (
            select coalesce(sum(rows_count), 0)
            from {{ ref('mart_data_quality__exclusions') }}
            where entity = 'call' and reason <> 'deleted'
        ) as fact_count

    union all

    select
        'survey_response' as entity,
        (select count(*) from {{ ref('stg_survey_responses') }}) as staged_count,
        (select count(*) from {{ ref('fct_survey_responses') }}) as fact_count

    union all

    select
        'survey_answer' as entity,
        (select count(*) from {{ ref('stg_survey_answers') }}) as staged_count,
        (select count(*) from {{ ref('fct_survey_answers') }})
        + (
            select coalesce(sum(rows_count), 0)
            from {{ ref('mart_data_quality__exclusions') }}
            where entity = 'survey_answer' and reason <> 'deleted'
        ) as fact_count
)

select * from counts
where staged_count <> fact_count
