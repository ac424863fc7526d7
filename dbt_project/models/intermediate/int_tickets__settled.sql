-- One row per ticket: what is known of its life, from its events, else from its columns.
with

-- what a version tells of the time after as_of has not happened yet
tickets as (
    select
        ticket_key,
        tenant,
        source,
        ticket_id,
        created_at,
        case when updated_at <= {{ as_of() }} then updated_at end as updated_at,
        case when first_replied_at <= {{ as_of() }} then first_replied_at end as first_replied_at,
        coalesce(resolved_at, closed_at) as ended_at,
        case
            when {{ is_in_backlog('status') }} then status
            when coalesce(resolved_at, closed_at) > {{ as_of() }} then 'open'
            else status
        end as status
    from {{ ref('stg_tickets') }}
),

traced as (
    select * from {{ ref('int_tickets__traced') }}
),

-- a source that never reports a public reply cannot say that there was none
reply_tenants as (
    select distinct tenant
    from {{ ref('stg_ticket_events') }}
    where event_type = 'public_reply'
),

reply_sources as (
    select distinct source
    from tickets
    where first_replied_at is not null
),

joined as (
    select
        tickets.*,
        traced.ticket_key is not null as has_events,
        traced.status is not null as has_status_history,
        traced.ticket_key is not null and reply_tenants.tenant is not null as has_reply_history,
        reply_sources.source is not null as has_reply_column,
        coalesce(traced.status, tickets.status) as settled_status,
        traced.first_replied_at as traced_first_replied_at,
        traced.first_resolved_at,
        traced.last_resolved_at,
        traced.first_reopened_at,
        traced.reopen_count,
        traced.agent_reply_count,
        traced.replies_until_resolution_count
    from tickets
    left join traced on tickets.ticket_key = traced.ticket_key
    left join reply_tenants on tickets.tenant = reply_tenants.tenant
    left join reply_sources on tickets.source = reply_sources.source
)

select
    ticket_key,
    tenant,
    source,
    ticket_id,
    settled_status as status,
    has_events,
    has_status_history,
    has_reply_history or has_reply_column as is_reply_known,
    case
        when has_reply_history then traced_first_replied_at
        else first_replied_at
    end as first_replied_at,
    case when has_status_history then first_resolved_at end as first_resolved_at,
    case
        when not {{ is_solved('settled_status') }} then null
        when has_status_history then last_resolved_at
        else ended_at
    end as resolved_at,
    -- for tickets without status history: when it left the backlog, as well as its columns can say
    case
        when has_status_history or {{ is_in_backlog('settled_status') }} then null
        else greatest(coalesce(ended_at, updated_at, created_at), created_at)
    end as left_backlog_at,
    first_reopened_at,
    reopen_count,
    case when has_reply_history then agent_reply_count end as agent_reply_count,
    case
        when has_reply_history then replies_until_resolution_count
    end as replies_until_resolution_count,
    -- the one rule by which a ticket is no ticket
    case
        when created_at > {{ as_of() }} then 'created_after_as_of'
        when settled_status = 'deleted' then 'deleted'
    end as exclusion_reason
from joined
