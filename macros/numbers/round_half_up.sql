{#
    A number rounded to some decimals, a half upwards, also below 0 (-2.5 to -2). The engines' own round() parts at ties, because
    one rounds the binary number and the other its decimal text (57 of 800 at four decimals). The number is taken as double, which
    holds few ties exactly: what lies below a half by less than a ten millionth of the last decimal is one.
    Arguments: value, SQL of a number; digits, how many decimals. Returns: SQL of a double.
#}
{% macro round_half_up(value, digits) -%}
    floor(cast({{ value }} as double) * {{ 10 ** digits }} + 0.5000001) / {{ 10 ** digits }}
{%- endmacro %}
