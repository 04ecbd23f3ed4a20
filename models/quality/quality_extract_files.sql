{# One row per file of the extract and per table that no file supplies.
   Grain: source_table, source_file.   Rule: a wide row of exclusions, which gives a row for each slot, is one row of its file. #}

with

files as (

    select * from {{ ref('stg_extract__files') }}

),

rows_per_file as (

    select source_table, source_file, sum(n_rows) as n_rows
    from {{ ref('int_row_outcomes') }}
    where source_table <> 'npd.exclusions'
    group by source_table, source_file
    union all
    select 'npd.exclusions' as source_table, source_file, sum(case when is_first_slot then 1 else 0 end) as n_rows
    from {{ ref('stg_npd__exclusions') }}
    group by source_file

),

columns_per_file as (

    select
        source_table,
        source_file,
        sum(case when is_delivered then 1 else 0 end) as n_known_columns,
        sum(case when is_delivered then 0 else 1 end) as n_absent_columns
    from {{ ref('stg_extract__columns') }}
    group by source_table, source_file

),

final as (

    select
        files.source_table,
        files.source_file,
        case
            when not files.is_supplied then 'not_supplied'
            when not files.is_recognised then 'not_recognised'
            else 'read'
        end as file_status,
        files.file_kind,
        files.encoding,
        files.delimiter,
        files.n_bytes,
        cast(rows_per_file.n_rows as bigint) as n_rows,
        files.n_columns,
        cast(case when files.is_supplied then columns_per_file.n_known_columns end as bigint) as n_known_columns,
        cast(case when files.is_supplied then columns_per_file.n_absent_columns end as bigint) as n_absent_columns
    from files
    left join rows_per_file on files.source_table = rows_per_file.source_table and files.source_file = rows_per_file.source_file
    left join columns_per_file on files.source_table = columns_per_file.source_table and files.source_file = columns_per_file.source_file

)

select * from final
