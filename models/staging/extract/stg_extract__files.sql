{# One row per file of the extract's folder and per table that no file supplies.
   Grain: source_table, source_file.   Keeps: every row. #}

with

source as (

    select * from {{ source('extract', 'files') }}

),

final as (

    select
        source_table,
        source_file,
        source_file is not null as is_supplied,
        source_table is not null as is_recognised,
        file_kind,
        encoding,
        delimiter,
        n_columns,
        n_bytes,
        delivered_at
    from source

)

select * from final
