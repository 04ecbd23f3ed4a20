{#
    How a delivered value, always text, becomes a typed one. Every macro takes the SQL of a text value and returns SQL; a
    blank gives NULL, and so does a value that cannot be read, which value_findings() then counts.
#}

{# Text without the spaces around it. Arguments: value, SQL of a text. Returns: text, NULL where nothing is left. #}
{% macro clean_text(value) -%}
    nullif(trim({{ value }}), '')
{%- endmacro %}


{#
    Text without the spaces around it, and without the decimal zero that a column of numbers with gaps is saved with.
    Arguments: value, SQL of a text. Returns: text, empty where the value is blank.
#}
{% macro without_decimal_zero(value) -%}
    case when trim({{ value }}) like '%.0' then substring(trim({{ value }}), 1, length(trim({{ value }})) - 2) else trim({{ value }}) end
{%- endmacro %}


{#
    An identifier: text without the spaces around it. The words that programs write for a missing value would be one person with
    the rows of many, so they give NULL; a decimal zero is taken off.
    Arguments: value, SQL of a text. Returns: text.
#}
{% macro clean_id(value) -%}
    case
        when length(trim({{ value }})) < 5 and upper(trim({{ value }})) in ('', 'NA', 'N/A', 'NULL', 'NAN', 'NONE', '.', '-') then null
        else {{ without_decimal_zero(value) }}
    end
{%- endmacro %}


{#
    A code: trimmed, in upper case, without a decimal zero (no list has a code with a point), then repaired by the seed `recodes`. Codes that no list knows stay as they are.

    Arguments: value, SQL of a text; variable, the code's name in the seed's column `variable`, none for codes that are
    never repaired. Returns: text.
    The seed's rows are written into the SQL as a `case`, so that staging needs no join; the model must name the seed in
    a `depends_on` comment.
#}
{% macro clean_code(value, variable=none) %}
    {%- set repairs = recodes_of(variable) if variable else [] -%}
    {%- set plain -%} nullif(upper({{ without_decimal_zero(value) }}), '') {%- endset -%}
    {%- if repairs -%}
        case {{ plain }}
            {%- for raw_value, code in repairs %}
            when {{ sql_text(raw_value) }} then {{ sql_text(code) if code else 'null' }}
            {%- endfor %}
            else {{ plain }}
        end
    {%- else -%}
        {{ plain }}
    {%- endif -%}
{% endmacro %}

{# The repairs of one variable in the seed `recodes`: list of (raw value, code or none). #}
{% macro recodes_of(variable) %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {% set seed = graph.nodes.values() | selectattr('resource_type', 'equalto', 'seed') | selectattr('name', 'equalto', 'recodes') | first %}
    {% set relation = adapter.get_relation(seed.database, seed.schema, seed.name) %}
    {% if relation is none and flags.WHICH in ('build', 'run', 'test') %}
        {% do exceptions.raise_compiler_error('The seed recodes is not in the database yet, and codes would go unrepaired: run `dbt build`, or `dbt seed` before `dbt run`.') %}
    {% elif relation is none %}
        {{ return([]) }}
    {% endif %}
    {% set found = run_query('select raw_value, code from ' ~ relation ~ ' where variable = ' ~ sql_text(variable) ~ ' order by raw_value nulls last') %}
    {{ return(found.rows | map('list') | list) }}
{% endmacro %}


{# A yes/no flag: 1, 1.0, true, t, yes, y and their opposites, in any case. Arguments: value, SQL of a text. Returns: boolean. #}
{% macro clean_flag(value) -%}
    case
        when lower(trim({{ value }})) in ('1', '1.0', 'true', 't', 'yes', 'y') then true
        when lower(trim({{ value }})) in ('0', '0.0', 'false', 'f', 'no', 'n') then false
    end
{%- endmacro %}


{#
    A whole number, also with a decimal zero (3.0). Arguments: value, SQL of a text. Returns: integer, NULL for anything else.
    A cast alone would take 1e3, 0x1f and 1_000 for numbers. Where a pattern does not fit, regexp_extract gives an empty text.
#}
{% macro clean_integer(value) -%}
    try_cast(regexp_extract({{ value }}, '^ *(-?[0-9]+)([.]0)? *$', 1) as integer)
{%- endmacro %}


{#
    A number, also in the notation of powers of ten (1.5e-01). Arguments: value, SQL of a text. Returns: double, NULL for
    anything else. A cast alone would take nan and inf for numbers, and they would be the highest of all.
#}
{% macro clean_decimal(value) -%}
    try_cast(regexp_extract({{ value }}, '^ *(-?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]{1,2})?) *$', 1) as double)
{%- endmacro %}


{#
    A date in any of its forms, written as 2011-09-03: 2011-09-03, 2011-09-03 00:00:00, 03/09/2011 (day first; with or
    without a time) or 03SEP2011. Arguments: value, SQL of a text. Returns: text, NULL for a blank and no date where the
    value has none of these forms; it may still be no day of the calendar.
    Patterns keep the SQL short: Spark makes one program of the whole select, and a long one is not compiled to machine code.
#}
{% macro date_text(value) -%}
    {%- set by_slashes = "'^ *([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})( [0-9]{2}:[0-9]{2}.*)? *$'" -%}
    {%- set by_name = "'^ *([0-9]{2})([A-Za-z]{3})([0-9]{4}) *$'" -%}
    case
        -- blank, as most dates of leaving are: no pattern need look at it
        when {{ value }} = '' then null
        -- as most others are written; 2011-09-3T would be a date on Spark
        when {{ value }} like '____-__-__' and {{ value }} not like '%T' then {{ value }}
        when {{ value }} like '%/%' then regexp_extract({{ value }}, {{ by_slashes }}, 3)
            || '-' || lpad(regexp_extract({{ value }}, {{ by_slashes }}, 2), 2, '0')
            || '-' || lpad(regexp_extract({{ value }}, {{ by_slashes }}, 1), 2, '0')
        when {{ value }} like '%-%' then regexp_extract({{ value }}, '^ *([0-9]{4}-[0-9]{2}-[0-9]{2})([ T][0-9]{2}:[0-9]{2}.*)? *$', 1)
        else regexp_extract({{ value }}, {{ by_name }}, 3)
            || case upper(regexp_extract({{ value }}, {{ by_name }}, 2))
                when 'JAN' then '-01-' when 'FEB' then '-02-' when 'MAR' then '-03-' when 'APR' then '-04-'
                when 'MAY' then '-05-' when 'JUN' then '-06-' when 'JUL' then '-07-' when 'AUG' then '-08-'
                when 'SEP' then '-09-' when 'OCT' then '-10-' when 'NOV' then '-11-' when 'DEC' then '-12-'
            end
            || regexp_extract({{ value }}, {{ by_name }}, 1)
    end
{%- endmacro %}


{#
    A date in any of the forms of date_text, NULL for the two that stand for "unknown". Arguments: value, SQL of a text.
    Returns: date, NULL where the text is no day of the calendar.
    The two are taken out of the text and not of the date, so that the long expression stands in the SQL once.
#}
{% macro clean_date(value) -%}
    try_cast(replace(replace({{ date_text(value) }}, '1800-01-01', ''), '1900-01-01', '') as date)
{%- endmacro %}


{# Whether a delivered date is one of the two that stand for "unknown". Arguments: value, SQL of a text. Returns: boolean. #}
{% macro is_sentinel_date(value) -%}
    {{ date_text(value) }} in ('1800-01-01', '1900-01-01')
{%- endmacro %}


{#
    What cleaning changed in a row, so that nothing is repaired silently.

    Arguments: dates, dictionary from typed column to raw column; values, the same for flags, numbers and years; codes,
    the same for codes that have repairs.
    Returns: SQL of a text such as `unreadable:episode_start_date,recoded:placement_code`, NULL where nothing was changed.
    `sentinel` marks an unknown date, `month_first` a date that is one only if its month comes first (05/13/2010), `unreadable`
    another value that became NULL, `recoded` a code that a repair replaced.
#}
{% macro value_findings(dates={}, values={}, codes={}) -%}
    {%- set month_first = "'^ *(0?[1-9]|1[0-2])/(1[3-9]|2[0-9]|3[01])/[0-9]{4}( [0-9]{2}:[0-9]{2}.*)? *$'" -%}
    {%- set found = [] -%}
    {%- for typed, raw in dates.items() -%}
        {%- do found.append(
            "case when " ~ typed ~ " is null and " ~ clean_text(raw) ~ " is not null then case when " ~ is_sentinel_date(raw)
            ~ " then 'sentinel:" ~ typed ~ "' when regexp_extract(" ~ raw ~ ", " ~ month_first ~ ", 2) <> '' then 'month_first:" ~ typed
            ~ "' else 'unreadable:" ~ typed ~ "' end end") -%}
    {%- endfor -%}
    {%- for typed, raw in values.items() -%}
        {%- do found.append("case when " ~ typed ~ " is null and " ~ clean_text(raw) ~ " is not null then 'unreadable:" ~ typed ~ "' end") -%}
    {%- endfor -%}
    {%- for typed, raw in codes.items() -%}
        {%- do found.append("case when " ~ typed ~ " is distinct from " ~ clean_code(raw) ~ " then 'recoded:" ~ typed ~ "' end") -%}
    {%- endfor -%}
    nullif(concat_ws(
        ',',
        {{ found | join(',\n        ') }}
    ), '')
{%- endmacro %}
