-- One row per calendar and UTC day: seconds open before it, its open pieces, its clock offsets.
-- as many piece columns as the busiest day of any calendar needs
select * from {{ source('generated', 'business_days') }} -- noqa: AM04
