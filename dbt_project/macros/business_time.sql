{# Business time by prefix sums. `day` is the alias of the business_days row of the instant's
   calendar and UTC day; without such a row every result is null, never a guess. #}

{# Join condition: the business day of an instant. #}
{% macro is_day_of(day, calendar_id, instant) -%}
    {{ day }}.calendar_id = {{ calendar_id }} and {{ day }}.utc_date = cast({{ instant }} as date)
{%- endmacro %}

{# F(t): open microseconds from the calendar's start to the instant. #}
{% macro open_us_until(instant, day) -%}
    (
        {{ day }}.open_seconds_before * 1000000
        {%- for piece in range(1, (var('business_day_pieces') | int) + 1) %}
        + least(
            greatest({{ epoch_us(instant) }} - {{ day }}.piece_{{ piece }}_open_us, 0),
            {{ day }}.piece_{{ piece }}_close_us - {{ day }}.piece_{{ piece }}_open_us
        )
        {%- endfor %}
    )
{%- endmacro %}

{# Join condition: the row of open_positions in which a calendar reaches an open position, a number
   of open microseconds since its start. Buckets of one open day (BUCKET_SECONDS of
   pipelines/warehouse/calendars.py) make it an equality that any engine can hash. #}
{% macro is_span_of(span, calendar_id, open_us) -%}
    {{ span }}.calendar_id = {{ calendar_id }}
    and {{ span }}.bucket_open_us = ({{ open_us }}) - 1 - (({{ open_us }}) - 1) % 86400000000
    and {{ span }}.after_open_us < {{ open_us }}
    and {{ span }}.until_open_us >= {{ open_us }}
{%- endmacro %}

{# The inverse of F: the first instant at which the calendar has been open for so long. It is the
   close of a span, never the opening of the next; null where the calendar ends before. #}
{% macro instant_at_open_us(open_us, span) -%}
    {{ from_epoch_us(span ~ '.until_us - (' ~ span ~ '.until_open_us - (' ~ open_us ~ '))') }}
{%- endmacro %}

{# The instant on the calendar's own clock. #}
{% macro local_time(instant, day) -%}
    {%- set shifted -%}
    {{ epoch_us(instant) }} + 1000000 * case
        when {{ epoch_us(instant) }} < {{ day }}.offset_changes_at_us
            then {{ day }}.offset_before_seconds
        else {{ day }}.offset_after_seconds
    end
    {%- endset -%}
    {{ from_epoch_us(shifted) }}
{%- endmacro %}

{% macro local_date(instant, day) -%}
    cast({{ local_time(instant, day) }} as date)
{%- endmacro %}

{# Elapsed microseconds between two numbers; null where either is, or where time runs backwards. #}
{% macro elapsed_us(from_us, until_us) -%}
    case when {{ until_us }} >= {{ from_us }} then {{ until_us }} - {{ from_us }} end
{%- endmacro %}
