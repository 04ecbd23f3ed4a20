{#
    Aggregate: the value that the latest return gives, blank returns passed over; of two in one year the greater.
    It needs no window, because a return year has four digits and can stand before the value.
    Arguments: value, SQL of a text; return_year, SQL of an integer; is_blank_told, whether a blank in the latest return says that
    there is no such value any more, as for the end of what runs on. Returns: text, NULL where no return gives a value.
#}
{% macro latest_value(value, return_year, is_blank_told=false) -%}
    {%- set told = "coalesce(" ~ value ~ ", '')" if is_blank_told else value -%}
    nullif(substring(max(cast({{ return_year }} as {{ dbt.type_string() }}) || {{ told }}), 5), '')
{%- endmacro %}
