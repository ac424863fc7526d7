-- One row per ticket that counts, with whether the first contact settled it for good.
with

timed as (
    select
        attributed.ticket_number,
        attributed.customer_key,
        attributed.service_key,
        timed.created_at,
        timed.first_resolved_at,
        timed.first_reopened_at,
        timed.replies_until_resolution_count,
        timed.cutoff_at,
        timed.status
    from {{ ref('int_tickets__attributed') }} as attributed
    left join {{ ref('int_tickets__timed') }} as timed
        on attributed.ticket_number = timed.ticket_number
),

followed as (
    select
        *,
        first_resolved_at + interval '{{ var("first_contact_days") }}' day as watched_until,
        lead(created_at) over contacts as next_created_at,
        lag(created_at) over contacts as previous_created_at
    from timed
    window contacts as (
        partition by customer_key, service_key
        order by created_at, ticket_number
    )
)

select
    ticket_number,
    case
        -- no figure where the source cannot say who asked, about what, or how often we answered
        when customer_key = 'unknown' or service_key = 'unknown' then null
        when replies_until_resolution_count is null or first_resolved_at is null then null
        when {{ is_withdrawn('status') }} then null
        -- too young: someone may still come back
        when watched_until > cutoff_at then null
        else
            replies_until_resolution_count <= 1
            and coalesce(first_reopened_at > watched_until, true)
            and coalesce(next_created_at > watched_until, true)
            -- of two tickets of one instant neither is the only contact
            and coalesce(previous_created_at < created_at, true)
    end as is_first_contact_resolved
from followed
