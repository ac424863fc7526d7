-- One row per respondent and rated question. Ratings run 1-5 (recommendation 0-10); every other
-- code says why there is none.
with answers as (
    select
        _record,
        "RESPNUM",
        unnest([
            'Q7ART', 'Q7FOOD', 'Q7STORE', 'Q7SIGN', 'Q7WALKWAYS', 'Q7SCREENS',
            'Q7INFODOWN', 'Q7INFOUP', 'Q7WIFI', 'Q7ROADS', 'Q7PARK', 'Q7AIRTRAIN',
            'Q7LTPARKING', 'Q7RENTAL', 'Q7ALL', 'Q9BOARDING', 'Q9AIRTRAIN', 'Q9RENTAL',
            'Q9FOOD', 'Q9RESTROOM', 'Q9ALL', 'Q10SAFE', 'Q14FIND', 'Q14PASSTHRU',
            'NETPRO'
        ]) as question_id,
        unnest([
            "Q7ART", "Q7FOOD", "Q7STORE", "Q7SIGN", "Q7WALKWAYS", "Q7SCREENS",
            "Q7INFODOWN", "Q7INFOUP", "Q7WIFI", "Q7ROADS", "Q7PARK", "Q7AIRTRAIN",
            "Q7LTPARKING", "Q7RENTAL", "Q7ALL", "Q9BOARDING", "Q9AIRTRAIN", "Q9RENTAL",
            "Q9FOOD", "Q9RESTROOM", "Q9ALL", "Q10SAFE", "Q14FIND", "Q14PASSTHRU",
            "NETPRO"
        ]) as code
    from extract
)

select
    _record,
    "RESPNUM",
    question_id,
    case question_id when 'NETPRO' then 'nps' when 'Q7ALL' then 'csat' else 'other' end as measure,
    case
        when question_id in ('NETPRO', 'Q7ALL') then 'overall'
        when question_id like 'Q7%' then 'facilities'
        when question_id like 'Q9%' then 'cleanliness'
        when question_id like 'Q10%' then 'safety'
        else 'ease'
    end as dimension,
    case
        when question_id = 'NETPRO' and code in ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10') then code
        when question_id != 'NETPRO' and code in ('1', '2', '3', '4', '5') then code
    end as score,
    case question_id when 'NETPRO' then '0' else '1' end as scale_min,
    case question_id when 'NETPRO' then '10' else '5' end as scale_max
from answers
