{# What engines spell differently. Instants become integer microseconds, so that no duration is a
   float and no boundary is counted instead of time. #}

{% macro epoch_us(instant) -%}
    {{ return(adapter.dispatch('epoch_us', 'service_kpi')(instant)) }}
{%- endmacro %}

{% macro default__epoch_us(instant) -%} epoch_us({{ instant }}) {%- endmacro %}
{% macro spark__epoch_us(instant) -%} unix_micros(cast({{ instant }} as timestamp)) {%- endmacro %}

{% macro from_epoch_us(microseconds) -%}
    {{ return(adapter.dispatch('from_epoch_us', 'service_kpi')(microseconds)) }}
{%- endmacro %}

{% macro default__from_epoch_us(microseconds) -%} make_timestamp({{ microseconds }}) {%- endmacro %}
{% macro spark__from_epoch_us(microseconds) -%}
    cast(timestamp_micros({{ microseconds }}) as timestamp_ntz)
{%- endmacro %}

{# ISO weekday of a date: 1 = Monday … 7 = Sunday. #}
{% macro iso_dow(day) -%}
    {{ return(adapter.dispatch('iso_dow', 'service_kpi')(day)) }}
{%- endmacro %}

{% macro default__iso_dow(day) -%} cast(isodow({{ day }}) as integer) {%- endmacro %}
{% macro spark__iso_dow(day) -%} (weekday({{ day }}) + 1) {%- endmacro %}

{# Whole seconds of a number of microseconds that is never negative. #}
{% macro whole_seconds(microseconds) -%}
    {{ return(adapter.dispatch('whole_seconds', 'service_kpi')(microseconds)) }}
{%- endmacro %}

{% macro default__whole_seconds(microseconds) -%}
    cast(({{ microseconds }}) // 1000000 as bigint)
{%- endmacro %}
{% macro spark__whole_seconds(microseconds) -%} (({{ microseconds }}) div 1000000) {%- endmacro %}

{# Last and first value of a window frame that is not null. #}
{% macro last_known(column) -%}
    {{ return(adapter.dispatch('last_known', 'service_kpi')(column)) }}
{%- endmacro %}

{% macro default__last_known(column) -%} last_value({{ column }} ignore nulls) {%- endmacro %}
{% macro spark__last_known(column) -%} last({{ column }}, true) {%- endmacro %}

{% macro first_known(column) -%}
    {{ return(adapter.dispatch('first_known', 'service_kpi')(column)) }}
{%- endmacro %}

{% macro default__first_known(column) -%} first_value({{ column }} ignore nulls) {%- endmacro %}
{% macro spark__first_known(column) -%} first({{ column }}, true) {%- endmacro %}

{# Seconds with six decimals of a number of microseconds: sums stay exact. #}
{% macro exact_seconds(microseconds) -%}
    cast(({{ microseconds }}) / cast(1000000 as double) as decimal(18, 6))
{%- endmacro %}

{# How many whole times a divisor goes into a number that is never negative. #}
{% macro whole_quotient(number, divisor) -%}
    {{ return(adapter.dispatch('whole_quotient', 'service_kpi')(number, divisor)) }}
{%- endmacro %}

{% macro default__whole_quotient(number, divisor) -%}
    cast(({{ number }}) // ({{ divisor }}) as bigint)
{%- endmacro %}
{% macro spark__whole_quotient(number, divisor) -%} (({{ number }}) div ({{ divisor }})) {%- endmacro %}
