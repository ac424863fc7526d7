-- One row per calendar, bucket of open time and open span: when that much open time is reached.
select
    calendar_id,
    bucket_open_us,
    after_open_us,
    until_open_us,
    until_us
from {{ source('generated', 'open_positions') }}
