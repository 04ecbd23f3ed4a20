{# One row per source table, file, return year, column and kind of finding: how many values were not taken as delivered.
   Grain: source_table, source_file, return_year, column_name, finding. #}

with

findings as (

    select * from {{ ref('int_value_findings') }}

),

final as (

    select
        source_table,
        source_file,
        return_year,
        column_name,
        finding,
        n_values
    from findings

)

select * from final
