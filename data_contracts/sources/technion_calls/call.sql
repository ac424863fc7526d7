-- One row per call. A hang-up that never entered the queue (q_start 0:00:00) was not offered to agents.
select
    _record,
    concat("vru+line", ':', call_id, ':', date) as call_id,
    customer_id,
    "vru+line" as line_id,
    type,
    server,
    priority,
    concat(date, ' ', vru_entry) as started_at,
    case
        when outcome = 'AGENT' then 'answered'
        when outcome = 'PHANTOM' then 'failed'
        when outcome = 'HANG' and q_start = '0:00:00' then 'ivr_only'
        when outcome = 'HANG' then 'abandoned'
        else outcome
    end as outcome,
    vru_time,
    q_time,
    case when outcome = 'AGENT' then ser_time end as ser_time
from extract
