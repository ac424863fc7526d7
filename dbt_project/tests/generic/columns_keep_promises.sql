{# All that is promised of single columns, in one scan: a test of dbt costs more than its query. #}
{% test columns_keep_promises(model, never_null = [], never_negative = []) %}
{%- set flaws = [] -%}
{%- for column in never_null %}
{%- do flaws.append((column, 'is null', column ~ ' is null')) -%}
{%- endfor %}
{%- for column in never_negative %}
{%- do flaws.append((column, 'is negative', column ~ ' < 0')) -%}
{%- endfor %}
with counted as (
    select
        {%- for _, _, condition in flaws %}
        count(case when {{ condition }} then 1 end) as flaw_{{ loop.index }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ model }}
)

{% for column, flaw, _ in flaws %}
select
    '{{ column }}' as column_name,
    '{{ flaw }}' as flaw,
    flaw_{{ loop.index }} as rows_count
from counted
where flaw_{{ loop.index }} > 0
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
{% endtest %}
