{# One row per social care source and return year: whether the extract holds every episode or the last of each child, and what follows.
   Grain: source, return_year.   Population: return years of CLA and CIN with at least one sound row.
   Rule: a source whose years differ in shape is mixed; each year is used as what it is. Where files of both kinds hold one
   year, a child's rows of the fuller file win, and the other file's are counted here. #}

with

return_years as (

    select * from {{ ref('int_social_care_return_years') }}

),

spread as (

    select source, min(extract_shape) as least_shape, max(extract_shape) as greatest_shape
    from return_years
    group by source

),

files as (

    {% for source in ['cla', 'cin'] -%}
    select
        '{{ source }}' as source,
        return_year,
        count(distinct source_file) as n_files,
        sum(case when ledger_rule_id = 'in_fuller_file' then 1 else 0 end) as n_rows_in_fuller_files
    from {{ ref('int_' ~ source ~ '_rows_marked') }}
    where is_valid_row or ledger_rule_id = 'in_fuller_file'
    group by return_year
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

mixed_years as (

    select distinct source, return_year from {{ ref('int_social_care_files') }} where is_mixed_year

),

final as (

    select
        return_years.source,
        return_years.return_year,
        return_years.extract_shape,
        spread.least_shape <> spread.greatest_shape as is_mixed_source,
        mixed_years.return_year is not null as is_mixed_year,
        cast(files.n_files as bigint) as n_files,
        cast(files.n_rows_in_fuller_files as bigint) as n_rows_in_fuller_files,
        return_years.n_children,
        return_years.n_children_with_several_episodes,
        {{ round_half_up('cast(return_years.n_children_with_several_episodes as double) / return_years.n_children', 4) }} as share_with_several_episodes,
        case when return_years.extract_shape = 'all_episodes' then 'exact' when return_years.source = 'cla' then 'lower_bound' else 'not_available' end
            as durations,
        case when return_years.extract_shape = 'all_episodes' then 'exact' else 'lower_bound' end as counts
    from return_years
    inner join spread on return_years.source = spread.source
    inner join files on return_years.source = files.source and return_years.return_year = files.return_year
    left join mixed_years on return_years.source = mixed_years.source and return_years.return_year = mixed_years.return_year

)

select * from final
