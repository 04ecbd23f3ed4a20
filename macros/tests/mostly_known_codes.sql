{#
    The codes of a column are mostly codes of its look-up, in every file. Where they are not, the column holds another
    column's values. A few unknown codes are normal: they are kept, labelled `unmapped` and counted.

    Arguments: model, the relation under test; column_name, a code column; lookup, the relation of a look-up seed.
    Returns: one row per file in which more than var max_unknown_share of at least var min_values_to_judge codes are unknown.
#}
{% test mostly_known_codes(model, column_name, lookup) %}
    {{ config(meta={'shows_rows': true}) }}
    with

    known as (

        select distinct code from {{ lookup }}

    ),

    delivered as (

        select
            codes.source_file,
            count(*) as n_values,
            sum(case when known.code is null then 1 else 0 end) as n_unknown
        from {{ model }} as codes
        left join known on codes.{{ column_name }} = known.code
        where codes.{{ column_name }} is not null
        group by codes.source_file

    )

    select source_file, '{{ column_name }}' as column_name, n_values, n_unknown
    from delivered
    where n_values >= {{ var('min_values_to_judge') }} and n_unknown > {{ var('max_unknown_share') }} * n_values
{% endtest %}
