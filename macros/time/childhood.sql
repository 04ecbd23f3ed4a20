{#
    Childhood runs from a few months before birth (var months_before_birth) to the day before the birthday that ends it
    (var childhood_end_age). Birth is known to the month; all dates are counted from the first of it.
#}

{# The first day on which a contact can belong to a child. Arguments: birth_date, SQL of a date. Returns: date. #}
{% macro childhood_first_day(birth_date) -%}
    cast({{ dbt.dateadd('month', -1 * var('months_before_birth'), birth_date) }} as date)
{%- endmacro %}


{# The birthday that ends childhood, the first day that is no longer in it. Arguments: birth_date, SQL of a date. Returns: date. #}
{% macro childhood_end_date(birth_date) -%}
    cast({{ dbt.dateadd('year', var('childhood_end_age'), birth_date) }} as date)
{%- endmacro %}
