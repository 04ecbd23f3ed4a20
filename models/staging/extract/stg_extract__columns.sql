{# One row per file and column that the project knows.
   Grain: source_table, source_file, column_name.   Keeps: every row. #}

with

source as (

    select * from {{ source('extract', 'columns') }}

),

final as (

    select
        source_table,
        source_file,
        column_name,
        delivered_name,
        is_required,
        delivered_name is not null as is_delivered
    from source

)

select * from final
