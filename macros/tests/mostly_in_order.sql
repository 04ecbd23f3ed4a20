{#
    Of two dates of a row the one that cannot come later mostly does not, in every file. Where it does, the two columns are swapped.

    Arguments: model, a relation with `source_file`; earlier and later, two date columns.
    Returns: one row per file in which, of at least var min_values_to_judge rows with both dates, more than var max_unknown_share have them turned round.
#}
{% test mostly_in_order(model, earlier, later) %}
    {{ config(meta={'shows_rows': true}) }}
    with

    compared as (

        select
            source_file,
            count(*) as n_rows,
            sum(case when {{ later }} < {{ earlier }} then 1 else 0 end) as n_turned_round
        from {{ model }}
        where {{ earlier }} is not null and {{ later }} is not null
        group by source_file

    )

    select source_file, '{{ earlier }}' as earlier_column, '{{ later }}' as later_column, n_rows, n_turned_round
    from compared
    where n_rows >= {{ var('min_values_to_judge') }} and n_turned_round > {{ var('max_unknown_share') }} * n_rows
{% endtest %}
