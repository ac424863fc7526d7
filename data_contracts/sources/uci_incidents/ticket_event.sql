-- One row per update. The log numbers updates per incident (sys_mod_count), in five cases twice:
-- the place among equals completes the event's number.
select
    _record,
    number,
    sys_updated_at,
    incident_state,
    priority,
    assignment_group,
    assigned_to,
    concat(
        number, ':', lpad(sys_mod_count, 4, '0'), ':',
        row_number() over (partition by number, sys_mod_count order by _record)
    ) as event_id
from extract
