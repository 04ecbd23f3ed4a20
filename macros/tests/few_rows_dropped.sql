{#
    The rules that speak of a file rather than of its rows do not drop most of it: swapped date columns, a year in an unknown
    form, lines cut short. Rows that were dropped for other reasons are left out of the count.

    Arguments: model, an int_..._rows_marked model; rules, list of rule ids of the seed ledger_rules.
    Returns: one row per rule of each file in which the rules together drop more than var max_unknown_share of at least var
    min_values_to_judge rows, the others being used, unlinked or merged.
#}
{% test few_rows_dropped(model, rules) %}
    {{ config(meta={'shows_rows': true}) }}
    {% set listed = "('" ~ rules | join("', '") ~ "')" %}
    with

    outcomes as (

        select source_file, ledger_rule_id, count(*) as n_rows
        from {{ model }}
        where ledger_rule_id in {{ listed }}
            or ledger_rule_id in (select rule_id from {{ ref('ledger_rules') }} where effect in ('used', 'unlinked', 'merged'))
        group by source_file, ledger_rule_id

    ),

    compared as (

        select
            *,
            sum(n_rows) over (partition by source_file) as n_rows_in_all,
            sum(case when ledger_rule_id in {{ listed }} then n_rows else 0 end) over (partition by source_file) as n_rows_dropped
        from outcomes

    )

    select source_file, ledger_rule_id, n_rows, n_rows_dropped, n_rows_in_all
    from compared
    where ledger_rule_id in {{ listed }}
        and n_rows_in_all >= {{ var('min_values_to_judge') }}
        and n_rows_dropped > {{ var('max_unknown_share') }} * n_rows_in_all
{% endtest %}
