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
