-- One row per calendar and UTC day: seconds open before it, its open pieces, its clock offsets.
select * from {{ source('generated', 'business_days') }}
