{# Wilson's 95 % interval of a share x of n (Wilson 1927; Newcombe 1998); null where n is 0. The
   bounds are between 0 and 1 by themselves; least and greatest take off the rounding, and skip nulls,
   so that n is asked first. #}
{% macro wilson_low(x, n) -%}
    case when {{ n }} > 0 then greatest(0, {{ wilson_bound(x, n, '-') }}) end
{%- endmacro %}

{% macro wilson_high(x, n) -%}
    case when {{ n }} > 0 then least(1, {{ wilson_bound(x, n, '+') }}) end
{%- endmacro %}

{% macro wilson_bound(x, n, sign) -%}
    {%- set z = 1.959963984540054 -%}
    {%- set n = 'cast(' ~ n ~ ' as double)' -%}
    (
        ({{ x }} + {{ z * z / 2 }}) / ({{ n }} + {{ z * z }})
        {{ sign }} {{ z }} * sqrt(greatest(
            {{ x }} * ({{ n }} - {{ x }}) / {{ n }} + {{ z * z / 4 }}, 0
        )) / ({{ n }} + {{ z * z }})
    )
{%- endmacro %}
