{# The three groups of ticket status everything else is built on. #}
{% macro is_solved(status) -%} ({{ status }} in ('solved', 'closed')) {%- endmacro %}
{% macro is_withdrawn(status) -%} ({{ status }} in ('cancelled', 'deleted')) {%- endmacro %}
{% macro is_in_backlog(status) -%}
    ({{ status }} not in ('solved', 'closed', 'cancelled', 'deleted'))
{%- endmacro %}
