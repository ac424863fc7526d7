-- One row per source: the last instant its data speak for, never after as_of.
with

seen as (
    select
        source,
        tenant,
        extracted_at,
        greatest(created_at, updated_at, first_replied_at, resolved_at, closed_at) as happened_at
    from {{ ref('stg_tickets') }}

    union all

    select
        source,
        tenant,
        extracted_at,
        event_at as happened_at
    from {{ ref('stg_ticket_events') }}

    union all

    select
        source,
        tenant,
        extracted_at,
        greatest(started_at, called_back_at) as happened_at
    from {{ ref('stg_calls') }}

    union all

    select
        source,
        tenant,
        extracted_at,
        greatest(started_at, ended_at) as happened_at
    from {{ ref('stg_agent_states') }}

    union all

    select
        source,
        tenant,
        extracted_at,
        responded_at as happened_at
    from {{ ref('stg_survey_responses') }}

    union all

    select
        source,
        tenant,
        extracted_at,
        sent_at as happened_at
    from {{ ref('stg_survey_invitations') }}
)

select
    source,
    min(tenant) as tenant,
    -- least and greatest skip nulls: a source whose files carry no export time is dated by its rows
    least(greatest(max(extracted_at), max(happened_at)), {{ as_of() }}) as cutoff_at
from seen
group by source
