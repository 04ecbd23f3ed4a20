{# One row per source table, file, return year and rule: how many delivered rows met with it.
   Grain: source_table, source_file, return_year, ledger_rule_id.
   Population: every row of every source table, each counted under the one rule that decided what became of it. #}

with

final as (

    {% for table in ledgered_tables() -%}
    {% set year = table.year or 'cast(null as integer)' -%}
    select
        '{{ table.source_table }}' as source_table, source_file, {{ year }} as return_year, ledger_rule_id,
        cast(count(*) as bigint) as n_rows
    from {{ ref(table.marked) }}
    group by source_file, {{ year ~ ', ' if table.year }}ledger_rule_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
