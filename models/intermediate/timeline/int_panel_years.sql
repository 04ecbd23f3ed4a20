{# One row per month of birth and school year of the panel: from the year of the fifth birthday (var panel_start_age) to the last that any data reach.
   Grain: notional_birth_date, academic_year_end.   Population: birth months of the children of the extract.
   Rule: the last year is that of the justice, school or social care data, whichever reaches furthest; of a school table a year that
   was delivered (int_education_years_delivered), so that a slip in one year moves nothing.
   A table of its own, so that an engine knows how many rows a pupil will have before it joins the years of millions of them. #}

with

births as (

    select distinct notional_birth_date
    from {{ ref('int_child_attributes_resolved') }}
    where notional_birth_date is not null

),

years as (

    select academic_year_end, first_date, next_first_date from {{ ref('int_academic_years') }}

),

last_years as (

    select max(academic_year_end) as academic_year_end
    from (
        -- follow-up that ends before the data do takes no year away
        select {{ school_year_end_of('greatest(justice_end_date, data_end_date)') }} as academic_year_end from {{ ref('int_justice_period') }}
        union all
        select max(academic_year_end) as academic_year_end from {{ ref('int_education_years_delivered') }}
        union all
        select max(last_return_year) as academic_year_end from {{ ref('int_social_care_spans') }}
    ) as ends

),

final as (

    select
        births.notional_birth_date,
        years.academic_year_end,
        years.first_date,
        years.next_first_date,
        cast({{ age_in_years('births.notional_birth_date', 'years.first_date') }} as smallint) as age_at_start
    from births
    inner join years on years.next_first_date > {{ birthday('births.notional_birth_date', var('panel_start_age')) }}
    inner join last_years on years.academic_year_end <= last_years.academic_year_end

)

select * from final
