{# How specific a call target is: the number of attributes it names, then which ones. #}
{% macro call_specificity(targets) -%}
    {%- for attribute, points in [
        ('service_id', 108), ('queue_id', 104), ('line_id', 102), ('tenant', 101),
    ] %}
        case when {{ targets }}.{{ attribute }} is null then 0 else {{ points }} end {{ '+' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# Half hour of the day a local instant lies in, 'HH:MM'. #}
{% macro half_hour_text(local_instant) -%}
    lpad(cast(extract(hour from {{ local_instant }}) as varchar), 2, '0')
    || case when extract(minute from {{ local_instant }}) < 30 then ':00' else ':30' end
{%- endmacro %}
