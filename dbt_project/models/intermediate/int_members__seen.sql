-- One row per dimension and member that occurs in a fact, and the unknown member of each dimension.
{% set members = {
    'fct_tickets': {
        'source': 'source', 'site': 'site_key', 'team': 'team_key', 'agent': 'agent_key',
        'service': 'service_key', 'channel': 'channel', 'priority': 'priority',
        'customer_tier': 'customer_tier', 'ticket_type': 'ticket_type', 'status': 'status',
        'cause': 'cause', 'age_bucket': 'age_bucket',
        'created_hour': "lpad(cast(created_hour as varchar), 2, '0') || ':00'",
        'created_weekday': 'cast(created_iso_dow as varchar)',
    },
    'fct_sla_targets': {
        'sla_metric': 'metric', 'sla_state': 'state', 'used_band': 'used_band',
    },
    'fct_ticket_stages': {'stage': 'stage', 'next_stage': 'next_stage'},
    'fct_ticket_replies': {'reply_kind': 'reply_kind', 'team': 'team_key', 'agent': 'agent_key'},
    'fct_calls': {
        'source': 'source', 'site': 'site_key', 'team': 'team_key', 'agent': 'agent_key',
        'service': 'service_key', 'line': 'line_key', 'queue': 'queue_key',
        'priority': 'priority', 'outcome': 'outcome', 'wait_band': 'wait_band',
        'half_hour': 'started_half_hour', 'iso_weekday': 'started_weekday',
    },
    'fct_agent_states': {
        'source': 'source', 'site': 'site_key', 'team': 'team_key', 'agent': 'agent_key',
        'line': 'line_key', 'agent_state': 'state',
    },
    'fct_agent_intervals': {'half_hour': 'half_hour', 'iso_weekday': 'iso_weekday'},
    'fct_survey_responses': {
        'source': 'source', 'site': 'site_key', 'team': 'team_key', 'agent': 'agent_key',
        'service': 'service_key', 'channel': 'channel', 'survey': 'survey_key',
        'touchpoint': 'touchpoint', 'priority': 'priority', 'customer_tier': 'customer_tier',
        'ticket_type': 'ticket_type',
    },
    'fct_survey_invitations': {
        'source': 'source', 'site': 'site_key', 'team': 'team_key', 'agent': 'agent_key',
        'service': 'service_key', 'channel': 'channel', 'survey': 'survey_key',
        'touchpoint': 'touchpoint',
    },
    'fct_survey_answers': {
        'dimension': 'dimension', 'measure': 'measure', 'question': 'question_id',
        'instrument_version': 'instrument_version', 'rater': 'rater_type',
    },
    'fct_survey_choices': {'answer': 'answer'},
    'fct_survey_comment_themes': {'theme': 'theme'},
    'mart_quality__importance_performance': {'quadrant': 'quadrant'},
} -%}
{% set dimensions = [] -%}
{% for fact, columns in members.items() -%}
{% for dimension, column in columns.items() -%}
{% do dimensions.append(dimension) -%}
select
    '{{ dimension }}' as dimension,
    {{ column }} as member_key
from {{ ref(fact) }}
where {{ column }} is not null
group by {{ column }}

union

{% endfor -%}
{% endfor -%}
{% for dimension in dimensions | unique -%}
select
    '{{ dimension }}' as dimension,
    'unknown' as member_key
{% if not loop.last %}
union

{% endif -%}
{% endfor %}
