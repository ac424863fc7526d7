-- One row per ticket, event, call, state, invitation, response or answer that its source deleted.
{% set newest_first = '_extracted_at desc nulls last, extract desc, _record desc' %}
{% set newest_version = 'coalesce(updated_at, case when is_deleted then _extracted_at end)'
    ~ ' desc nulls last, ' ~ newest_first %}
{% set answer = ['response_id', 'question_id', 'measure'] %}
{% set answer_id = "response_id || ':' || question_id || ':' || coalesce(measure, '')" %}
{{ deleted_rows('ticket', ['ticket_id'], 'ticket_id', newest_version) }}

union all

{{ deleted_rows('ticket_event', ['source', 'event_id'], 'event_id', newest_first) }}

union all

{{ deleted_rows('call', ['call_id'], 'call_id', newest_first) }}

union all

{{ deleted_rows('agent_state', ['source', 'state_id'], 'state_id', newest_first) }}

union all

{{ deleted_rows('survey_invitation', ['invitation_id'], 'invitation_id', newest_first) }}

union all

{{ deleted_rows('survey_response', ['response_id'], 'response_id', newest_first) }}

union all

{{ deleted_rows('survey_answer', answer, answer_id, newest_first) }}
