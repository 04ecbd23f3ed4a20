{# Rows read, counted from staging, against what the rules made of them. #}
with

ledger as (

    select source_table, source_file, return_year, effect, n_rows from {{ ref('quality_row_ledger') }}

),

totals as (

    select
        source_table,
        source_file,
        return_year,
        sum(case when effect = 'read' then n_rows else 0 end) as n_rows_read,
        sum(case when effect in ('used', 'unlinked', 'dropped', 'merged') then n_rows else 0 end) as n_rows_accounted_for
    from ledger
    group by source_table, source_file, return_year

)

select *
from totals
where n_rows_read <> n_rows_accounted_for
