{# Key of a member across sources; 'unknown' where the source names none. #}
{% macro member_key(tenant, id) -%}
    coalesce({{ tenant }} || ':' || {{ id }}, 'unknown')
{%- endmacro %}

{# Code of a member that all sources share. #}
{% macro member_code(code) -%}
    coalesce({{ code }}, 'unknown')
{%- endmacro %}

{# Tenant and id of a key; a key without a tenant is the unknown member. #}
{% macro key_tenant(key) -%}
    case
        when position(':' in {{ key }}) > 0 then substr({{ key }}, 1, position(':' in {{ key }}) - 1)
        else 'unknown'
    end
{%- endmacro %}

{% macro key_id(key) -%}
    substr({{ key }}, position(':' in {{ key }}) + 1)
{%- endmacro %}
