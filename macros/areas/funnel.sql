{#
    Where an area lies in a funnel plot: a number of cases set against those expected, by the limits of a Poisson count. The
    exact mart and the one that may be shown read them here, each with its own counts.
#}

{#
    The limits of a Poisson count: exact where the seed `poisson_limits` holds the count, by Byar's approximation beyond it, with the
    normal quantiles of 95 % and 99.8 %.
    Arguments: n, SQL of a whole number, on which the query left joins the seed under the name `poisson_limits`.
    Returns: four columns of double, lower_95, upper_95, lower_998 and upper_998, NULL where n is.
#}
{% macro poisson_limits_of(n) -%}
    {% for name, z in {'95': 1.959964, '998': 3.090232}.items() -%}
        case
            when poisson_limits.n_cases is not null then poisson_limits.lower_{{ name }}
            else {{ n }} * power(1 - 1 / (9.0 * {{ n }}) - {{ z }} / (3 * sqrt({{ n }})), 3)
        end as lower_{{ name }},
        case
            when poisson_limits.n_cases is not null then poisson_limits.upper_{{ name }}
            else ({{ n }} + 1) * power(1 - 1 / (9.0 * ({{ n }} + 1)) + {{ z }} / (3 * sqrt({{ n }} + 1)), 3)
        end as upper_{{ name }}{{ ',' if not loop.last }}
    {% endfor %}
{%- endmacro %}


{#
    The position of a count whose limits stand beside it as columns.
    Arguments: expected, SQL of the expected cases. Returns: text, NULL where nothing is expected.
#}
{% macro funnel_position_of(expected) -%}
    case
        when {{ expected }} = 0 then null
        when lower_998 > {{ expected }} then 'above_998'
        when upper_998 < {{ expected }} then 'below_998'
        when lower_95 > {{ expected }} then 'above_95'
        when upper_95 < {{ expected }} then 'below_95'
        when lower_95 <= {{ expected }} then 'inside'
    end
{%- endmacro %}
