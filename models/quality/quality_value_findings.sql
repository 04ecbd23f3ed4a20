{# One row per source table, file, return year, column and kind of finding: how many values were not
   taken as delivered.
   Grain: source_table, source_file, return_year, column_name, finding.
   Population: every delivered row of the CLA, CIN and school census tables. #}

with

found as (

    select 'cla.episodes' as source_table, source_file, return_year, value_findings, count(*) as n_rows
    from {{ ref('stg_cla__episodes') }}
    where value_findings is not null
    group by source_file, return_year, value_findings
    union all
    select 'cin.episodes' as source_table, source_file, return_year, value_findings, count(*) as n_rows
    from {{ ref('stg_cin__episodes') }}
    where value_findings is not null
    group by source_file, return_year, value_findings
    union all
    select 'npd.school_census' as source_table, source_file, academic_year_end as return_year, value_findings, count(*) as n_rows
    from {{ ref('stg_npd__school_census') }}
    where value_findings is not null
    group by source_file, academic_year_end, value_findings

),

numbers as (

    -- a row holds a handful of findings at most; each is taken out by its place in the text
    {% for place in range(1, 21) %}
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
