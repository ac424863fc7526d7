-- One row per ticket: what is known of its life, and the one rule by which a ticket is no ticket.
with

joined as (
    select
        tickets.*,
        traced.status_since_at,
        traced.first_resolved_at,
        traced.last_resolved_at,
        traced.first_reopened_at,
        traced.withdrawn_at,
        traced.first_replied_at as reply_at,
        traced.reopen_count,
        traced.agent_reply_count,
        traced.replies_until_resolution_count,
        traced.team_reassignment_count,
        traced.agent_reassignment_count,
        traced.returned_team_count,
        traced.escalation_count,
        traced.acknowledged_at as acknowledgement_at,
        traced.arrived_at as arrival_at,
        traced.first_called_back_at,
        traced.last_called_back_at,
        case
            when tickets.is_deleted then 'deleted'
            when tickets.has_status_history then traced.status else tickets.status
        end as settled_status
    from {{ ref('int_tickets__described') }} as tickets
    left join {{ ref('int_tickets__traced') }} as traced
        on tickets.ticket_number = traced.ticket_number
)

select
    ticket_number,
    ticket_key,
    tenant,
    source,
    settled_status as status,
    created_at,
    cutoff_at,
    has_events,
    has_status_history,
    knows_replies as is_reply_known,
    knows_acknowledgements as is_acknowledgement_known,
    knows_arrivals as is_arrival_known,
    knows_callbacks as is_callback_known,
    status_since_at,
    reply_at as first_replied_at,
    acknowledgement_at as acknowledged_at,
    arrival_at as arrived_at,
    first_called_back_at,
    last_called_back_at,
    -- columns tell the last solution only
    case when has_status_history then first_resolved_at end as first_resolved_at,
    case when has_status_history then first_reopened_at end as first_reopened_at,
    case
        when not {{ is_solved('settled_status') }} then null
        when has_status_history or ended_at is not null then last_resolved_at
    end as resolved_at,
    -- when it left the backlog, as well as the source can say
    case
        when {{ is_solved('settled_status') }} then last_resolved_at
        when {{ is_withdrawn('settled_status') }} then withdrawn_at
    end as left_backlog_at,
    case when has_status_history then reopen_count end as reopen_count,
    case when knows_replies then agent_reply_count end as agent_reply_count,
    case
        when knows_replies and has_status_history then replies_until_resolution_count
    end as replies_until_resolution_count,
    case when has_events then team_reassignment_count end as team_reassignment_count,
    case when has_events then agent_reassignment_count end as agent_reassignment_count,
    case when has_events then returned_team_count end as returned_team_count,
    case when knows_escalations then escalation_count end as escalation_count,
    case
        when created_at > {{ as_of() }} then 'created_after_as_of'
        when settled_status = 'deleted' then 'deleted'
        when disposition is not null then disposition
    end as exclusion_reason
from joined
