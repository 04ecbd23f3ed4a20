{#
    No rule drops most of a file. A rule that does points at the file, not at its rows: swapped date columns, a year in an
    unknown form, rows cut short.

    Arguments: model, an int_..._rows_marked model; rules, list of rule ids of the seed ledger_rules.
    Returns: one row per file and rule that drops more than var max_unknown_share of at least 20 rows.
#}
{% test few_rows_dropped(model, rules) %}
    {{ config(meta={'shows_rows': true}) }}
    with

    delivered as (

        select source_file, count(*) as n_rows
        from {{ model }}
        group by source_file

    ),

    dropped as (

        select source_file, ledger_rule_id, count(*) as n_dropped
        from {{ model }}
        where ledger_rule_id in ({{ "'" ~ rules | join("', '") ~ "'" }})
        group by source_file, ledger_rule_id

    )

    select dropped.source_file, dropped.ledger_rule_id, delivered.n_rows, dropped.n_dropped
    from dropped
    inner join delivered on dropped.source_file = delivered.source_file
    where delivered.n_rows >= 20 and dropped.n_dropped > {{ var('max_unknown_share') }} * delivered.n_rows
{% endtest %}
