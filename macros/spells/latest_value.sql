{#
    Aggregate: the value that the latest return gives, blank returns passed over; of two in one year the smaller, but a code that says
    less only where there is no other. It needs no window: what the year lacks to 9999 has four digits and can stand before the value.
    Arguments: value, SQL of a text; return_year, SQL of an integer; is_blank_told, whether a blank in the latest return says that
    there is no such value any more, as for the end of what runs on; is_greater, whether of two in one year the greater wins, as for
    the end of what runs on; last_codes, the codes that say less, the least telling last. Returns: text, NULL where no return gives a value.
#}
{% macro latest_value(value, return_year, is_blank_told=false, is_greater=false, last_codes=[]) -%}
    {%- set told = "coalesce(" ~ value ~ ", '')" if is_blank_told else value -%}
    {%- if is_greater -%}
        nullif(substring(max(cast({{ return_year }} as {{ dbt.type_string() }}) || {{ told }}), 5), '')
    {%- else -%}
        {%- set place -%}
            case
                {%- for code in last_codes %} when {{ value }} = '{{ code }}' then '{{ loop.index }}'{% endfor %} when {{ value }} is null then '9' else '0'
            end
        {%- endset -%}
        nullif(substring(min(cast(9999 - {{ return_year }} as {{ dbt.type_string() }}) || {{ place }} || {{ told }}), 6), '')
    {%- endif -%}
{%- endmacro %}
