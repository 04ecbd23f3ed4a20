{# One row per source table, file, return year, column and kind of finding: how many values were not
   taken as delivered.
   Grain: source_table, source_file, return_year, column_name, finding.
   Population: every delivered row of every table whose staging model keeps its findings. #}

with

found as (

    {% for table in ledgered_tables() if table.finds -%}
    select
        '{{ table.source_table }}' as source_table, source_file, {{ table.year }} as return_year, value_findings, count(*) as n_rows
    from {{ ref(table.staged) }}
    where value_findings is not null
    group by source_file, {{ table.year }}, value_findings
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

numbers as (

    -- a row holds a handful of findings at most; each is taken out by its place in the text
    {% for place in range(1, 31) %}
    select {{ place }} as place{{ ' union all' if not loop.last }}
    {% endfor %}

),

single as (

    select
        found.source_table,
        found.source_file,
        found.return_year,
        split_part(found.value_findings, ',', numbers.place) as finding_text,
        found.n_rows
    from found
    inner join numbers
        on numbers.place <= length(found.value_findings) - length(replace(found.value_findings, ',', '')) + 1

),

final as (

    select
        source_table,
        source_file,
        return_year,
        split_part(finding_text, ':', 2) as column_name,
        split_part(finding_text, ':', 1) as finding,
        cast(sum(n_rows) as bigint) as n_values
    from single
    group by source_table, source_file, return_year, split_part(finding_text, ':', 2), split_part(finding_text, ':', 1)

)

select * from final
