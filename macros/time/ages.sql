{# Ages are completed years, never days divided by 365. #}

{#
    Completed years from a birth to a day.
    Arguments: birth_date, day, SQL of dates. Returns: integer, negative before birth, NULL where either is unknown. A birth
    on 29 February has its birthday on 1 March of other years.
#}
{% macro age_in_years(birth_date, day) -%}
    (cast(extract(year from {{ day }}) as integer) - cast(extract(year from {{ birth_date }}) as integer)
        - case
            when extract(month from {{ day }}) * 100 + extract(day from {{ day }}) < extract(month from {{ birth_date }}) * 100 + extract(day from {{ birth_date }})
                then 1
            else 0
        end)
{%- endmacro %}
