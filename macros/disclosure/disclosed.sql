{#
    Counts that may be shown outside the tables of persons: small ones are left out, the rest are rounded, and what is worked
    out from them uses the rounded ones. Both numbers are rules of the seed `disclosure_rules`; a model joins them as
    columns `smallest_count` and `rounding_base`. This makes a page safe to look at inside the room; clearing an output for
    release is the room's own decision.
#}

{#
    A count as it may be shown.
    Arguments: n, SQL of a whole number, not negative. Returns: bigint, NULL where n is below smallest_count.
#}
{% macro disclosed_count(n) -%}
    case when {{ n }} >= smallest_count then cast(floor(({{ n }} + rounding_base / 2.0) / rounding_base) * rounding_base as bigint) end
{%- endmacro %}


{#
    The number of cases in a group as it may be shown: also left out where nearly the whole group are cases.
    Arguments: n_cases and n_pupils, SQL of whole numbers. Returns: bigint, NULL where either side is below smallest_count.
#}
{% macro disclosed_cases(n_cases, n_pupils) -%}
    case when {{ n_pupils }} - {{ n_cases }} >= smallest_count then {{ disclosed_count(n_cases) }} end
{%- endmacro %}
