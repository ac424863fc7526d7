-- Every staged ticket is in the fact or in the count of exclusions, once.
{{ config(meta = {'dagster': {'ref': {'name': 'fct_tickets'}}}) }}
with

counts as (
    select
        (select count(*) from {{ ref('stg_tickets') }}) as staged_count,
        (select count(*) from {{ ref('fct_tickets') }}) as fact_count,
        (
            select coalesce(sum(rows_count), 0)
            from {{ ref('mart_data_quality__exclusions') }}
            where entity = 'ticket'
        ) as excluded_count
)

select * from counts
where staged_count <> fact_count + excluded_count
