{# The newest version of every row of a raw table, of those that meet `condition`. Few rows come
   twice, and only those are ranked: sorting all of them is most of what staging costs. The table
   is named three times on purpose: a common table expression would be written to memory whole. #}
{% macro newest_versions(relation, keys, newest_first, condition = 'true') %}
repeated as (
    select {{ keys | join(', ') }}
    from {{ relation }}
    where {{ condition }}
    group by {{ keys | join(', ') }}
    having count(*) > 1
),

ranked as (
    select
        versions.*,
        row_number() over (
            partition by {% for key in keys %}versions.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
            order by {{ newest_first }}
        ) as version_rank
    from {{ relation }} as versions
    inner join repeated
        on {% for key in keys %}versions.{{ key }} = repeated.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    where {{ condition }}
),

newest as (
    select
        versions.*,
        1 as version_rank
    from {{ relation }} as versions
    left join repeated
        on {% for key in keys %}versions.{{ key }} = repeated.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    where repeated.{{ keys[0] }} is null and {{ condition }}

    union all

    select * from ranked
    where version_rank = 1
)
{% endmacro %}
