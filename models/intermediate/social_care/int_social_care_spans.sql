{# One row per social care source: the return years and the days that its data cover.
   Grain: source.
   Rule: a return year counts that holds at least var year_min_share of the children of the busiest one, so that a slip in one
   year moves nothing; the rows of a year that does not count stay where they are. The days begin with the 1 April of the first
   such year, or with the later day from which its return covers anything, as the seed source_coverage tells. #}

with

return_years as (

    select source, return_year, n_children, max(n_children) over (partition by source) as n_children_busiest
    from {{ ref('int_social_care_return_years') }}

),

spans as (

    select source, min(return_year) as first_return_year, max(return_year) as last_return_year
    from return_years
    where n_children >= {{ var('year_min_share') }} * n_children_busiest
    group by source

),

known as (

    select source, return_year, covered_from_date from {{ ref('source_coverage') }}

),

final as (

    select
        spans.source,
        spans.first_return_year,
        spans.last_return_year,
        coalesce(known.covered_from_date, {{ return_year_first_day('spans.first_return_year') }}) as first_date,
        {{ return_year_last_day('spans.last_return_year') }} as last_date
    from spans
    left join known on spans.source = known.source and spans.first_return_year = known.return_year

)

select * from final
