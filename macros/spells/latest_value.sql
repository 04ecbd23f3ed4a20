{#
    Aggregate: the value that the latest return gives, blank returns passed over; of two in one year the greater.
    It needs no window, because a return year has four digits and can stand before the value.
    Arguments: value, SQL of a text; return_year, SQL of an integer. Returns: text, NULL where no return gives a value.
#}
{% macro latest_value(value, return_year) -%}
    substring(max(cast({{ return_year }} as {{ dbt.type_string() }}) || {{ value }}), 5)
{%- endmacro %}
