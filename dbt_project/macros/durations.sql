{# The durations of a ticket that are sums over its ledger. #}
{% macro ticket_durations() -%}
    {{ return([
        'first_reply', 'first_resolution', 'full_resolution', 'requester_wait', 'agent_wait',
        'on_hold', 'agent_work',
    ]) }}
{%- endmacro %}

{# Instant that ends a duration counted from creation; none for a wait. #}
{% macro duration_milestone(duration) -%}
    {{ return({
        'first_reply': 'first_replied_at',
        'first_resolution': 'first_resolved_at',
        'full_resolution': 'resolved_at',
    }.get(duration)) }}
{%- endmacro %}

{# Whether a stretch of the ledger counts for a duration. A wait is counted over finished visits of
   a status only: what the ticket waits for now has no length yet. #}
{% macro counts_for(duration, stretches, tickets, is_finished) -%}
    {%- set milestone = duration_milestone(duration) -%}
    {%- set statuses = {
        'requester_wait': "('new', 'open', 'on_hold')",
        'agent_wait': "('pending')",
        'on_hold': "('on_hold')",
        'agent_work': "('new', 'open')",
    } -%}
    {%- if milestone -%}
        {{ stretches }}.ended_at <= {{ tickets }}.{{ milestone }}
    {%- else -%}
        {{ stretches }}.status in {{ statuses[duration] }} and {{ is_finished }}
    {%- endif -%}
{%- endmacro %}

{# Whether a ticket has the duration at all: its milestone has come; for a wait, its statuses are known. #}
{% macro has_duration(duration, tickets) -%}
    {%- set milestone = duration_milestone(duration) -%}
    {{ tickets }}.{{ milestone ~ ' is not null' if milestone else 'has_status_history' }}
{%- endmacro %}
