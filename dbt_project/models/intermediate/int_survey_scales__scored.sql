-- One row per valid score and the scales it belongs to: its dimension, and all items overall.
{{ config(materialized='view') }}
{% for dimension in ['dimension', "'overall'"] -%}
select
    response_key,
    source,
    survey_key,
    instrument_version,
    measure,
    {{ dimension }},
    question_id,
    responded_date,
    item_score
from {{ ref('fct_survey_answers') }}
where
    item_score is not null
    and measure not in ('nps', 'fcr', 'importance')
{% if not loop.last %}
and dimension <> 'overall'

union all

{% endif -%}
{% endfor -%}
