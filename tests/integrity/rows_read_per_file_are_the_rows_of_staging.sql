{# The rows of each file in `quality_extract_files` against those of staging: a file whose name two models spell differently stands there without them. #}
with

staged as (

    {% for table in ledgered_tables() -%}
    {# a wide row of exclusions is a row of staging for each of its slots -#}
    {% set n_rows = 'sum(case when is_first_slot then 1 else 0 end)' if table.source_table == 'npd.exclusions' else 'count(*)' -%}
    select '{{ table.source_table }}' as source_table, source_file, {{ n_rows }} as n_rows
    from {{ ref(table.staged) }}
    group by source_file
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

files as (

    select source_table, source_file, n_rows
    from {{ ref('quality_extract_files') }}
    where file_status = 'read'

)

select
    coalesce(staged.source_table, files.source_table) as source_table,
    coalesce(staged.source_file, files.source_file) as source_file,
    staged.n_rows as n_rows_staged,
    files.n_rows as n_rows_of_file
from staged
full outer join files on staged.source_table = files.source_table and staged.source_file = files.source_file
where coalesce(staged.n_rows, 0) <> coalesce(files.n_rows, 0)
