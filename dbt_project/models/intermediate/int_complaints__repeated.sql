-- One row per complaint: whether the same customer complained of the same service shortly before.
{{ config(materialized = 'view') }}
with

complaints as (
    select
        attributed.ticket_number,
        attributed.customer_key,
        attributed.service_key,
        timed.created_at,
        lag(timed.created_at) over (
            partition by attributed.customer_key, attributed.service_key
            order by timed.created_at, attributed.ticket_number
        ) as complained_before_at
    from {{ ref('int_tickets__attributed') }} as attributed
    left join {{ ref('int_tickets__timed') }} as timed
        on attributed.ticket_number = timed.ticket_number
    where attributed.ticket_type = 'complaint'
)

select
    ticket_number,
    case
        when customer_key <> 'unknown' and service_key <> 'unknown'
            then coalesce(
                complained_before_at
                >= created_at - interval '{{ var("repeat_complaint_days") }}' day,
                false
            )
    end as is_repeat_complaint
from complaints
