-- One row per comment and theme of the dictionary that it touches.
with

-- many customers write the same few words: each text is read once
texts as (
    select distinct
        comment,
        lower(comment) as text,
        ' ' || translate(lower(comment), '.,;:!?()"/-', '           ') as words
    from {{ ref('stg_survey_responses') }}
    where comment is not null
),

found as (
    select distinct
        texts.comment,
        themes.theme
    from texts
    cross join {{ ref('comment_themes') }} as themes
    where
        case
            when themes.language = 'en'
                then position(' ' || themes.pattern in texts.words) > 0
            else position(themes.pattern in texts.text) > 0
        end
)

select
    responses.response_key,
    found.theme
from {{ ref('stg_survey_responses') }} as responses
left join found on responses.comment = found.comment
where found.theme is not null
