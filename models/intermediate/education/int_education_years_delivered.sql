{# One row per education table and school year that the extract holds.
   Grain: source_table, academic_year_end.   Population: years with at least one used row.
   Rule: only in a year that was delivered does a pupil without a row mean that there was nothing to report. #}

with

outcomes as (

    select * from {{ ref('int_row_outcomes') }}

),

final as (

    select source_table, return_year as academic_year_end, cast(sum(n_rows) as bigint) as n_rows
    from outcomes
    where ledger_rule_id = 'used' and source_table like 'npd.%'
    group by source_table, return_year

)

select * from final
