{# The instant the figures speak for. A build without it stops: no model reads a clock. #}
{% macro as_of() -%}
    {%- if execute and var('as_of') is none -%}
        {{ exceptions.raise_compiler_error(
            "The variable as_of is not set: run dbt with --vars '{as_of: \"YYYY-MM-DD HH:MM:SS\"}' (UTC)."
        ) }}
    {%- endif -%}
    cast('{{ var("as_of") }}' as timestamp)
{%- endmacro %}
