{# One row per source table and column: in how many of the table's files it was delivered.
   Grain: source_table, column_name. #}

with

columns as (

    select * from {{ ref('stg_extract__columns') }}

),

final as (

    select
        source_table,
        column_name,
        is_required,
        cast(count(source_file) as bigint) as n_files,
        cast(sum(case when is_delivered then 1 else 0 end) as bigint) as n_files_with_column,
        case
            when count(source_file) = 0 then 'table_not_supplied'
            when sum(case when is_delivered then 1 else 0 end) = count(source_file) then 'always'
            when sum(case when is_delivered then 1 else 0 end) = 0 then 'never'
            else 'in_some_files'
        end as delivered
    from columns
    group by source_table, column_name, is_required

)

select * from final
