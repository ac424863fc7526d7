-- One row per customer that occurs in a fact, and the unknown customer.
with

customers as (
    select customer_key from {{ ref('fct_tickets') }}

    union

    select customer_key from {{ ref('fct_survey_responses') }}

    union

    select 'unknown' as customer_key
),

tiers as (
    select
        customer_key,
        max_by(customer_tier, (created_at, ticket_key)) as customer_tier
    from {{ ref('fct_tickets') }}
    where customer_key <> 'unknown' and customer_tier <> 'unknown'
    group by customer_key
)

select
    customers.customer_key,
    {{ key_tenant('customers.customer_key') }} as tenant,
    {{ key_id('customers.customer_key') }} as customer_id,
    {{ member_code('tiers.customer_tier') }} as customer_tier,
    {{ key_id('customers.customer_key') }} as label,
    case
        when customers.customer_key = 'unknown' then '未知'
        else {{ key_id('customers.customer_key') }}
    end as label_zh
from customers
left join tiers on customers.customer_key = tiers.customer_key
