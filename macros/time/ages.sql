{#
    Completed years between birth and a day, by the calendar and never by days over 365.
    Arguments: birth_date, SQL of a date, the first of the birth month; day, SQL of a date. Returns: integer, negative before birth.
#}
{% macro age_in_years(birth_date, day) -%}
    cast(
        extract(year from {{ day }}) - extract(year from {{ birth_date }})
        - case
            when extract(month from {{ day }}) * 100 + extract(day from {{ day }})
                < extract(month from {{ birth_date }}) * 100 + extract(day from {{ birth_date }}) then 1 else 0
        end as integer
    )
{%- endmacro %}


{# A birthday. Arguments: birth_date, SQL of a date; age, a whole number of years. Returns: date. #}
{% macro birthday(birth_date, age) -%}
    cast({{ dbt.dateadd('year', age, birth_date) }} as date)
{%- endmacro %}
