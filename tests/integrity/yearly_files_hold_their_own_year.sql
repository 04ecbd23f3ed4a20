-- The year in the name of a file is that of most of its rows; the rows' own year counts, but here one of the two is wrong.
{{ config(meta={'shows_rows': true}) }}

with

read as (

    select
        source_table,
        source_file,
        return_year,
        {{ academic_year_end_or_of_file("''", 'source_file') }} as year_of_file,
        n_rows
    from {{ ref('quality_row_ledger') }}
    where rule_id = 'read' and source_table like 'npd.%' and return_year is not null

)

select
    source_table,
    source_file,
    year_of_file,
    sum(n_rows) as n_rows,
    sum(case when return_year <> year_of_file then n_rows else 0 end) as n_rows_of_another_year
from read
where year_of_file is not null
group by source_table, source_file, year_of_file
having sum(n_rows) >= {{ var('min_values_to_judge') }}
    and sum(case when return_year <> year_of_file then n_rows else 0 end) > {{ var('max_unknown_share') }} * sum(n_rows)
