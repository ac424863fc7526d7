{# How specific a policy is: the number of attributes it names, then which ones. #}
{% macro sla_specificity(policies) -%}
    {%- for attribute, points in [
        ('service_id', 132), ('ticket_type', 116), ('customer_tier', 108),
        ('priority', 104), ('site_id', 102), ('channel', 101),
    ] %}
        case when {{ policies }}.{{ attribute }} is null then 0 else {{ points }} end +
    {%- endfor %}
        case when {{ policies }}.tenant is null then 0 else 100 end
{%- endmacro %}

{# Whether a stretch of a ticket's life counts for a target: its status does not stop the clock. #}
{% macro sla_counts(targets, stretches) -%}
    not (
        ({{ targets }}.pauses_pending and {{ stretches }}.status = 'pending')
        or ({{ targets }}.pauses_on_hold and {{ stretches }}.status = 'on_hold')
        or ({{ targets }}.pauses_solved and not {{ is_in_backlog(stretches ~ '.status') }})
    )
{%- endmacro %}

{# Microseconds between the start of the clock and its end (the start of the stretch `last`, or its
   end while the clock runs) in statuses that stop the target's clock. #}
{% macro sla_paused_us(basis, targets, last) -%}
    {%- for pause, condition in [
        ('pending', last ~ ".status = 'pending'"),
        ('on_hold', last ~ ".status = 'on_hold'"),
        ('solved', 'not ' ~ is_in_backlog(last ~ '.status')),
    ] %}
        case
            when {{ targets }}.pauses_{{ pause }}
                then
                    {{ last }}.{{ pause }}_{{ basis }}_us_before
                    - {{ targets }}.started_{{ pause }}_{{ basis }}_us
                    + case
                        when {{ targets }}.is_running and {{ condition }}
                            then {{ last }}.{{ basis }}_us
                        else 0
                    end
            else 0
        end
        {{- ' +' if not loop.last else '' }}
    {%- endfor %}
{%- endmacro %}
