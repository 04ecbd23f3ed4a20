{#
    The values of a date, year, number or flag column can mostly be read, in every file. Where they cannot, the column
    holds another column's values, or is written in a form that the project does not know yet. A few dates that can only be
    written month first are enough: those beside them whose day is 12 or less were read the wrong way round.

    Arguments: model, a staging model with `value_findings`; column_name, a typed column that value_findings names.
    Returns: one row per file in which more than var max_unknown_share of at least var min_values_to_judge delivered values became NULL,
    or in which that many dates are month_first.
#}
{% test mostly_readable(model, column_name) %}
    {{ config(meta={'shows_rows': true}) }}
    with

    delivered as (

        select
            source_file,
            count({{ column_name }}) as n_read,
            sum(case when ',' || value_findings || ',' like '%,unreadable:{{ column_name }},%' then 1 else 0 end) as n_unreadable,
            sum(case when ',' || value_findings || ',' like '%,month_first:{{ column_name }},%' then 1 else 0 end) as n_month_first
        from {{ model }}
        group by source_file

    )

    select source_file, '{{ column_name }}' as column_name, n_read, n_unreadable, n_month_first
    from delivered
    where n_month_first >= {{ var('min_values_to_judge') }}
        or (n_read + n_unreadable >= {{ var('min_values_to_judge') }} and n_unreadable > {{ var('max_unknown_share') }} * (n_read + n_unreadable))
{% endtest %}
