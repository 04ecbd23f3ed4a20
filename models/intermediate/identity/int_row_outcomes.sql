{# One row per source table, file, return year and rule: how many delivered rows met with it.
   Grain: source_table, source_file, return_year, ledger_rule_id.
   Population: every row of every source table, each counted under the one rule that decided what became of it. #}

with

final as (

    select 'cla.episodes' as source_table, source_file, return_year, ledger_rule_id, cast(count(*) as bigint) as n_rows
    from {{ ref('int_cla_rows_marked') }}
    group by source_file, return_year, ledger_rule_id
    union all
    select 'cin.episodes' as source_table, source_file, return_year, ledger_rule_id, cast(count(*) as bigint) as n_rows
    from {{ ref('int_cin_rows_marked') }}
    group by source_file, return_year, ledger_rule_id
    union all
    select
        'npd.school_census' as source_table, source_file, academic_year_end as return_year, ledger_rule_id,
        cast(count(*) as bigint) as n_rows
    from {{ ref('int_school_census_rows_marked') }}
    group by source_file, academic_year_end, ledger_rule_id
    union all
    select
        'links.pupil_offender' as source_table, source_file, cast(null as integer) as return_year, ledger_rule_id,
        cast(count(*) as bigint) as n_rows
    from {{ ref('int_link_rows_marked') }}
    group by source_file, ledger_rule_id

)

select * from final
