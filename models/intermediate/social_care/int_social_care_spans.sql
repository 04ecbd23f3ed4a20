{# One row per social care source: the return years and the days that its data cover.
   Grain: source.
   Rule: a return year counts that holds at least var year_min_share of the children of the busiest one, so that a slip in one
   year moves nothing; the rows of a year that does not count stay where they are. #}

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

final as (

    select
        source,
        first_return_year,
        last_return_year,
        {{ return_year_first_day('first_return_year') }} as first_date,
        {{ return_year_last_day('last_return_year') }} as last_date
    from spans

)

select * from final
