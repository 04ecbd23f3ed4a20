{# The ledger's rows read against the raw rows, file by file. A file without any rows has no entry in the ledger. #}
with

staged as (

    {% for table in ledgered_tables() -%}
    select '{{ table.source_table }}' as source_table, source_file, count(*) as n_rows
    from {{ ref(table.staged) }}
    group by source_file
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

ledger as (

    select source_table, source_file, sum(n_rows) as n_rows
    from {{ ref('quality_row_ledger') }}
    where rule_id = 'read'
    group by source_table, source_file

),

files as (

    select source_table, source_file, n_rows
    from {{ ref('quality_extract_files') }}
    where file_status = 'read'

)

select
    coalesce(staged.source_table, ledger.source_table, files.source_table) as source_table,
    coalesce(staged.source_file, ledger.source_file, files.source_file) as source_file,
    staged.n_rows as n_rows_staged,
    ledger.n_rows as n_rows_in_ledger,
    files.n_rows as n_rows_of_file
from staged
full outer join ledger on staged.source_table = ledger.source_table and staged.source_file = ledger.source_file
full outer join files on staged.source_table = files.source_table and staged.source_file = files.source_file
where coalesce(staged.n_rows, 0) <> coalesce(ledger.n_rows, 0)
    or coalesce(staged.n_rows, 0) <> coalesce(files.n_rows, 0)
