{#
    School years run from 1 September, return years of social care from 1 April to 31 March. Both are known by the year in
    which they end: 2006 stands for 2005/2006.
#}

{#
    The year in which a delivered academic year ends: 2005/2006, 2005/06, 2005-06, 200506 and 20052006 all give 2006.
    Arguments: value, SQL of a text. Returns: integer, NULL where the two halves are not consecutive years.
#}
{% macro academic_year_end(value) -%}
    {%- set pattern = "'^ *([0-9]{4})[/-]?([0-9]{4}|[0-9]{2}) *$'" -%}
    {%- set year_end = "try_cast(regexp_extract(" ~ value ~ ", " ~ pattern ~ ", 1) as integer) + 1" -%}
    case
        -- as nearly all are written, without a pattern
        when {{ value }} like '20__/20__' and try_cast(substring({{ value }}, 6, 4) as integer) = try_cast(substring({{ value }}, 1, 4) as integer) + 1
            then try_cast(substring({{ value }}, 6, 4) as integer)
        when regexp_extract({{ value }}, {{ pattern }}, 2) in (
            cast({{ year_end }} as {{ dbt.type_string() }}), substring(cast({{ year_end }} as {{ dbt.type_string() }}), 3, 2)
        )
            then {{ year_end }}
    end
{%- endmacro %}


{#
    The school year of a row of a yearly file, by the calendar year in which it ends: as the row gives it, or, where the row
    leaves it blank, the one year that stands in the name of its file (Spring_Census_2012), in two halves too (201819, 2018-19).
    A year that is written but cannot be read stays unknown, for then the column may hold something else.
    Arguments: value, SQL of a text; file_name, SQL of a text. Returns: integer.
#}
{% macro academic_year_end_or_of_file(value, file_name) -%}
    {%- set place = "position('_20' in " ~ file_name ~ ")" -%}
    {%- set rest = "substring(" ~ file_name ~ ", " ~ place ~ " + 5)" -%}
    {%- set both_years = "replace(regexp_extract(" ~ file_name ~ ", '_(20[0-9]{2}[-_]?(20)?[0-9]{2})([^0-9]|$)', 1), '_', '-')" -%}
    case
        when {{ clean_text(value) }} is not null then {{ academic_year_end(value) }}
        else coalesce({{ academic_year_end(both_years) }}, case
            -- a second year, as in 2002_to_2014, or a longer number is not the year of every row
            when {{ place }} > 0 and position('_20' in {{ rest }}) = 0 and {{ rest }} not like '-20%' and substring({{ rest }}, 1, 1) not between '0' and '9'
                then try_cast(substring({{ file_name }}, {{ place }} + 1, 4) as integer)
        end)
    end
{%- endmacro %}


{# The written form of an academic year. Arguments: year_end, SQL of an integer. Returns: text such as 2005/2006. #}
{% macro academic_year_label(year_end) -%}
    (cast({{ year_end }} - 1 as {{ dbt.type_string() }}) || '/' || cast({{ year_end }} as {{ dbt.type_string() }}))
{%- endmacro %}


{# The year in which the school year of a day ends. Arguments: day, SQL of a date. Returns: integer. #}
{% macro school_year_end_of(day) -%}
    (cast(extract(year from {{ day }}) as integer) + case when extract(month from {{ day }}) >= 9 then 1 else 0 end)
{%- endmacro %}


{# First day of a return year. Arguments: return_year, SQL of an integer. Returns: date, 1 April of the year before. #}
{% macro return_year_first_day(return_year) -%}
    make_date({{ return_year }} - 1, 4, 1)
{%- endmacro %}


{# Last day of a return year. Arguments: return_year, SQL of an integer. Returns: date, 31 March. #}
{% macro return_year_last_day(return_year) -%}
    make_date({{ return_year }}, 3, 31)
{%- endmacro %}


{# The return year in which a day falls. Arguments: day, SQL of a date. Returns: integer, the year in which it ends. #}
{% macro return_year_of(day) -%}
    (cast(extract(year from {{ day }}) as integer) + case when extract(month from {{ day }}) >= 4 then 1 else 0 end)
{%- endmacro %}


{# First day of a school year. Arguments: academic_year_end, SQL of an integer. Returns: date, 1 September of the year before. #}
{% macro school_year_first_day(academic_year_end) -%}
    make_date({{ academic_year_end }} - 1, 9, 1)
{%- endmacro %}


{# Last day of a school year. Arguments: academic_year_end, SQL of an integer. Returns: date, 31 August. #}
{% macro school_year_last_day(academic_year_end) -%}
    make_date({{ academic_year_end }}, 8, 31)
{%- endmacro %}
