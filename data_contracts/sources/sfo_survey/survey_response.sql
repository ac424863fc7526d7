-- One row per respondent.
select
    _record,
    "RESPNUM",
    "BAREA",
    "METHOD",
    "WEIGHT",
    concat('2017-05-', "INTDATE", ' 12:00') as responded_at
from extract
