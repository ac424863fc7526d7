-- One row per source, entity and reason for which accepted rows are in no fact.
select
    source,
    'ticket' as entity,
    exclusion_reason as reason,
    count(*) as rows_count
from {{ ref('int_tickets__settled') }}
where exclusion_reason is not null
group by source, exclusion_reason

union all

-- a deleted ticket is among the tickets above, which know its life
select
    source,
    entity,
    'deleted' as reason,
    count(*) as rows_count
from {{ ref('stg_deletions') }}
where entity <> 'ticket'
group by source, entity

union all

select
    events.source,
    'ticket_event' as entity,
    'no_ticket' as reason,
    count(*) as rows_count
from {{ ref('stg_ticket_events') }} as events
where events.ticket_number is null
group by events.source

union all

select
    answers.source,
    'survey_answer' as entity,
    'no_response' as reason,
    count(*) as rows_count
from {{ ref('stg_survey_answers') }} as answers
left join {{ ref('stg_survey_responses') }} as responses
    on answers.response_key = responses.response_key
where responses.response_key is null
group by answers.source

union all

select
    calls.source,
    'call' as entity,
    'leg_of_another_call' as reason,
    count(*) as rows_count
from {{ ref('stg_calls') }} as calls
left join {{ ref('int_calls__timed') }} as facts on calls.call_key = facts.call_key
where facts.call_key is null
group by calls.source
