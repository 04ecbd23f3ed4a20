{# One row per education table and school year that the extract holds.
   Grain: source_table, academic_year_end.
   Population: years with at least the share var year_min_share of the used rows of the table's busiest year.
   Rule: only in a year that was delivered does a pupil without a row mean that there was nothing to report. A year with fewer
   rows is a slip in some rows' school year, not a delivery. #}

with

outcomes as (

    select * from {{ ref('int_row_outcomes') }}

),

years as (

    select source_table, return_year as academic_year_end, cast(sum(n_rows) as bigint) as n_rows
    from outcomes
    where ledger_rule_id = 'used' and source_table like 'npd.%'
    group by source_table, return_year

),

compared as (

    select *, max(n_rows) over (partition by source_table) as n_rows_busiest
    from years

),

final as (

    select source_table, academic_year_end, n_rows
    from compared
    where n_rows >= {{ var('year_min_share') }} * n_rows_busiest

)

select * from final
